// How a home's activity is kept: the form that novin_ml.features.ActivityHistory.to_dict writes too.

extension ActivityHistory: Codable {
    /// More than any count or time in milliseconds, and few enough to be added up.
    private static let largest = 1 << 48

    private enum Keys: String, CodingKey {
        case time, offset, day, previous, means, changed, silence, timezone, on, counts
        case lastEvent = "last_event"
        case activationCount = "n_activations"
        case isActive = "is_active"
        case homeID = "home_id"
        case tickMinutes = "tick_minutes"
        case doorTickMinutes = "door_tick_minutes"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(homeID, forKey: .homeID)
        try values.encode(timeZone, forKey: .timezone)
        try values.encode(tickMinutes, forKey: .tickMinutes)
        try values.encode(doorTickMinutes, forKey: .doorTickMinutes)
        try values.encode(time, forKey: .time)
        try values.encode(offset, forKey: .offset)
        try values.encode(day, forKey: .day)
        try values.encode(previous?.text, forKey: .previous)
        try values.encode(lastEvent, forKey: .lastEvent)
        try values.encode([means.transition, means.sensorHour], forKey: .means)
        try values.encode(activationCount, forKey: .activationCount)
        try values.encode(changed, forKey: .changed)
        try values.encode(isActive, forKey: .isActive)
        try values.encode(silence, forKey: .silence)
        // Names are no keys: Swift takes two for one if only their letters are composed otherwise.
        try values.encode(on.map(ActivationForm.init), forKey: .on)
        try values.encode(CountsForm(counts), forKey: .counts)
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        self.init(
            homeID: try values.decode(String?.self, forKey: .homeID),
            tickMinutes: try values.decode(Int.self, forKey: .tickMinutes),
            doorTickMinutes: try values.decode(Int.self, forKey: .doorTickMinutes))
        timeZone = try values.decode(String.self, forKey: .timezone)
        time = try values.decode(Int?.self, forKey: .time)
        offset = try values.decode(Int.self, forKey: .offset)
        day = try values.decode(Int.self, forKey: .day)
        previous = try values.decode(String?.self, forKey: .previous).map(SensorName.init)
        lastEvent = try values.decode(Int.self, forKey: .lastEvent)
        let means = try values.decode([Double].self, forKey: .means)
        activationCount = try values.decode(Int.self, forKey: .activationCount)
        changed = try values.decode(Int.self, forKey: .changed)
        isActive = try values.decode(Bool.self, forKey: .isActive)
        silence = try values.decode(Double.self, forKey: .silence)
        on = try values.decode([ActivationForm].self, forKey: .on)
            .map(\.activation)
            .sorted { $0.number < $1.number }
        counts = try values.decode(CountsForm.self, forKey: .counts).counts
        let times =
            [time ?? 0, offset, day, lastEvent, changed] + on.map(\.start)
            + on.compactMap(\.end)
        let numbers =
            [activationCount] + on.map(\.number) + counts.cells.values
            + counts.longest.values + counts.lengthsToday.map(\.length)
        // A damaged file must not end the app.
        guard means.count == 2, times.allSatisfy({ Double($0).magnitude <= 1000 * Self.furthest }),
            numbers.allSatisfy({ (0...Self.largest).contains($0) }),
            (1...1440).contains(tickMinutes), 1440 % tickMinutes == 0,
            (1...tickMinutes).contains(doorTickMinutes), tickMinutes % doorTickMinutes == 0
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: values,
                debugDescription: "The numbers of a history must be those of events and ticks. "
                    + "Got others. Write the history again."
            )
        }
        self.means = RarityPair(transition: means[0], sensorHour: means[1])
    }
}

/// An activation as it is kept: its sensor, number, start, end, and whether it is of a door.
private struct ActivationForm: Codable {
    let sensor: String
    let number, start: Int
    let end: Int?
    let isDoor: Bool

    init(_ activation: ActivityHistory.Activation) {
        sensor = activation.sensor.text
        (number, start) = (activation.number, activation.start)
        (end, isDoor) = (activation.end, activation.isDoor)
    }

    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        sensor = try values.decode(String.self)
        number = try values.decode(Int.self)
        start = try values.decode(Int.self)
        end = try values.decode(Int?.self)
        isDoor = try values.decode(Bool.self)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(sensor)
        try values.encode(number)
        try values.encode(start)
        try values.encode(end)
        try values.encode(isDoor)
    }

    var activation: ActivityHistory.Activation {
        .init(
            sensor: SensorName(text: sensor), number: number, start: start, end: end,
            isDoor: isDoor)
    }
}

