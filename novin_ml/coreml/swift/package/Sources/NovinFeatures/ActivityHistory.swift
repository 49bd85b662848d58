// The activity of one home: the twin of novin_ml/features/activity/history.py.

/// What goes on in one home: sensors that follow each other, stay on, or are silent.
///
/// A clock tick stands at each full local hour, and for doors and windows that are open at each full
/// quarter of an hour. At a tick there is a row for each sensor that is on, and one for the silence
/// if nothing started or ended since the tick before. Its size does not grow with the log. Python
/// writes the same form of what a monitor learnt, so that the phone continues it.
public struct ActivityHistory: Sendable {
    /// The home; events of another are refused. Of nil none is.
    public let homeID: String?
    /// Minutes between ticks, and between those of doors and windows that are open.
    public let tickMinutes, doorTickMinutes: Int

    var timeZone = "UTC"
    var counts = ActivityCounts()
    /// Of what was seen last, in milliseconds since 1970.
    var time: Int?
    var offset = 0
    var day = -1
    var previous: SensorName?
    var lastEvent = 0
    var means = RarityPair()
    /// In the order in which they came on.
    var on: [Activation] = []
    var activationCount = 0
    var changed = 0
    var isActive = false
    var silence = 0.0

    /// A sensor that is on; times in milliseconds since 1970.
    struct Activation: Sendable {
        let sensor: SensorName
        let number: Int
        let start: Int
        var end: Int?
        let isDoor: Bool
    }

    private static let minute = 60_000
    private static let hour = 60 * minute
    private static let dayLength = 24 * hour
    private static let forget = 30 * minute
    /// Times further away are refused, as in Python.
    static let furthest = 1e10

    /// Starts with a home of which nothing is known.
    public init(homeID: String? = nil) {
        self.init(homeID: homeID, tickMinutes: 60, doorTickMinutes: 15)
    }

    init(homeID: String?, tickMinutes: Int, doorTickMinutes: Int) {
        self.homeID = homeID
        self.tickMinutes = tickMinutes
        self.doorTickMinutes = doorTickMinutes
    }

    /// Takes the home's next event; returns the rows of the ticks before it, then its own. An event
    /// that ends an activation has no row of its own.
    ///
    /// - Throws: `FeatureError` if the event is of another home, or earlier than what was seen. The
    ///   history is then as it was.
    public mutating func update(with event: Event) throws -> [ActivityRow] {
        if let homeID, event.homeID != Event.unknownHome,
            !homeID.utf8.elementsEqual(event.homeID.utf8)
        {
            throw FeatureError(
                "An event of a history must be of its home, '\(homeID)'. Got one of "
                    + "'\(event.homeID)'. Make one history for each home."
            )
        }
        // A tick for each hour until then: no time of an app's own making may take for ever.
        guard abs(event.timestamp) < Self.furthest else {
            throw FeatureError(
                "The time of an event must be a number of seconds since 1970. Got "
                    + "\(event.timestamp) instead. Leave the event out."
            )
        }
        let step = Step(event)
        try require(step.time, isLater: "event")
        var rows = advance(toTime: step.time)
        time = step.time
        offset = step.offset
        turnDay()
        if step.ends {
            end(step.sensor, at: step.time)
            return rows
        }
        rows.append(row(of: step))
        begin(step)
        change(at: step.time)
        return rows
    }

    /// Lets time pass without an event; returns the rows of all ticks since, up to `to`.
    ///
    /// - Parameter to: Seconds since 1970.
    /// - Throws: `FeatureError` if it is earlier than what was seen, or no time.
    public mutating func advance(to: Double) throws -> [ActivityRow] {
        guard abs(to) < Self.furthest else {
            throw FeatureError(
                "The 'to' parameter must be a number of seconds since 1970. Got \(to) instead."
            )
        }
        let time = wholeMilliseconds(to)
        try require(time, isLater: "tick")
        return advance(toTime: time)
    }

    private func require(_ next: Int, isLater what: String) throws {
        if let time, next < time {
            throw FeatureError(
                "The \(what)s of a history must come in the order of time, the next at "
                    + "\(Double(time) / 1000) s or later. Got one at \(Double(next) / 1000) s. "
                    + "Start again with a new history."
            )
        }
    }

    private mutating func advance(toTime end: Int) -> [ActivityRow] {
        guard var now = time else { return [] }
        var rows: [ActivityRow] = []
        let tick = tickMinutes * Self.minute
        while true {
            let step = on.contains(where: \.isDoor) ? doorTickMinutes * Self.minute : tick
            let next = (dividedDown(now + offset, step).quotient + 1) * step - offset
            if next > end { break }
            endActivations(until: next)
            (now, time) = (next, next)
            let isFull = dividedDown(next + offset, tick).remainder == 0
            rows += stillOn(at: next, isFull: isFull)
            if isFull { quiet(at: next, &rows) }
            turnDay()
        }
        endActivations(until: end)
        time = end
        return rows
    }

    /// Learns what a local day added once the next one has begun.
    private mutating func turnDay() {
        guard let time else { return }
        let today = dividedDown(time + offset, Self.dayLength).quotient
        if today > day {
            counts.endDay()
            day = today
        }
    }

