// What a home did on earlier days, in counts: the twin of novin_ml/features/activity/_counts.py.

/// The name of a sensor. Names are compared scalar by scalar, as in Python.
struct SensorName: Hashable, Sendable {
    let text: String

    static func == (one: SensorName, other: SensorName) -> Bool {
        one.text.utf8.elementsEqual(other.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }
}

/// A cell of one of the tables in which a home's activity is counted.
enum ActivityCell: Hashable, Sendable {
    case events
    case sensors
    case sensor(SensorName)
    case hour(Int)
    case sensorHour(SensorName, Int)
    case transition(SensorName, SensorName)
    case from(SensorName)
    case tick(Int)
    case active(Int)
    case length(SensorName, Int)
    case lengths(SensorName)
}

/// How long a sensor was on, in milliseconds.
struct ActivityLength: Sendable {
    let sensor: SensorName
    let length: Int
}

/// Two rarities of an event, or sums of them over events.
struct RarityPair: Sendable {
    var transition = 0.0
    var sensorHour = 0.0
}

/// Counts of earlier days; what a day adds is learnt when it is over.
struct ActivityCounts: Sendable {
    /// Half octaves of seconds in which lengths are counted.
    static let lengthCount = 40
    private static let leastLongest = 60_000

    var cells: [ActivityCell: Int] = [:]
    var longest: [SensorName: Int] = [:]
    var sums = RarityPair()
    var today: [ActivityCell] = []
    var sensorsToday: Set<SensorName> = []
    var lengthsToday: [ActivityLength] = []
    var sumsToday = RarityPair()

    func count(_ cell: ActivityCell) -> Int { cells[cell] ?? 0 }

    mutating func endDay() {
        for cell in today { cells[cell, default: 0] += 1 }
        for each in lengthsToday {
            cells[.length(each.sensor, Self.halfOctave(each.length)), default: 0] += 1
            cells[.lengths(each.sensor), default: 0] += 1
            longest[each.sensor] = max(each.length, longest[each.sensor] ?? 0)
        }
        sums.transition += sumsToday.transition
        sums.sensorHour += sumsToday.sensorHour
        sumsToday = RarityPair()
        today.removeAll()
        sensorsToday.removeAll()
        lengthsToday.removeAll()
    }

    /// Means of the rarities over the events of earlier days; 0 without any.
    var means: RarityPair {
        let events = Double(count(.events))
        if events == 0 { return RarityPair() }
        return RarityPair(
            transition: sums.transition / events, sensorHour: sums.sensorHour / events)
    }

    /// How rare it is that a sensor follows another, in bits.
    func transition(after previous: SensorName?, _ sensor: SensorName) -> Double {
        guard let previous else { return 0 }
        let sensors = Double(count(.sensors) + 1)  // one of them was never seen
        let share =
            (Double(count(.sensor(sensor))) + 0.5) / (Double(count(.events)) + 0.5 * sensors)
        let follows = Double(count(.transition(previous, sensor))) + 2 * share
        return lineLog2(Double(count(.from(previous)) + 2) / follows)
    }

    /// How rare the hour is for a sensor, in bits: below 0 if it is a usual one.
    func sensorHour(_ sensor: SensorName, _ hour: Int) -> Double {
        let all = around(hour) { .hour($0) }
        let own = around(hour) { .sensorHour(sensor, $0) }
        let here = own + 2 * ((all + 0.1) / (Double(count(.events)) + 2.4))
        return lineLog2(Double(count(.sensor(sensor)) + 2) / (24 * here))
    }

    /// How rare a tick of the hour without a start or end is, in bits.
    func silence(_ hour: Int) -> Double {
        let (ticks, active) = (count(.tick(hour)), count(.active(hour)))
        return lineLog2(Double(ticks + 1) / (Double(ticks - active) + 0.5))
    }

    /// How rare an activation of at least this length is, in bits.
    func onRarity(_ sensor: SensorName, _ length: Int) -> Double {
        let longer = (Self.halfOctave(length)..<Self.lengthCount).reduce(0) {
            $0 + count(.length(sensor, $1))
        }
        return lineLog2(Double(count(.lengths(sensor)) + 1) / (Double(longer) + 0.5))
    }

    /// By how much a length exceeds the longest one of a sensor, in bits.
    func onExcess(_ sensor: SensorName, _ length: Int) -> Double {
        let longest = max(longest[sensor] ?? 0, Self.leastLongest)
        return length > longest ? lineLog2(Double(length) / Double(longest)) : 0
    }

    mutating func noteEvent(
        after previous: SensorName?, _ sensor: SensorName, _ hour: Int, _ rarity: RarityPair
    ) {
        let isFirstToday = sensorsToday.insert(sensor).inserted
        if isFirstToday, count(.sensor(sensor)) == 0 { today.append(.sensors) }
        today += [.events, .sensor(sensor), .hour(hour), .sensorHour(sensor, hour)]
        if let previous { today += [.transition(previous, sensor), .from(previous)] }
        sumsToday.transition += rarity.transition
        sumsToday.sensorHour += rarity.sensorHour
    }

    /// Counts a tick of today, and whether anything started or ended before it.
    mutating func noteTick(_ hour: Int, isActive: Bool) {
        today.append(.tick(hour))
        if isActive { today.append(.active(hour)) }
    }

    /// The number of the half octave of seconds that a length in milliseconds is in.
    static func halfOctave(_ length: Int) -> Int {
        min(Int(2 * lineLog2(max(Double(length) / 1000, 1))), lengthCount - 1)
    }

    /// The count of an hour, half of it lent to the hours beside it.
    private func around(_ hour: Int, _ cell: (Int) -> ActivityCell) -> Double {
        let (before, after) = ((hour + 23) % 24, (hour + 1) % 24)
        return Double(2 * count(cell(hour)) + count(cell(before)) + count(cell(after))) / 4
    }
}