/// Counts as they are kept.
private struct CountsForm: Codable {
    let cells: [Counted]
    let longest: [LengthForm]
    let sums, sumsToday: Sums
    let today: [CellForm]
    let lengthsToday: [LengthForm]

    enum CodingKeys: String, CodingKey {
        case cells, longest, sums, today
        case sumsToday = "sums_today"
        case lengthsToday = "lengths_today"
    }

    struct Sums: Codable {
        let transition, sensorHour: Double

        enum CodingKeys: String, CodingKey {
            case transition
            case sensorHour = "sensor_hour"
        }

        init(_ pair: RarityPair) { (transition, sensorHour) = (pair.transition, pair.sensorHour) }

        var pair: RarityPair { RarityPair(transition: transition, sensorHour: sensorHour) }
    }

    init(_ counts: ActivityCounts) {
        cells = counts.cells.map { Counted(cell: CellForm(cell: $0.key), count: $0.value) }
        longest = counts.longest.map {
            LengthForm(length: ActivityLength(sensor: $0.key, length: $0.value))
        }
        sums = Sums(counts.sums)
        sumsToday = Sums(counts.sumsToday)
        today = counts.today.map(CellForm.init)
        lengthsToday = counts.lengthsToday.map { LengthForm(length: $0) }
    }

    var counts: ActivityCounts {
        var counts = ActivityCounts()
        for each in cells { counts.cells[each.cell.cell] = each.count }
        for each in longest { counts.longest[each.length.sensor] = each.length.length }
        (counts.sums, counts.sumsToday) = (sums.pair, sumsToday.pair)
        counts.today = today.map(\.cell)
        for case .sensor(let sensor) in counts.today { counts.sensorsToday.insert(sensor) }
        counts.lengthsToday = lengthsToday.map(\.length)
        return counts
    }
}

/// A cell and its count: `[["hour", 7], 12]`.
private struct Counted: Codable {
    let cell: CellForm
    let count: Int

    init(cell: CellForm, count: Int) {
        self.cell = cell
        self.count = count
    }

    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        cell = try values.decode(CellForm.self)
        count = try values.decode(Int.self)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(cell)
        try values.encode(count)
    }
}

/// A sensor and a length: `["door at hall", 1200]`.
private struct LengthForm: Codable {
    let length: ActivityLength

    init(length: ActivityLength) { self.length = length }

    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        let sensor = SensorName(text: try values.decode(String.self))
        length = ActivityLength(sensor: sensor, length: try values.decode(Int.self))
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        try values.encode(length.sensor.text)
        try values.encode(length.length)
    }
}

/// The table of a cell, and what it counts: `["transition", "door at hall", "lamp at hall"]`.
private struct CellForm: Codable {
    let cell: ActivityCell

    init(cell: ActivityCell) { self.cell = cell }

    init(from decoder: any Decoder) throws {
        var values = try decoder.unkeyedContainer()
        let table = try values.decode(String.self)
        func sensor() throws -> SensorName { SensorName(text: try values.decode(String.self)) }
        func number() throws -> Int { try values.decode(Int.self) }
        switch table {
        case "events": cell = .events
        case "sensors": cell = .sensors
        case "sensor": cell = .sensor(try sensor())
        case "hour": cell = .hour(try number())
        case "sensor_hour": cell = .sensorHour(try sensor(), try number())
        case "transition": cell = .transition(try sensor(), try sensor())
        case "from": cell = .from(try sensor())
        case "tick": cell = .tick(try number())
        case "active": cell = .active(try number())
        case "length": cell = .length(try sensor(), try number())
        case "lengths": cell = .lengths(try sensor())
        default:
            throw DecodingError.dataCorruptedError(
                in: values,
                debugDescription: "A cell of a history must be one that it counts in. "
                    + "Got '\(table)' instead. Write the history again."
            )
        }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.unkeyedContainer()
        func write(_ table: String, _ sensors: [SensorName] = [], _ number: Int? = nil) throws {
            try values.encode(table)
            for sensor in sensors { try values.encode(sensor.text) }
            if let number { try values.encode(number) }
        }
        switch cell {
        case .events: try write("events")
        case .sensors: try write("sensors")
        case .sensor(let sensor): try write("sensor", [sensor])
        case .hour(let hour): try write("hour", [], hour)
        case .sensorHour(let sensor, let hour): try write("sensor_hour", [sensor], hour)
        case .transition(let from, let to): try write("transition", [from, to])
        case .from(let sensor): try write("from", [sensor])
        case .tick(let hour): try write("tick", [], hour)
        case .active(let hour): try write("active", [], hour)
        case .length(let sensor, let place): try write("length", [sensor], place)
        case .lengths(let sensor): try write("lengths", [sensor])
        }
    }
}