    private mutating func row(of step: Step) -> ActivityRow {
        let hour = localHour(step.time)
        let rarity = RarityPair(
            transition: counts.transition(after: previous, step.sensor),
            sensorHour: counts.sensorHour(step.sensor, hour))
        if previous == nil || step.time - lastEvent > Self.forget { means = counts.means }
        means.transition = 0.8 * means.transition + 0.2 * rarity.transition
        means.sensorHour = 0.8 * means.sensorHour + 0.2 * rarity.sensorHour
        counts.noteEvent(after: previous, step.sensor, hour, rarity)
        (previous, lastEvent) = (step.sensor, step.time)
        return ActivityRow(
            kind: .event, time: step.time, unit: dividedDown(step.time, Self.hour).quotient,
            sensor: step.sensor.text,
            values: [rarity.transition, rarity.sensorHour, means.transition, means.sensorHour])
    }

    private mutating func begin(_ step: Step) {
        if let place = on.firstIndex(where: { $0.sensor == step.sensor }) {
            if let end = step.end { on[place].end = max(on[place].end ?? end, end) }
        } else if step.stays || (step.end ?? step.time) > step.time {
            activationCount += 1
            on.append(
                Activation(
                    sensor: step.sensor, number: activationCount, start: step.time, end: step.end,
                    isDoor: step.isDoor))
        } else if step.end != nil {
            counts.lengthsToday.append(ActivityLength(sensor: step.sensor, length: 0))
        }
    }

    private mutating func end(_ sensor: SensorName, at time: Int) {
        if let place = on.firstIndex(where: { $0.sensor == sensor }) {
            let length = time - on.remove(at: place).start
            counts.lengthsToday.append(ActivityLength(sensor: sensor, length: length))
        }
        change(at: time)
    }

    private mutating func endActivations(until time: Int) {
        let over = on.filter { ($0.end ?? .max) <= time }.map { (end: $0.end ?? time, $0.sensor) }
        for (end, sensor) in over.sorted(by: { $0.end < $1.end }) {
            self.end(sensor, at: end)
        }
    }

    private mutating func change(at time: Int) {
        (changed, isActive, silence) = (time, true, 0)
    }

    private func stillOn(at tick: Int, isFull: Bool) -> [ActivityRow] {
        on.filter { tick > $0.start && (isFull || $0.isDoor) }.map { each in
            let length = tick - each.start
            let rarity = counts.onRarity(each.sensor, length)
            let excess = counts.onExcess(each.sensor, length)
            return ActivityRow(
                kind: .stillOn, time: tick, unit: each.number, sensor: each.sensor.text,
                values: [rarity + excess, Double(length) / 1000, rarity, excess])
        }
    }

    private mutating func quiet(at tick: Int, _ rows: inout [ActivityRow]) {
        let hour = localHour(tick - 1)
        if !isActive {
            silence += counts.silence(hour)
            let silentFor = Double(tick - changed) / 1000
            rows.append(
                ActivityRow(
                    kind: .silence, time: tick, unit: changed, sensor: "",
                    values: [silence, silentFor]))
        }
        counts.noteTick(hour, isActive: isActive)
        isActive = false
    }

    private func localHour(_ time: Int) -> Int {
        dividedDown(dividedDown(time + offset, Self.hour).quotient, 24).remainder
    }
}

/// What a row is about.
public enum AlarmKind: String, Sendable, CaseIterable, Codable {
    case event
    case silence
    case stillOn = "still on"
}

/// A row of a home's activity.
public struct ActivityRow: Equatable, Sendable {
    /// What it is about.
    public let kind: AlarmKind
    /// Milliseconds since 1970.
    public let time: Int
    /// Rows of a kind with the same unit are one alarm: the clock hour of an event, the beginning of
    /// a silence, the number of an activation.
    public let unit: Int
    /// The sensor of the event or activation; empty for a silence.
    public let sensor: String
    /// The columns of its kind; their definitions are those of Python's `ActivityHistory`.
    public let values: [Float]

    init(kind: AlarmKind, time: Int, unit: Int, sensor: String, values: [Double]) {
        self.kind = kind
        self.time = time
        self.unit = unit
        self.sensor = sensor
        self.values = values.map { Float($0) }
    }
}

/// What a history takes of an event.
private struct Step {
    let time, offset: Int
    let sensor: SensorName
    let isDoor, ends: Bool
    /// When what begins will have ended; nil if that is not known yet.
    let end: Int?
    /// Whether the sensor stays on until it goes off.
    let stays: Bool

    init(_ event: Event) {
        time = wholeMilliseconds(event.timestamp)
        offset = event.utcOffset.isNaN ? 0 : wholeMilliseconds(Double(event.utcOffset))
        let what = event.type.isEmpty ? event.kind.name : event.type
        let place = event.location ?? ""
        sensor = SensorName(text: place.isEmpty ? what : "\(what) at \(place)")
        isDoor = ["door", "window"].contains(event.kind.name)
        let state = event.state?.name
        ends = state == "off" || state == "closed"
        var known: Int?
        if !event.end.isNaN {
            known = wholeMilliseconds(event.end)
        } else if !event.duration.isNaN {
            known = time + wholeMilliseconds(Double(event.duration))
        }
        end = ends ? nil : known
        stays = known == nil && (state == "on" || state == "open")
    }
}
