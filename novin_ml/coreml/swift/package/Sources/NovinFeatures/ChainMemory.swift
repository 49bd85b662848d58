import Foundation

// What sensors did in a chain and before it: the twin of novin_ml/features/chains/memory.py, in the
// same order of operations.

/// The sensors and zones that have columns of their own, for a model that was trained with them.
///
/// A model brings their names in its metadata; `EventChainPredictor.memory` has them.
public struct ChainMemory: Equatable, Sendable {
    /// Names of the sensors: those of `Vocabulary.sensors` if it names any, or else types and
    /// locations, such as `motion at hall`.
    public let sensors: [String]
    /// Names of the zones.
    public let zones: [String]
    /// Seconds after which what happened counts half; nil if there is no column of what was before.
    public let halfAfter: Double?

    /// Place of each sensor by its name in UTF-8: Swift takes texts for equal that Python does not.
    private let sensorPlaces: [[UInt8]: Int]
    /// Place of each zone, by its code; nil of those without columns.
    private let zonePlaces: [Int?]

    /// The longest time since something that is told apart, in seconds: a week.
    private static let longest = 604_800.0
    /// How many sensors before the last event are told.
    static let sensorsBefore = 2

    /// Names the columns.
    ///
    /// - Parameters:
    ///   - sensors: Different names.
    ///   - zones: Different names of zones of the vocabulary.
    ///   - halfAfter: Seconds, more than 0.
    /// - Throws: `FeatureError` if a zone is not known, or the seconds are none.
    public init(sensors: [String], zones: [String] = [], halfAfter: Double? = nil) throws {
        if let halfAfter, !(halfAfter > 0) || halfAfter == .infinity {
            throw FeatureError(
                "The memory of a model must be a number of seconds. Got \(halfAfter). Export it again."
            )
        }
        var zonePlaces = [Int?](repeating: nil, count: Zone.allCases.count)
        for (place, name) in zones.enumerated() {
            guard let zone = Zone.allCases.first(where: { $0.name == name }) else {
                throw FeatureError(
                    "The zones of a model must be of the vocabulary \(Vocabulary.name). "
                        + "Got '\(name)'. Write the package of the model again."
                )
            }
            zonePlaces[zone.rawValue] = place
        }
        self.sensors = sensors
        self.zones = zones
        self.halfAfter = halfAfter
        self.zonePlaces = zonePlaces
        sensorPlaces = Dictionary(
            sensors.enumerated().map { (Array($1.utf8), $0) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Computes the columns of a chain, in the order of `specs`.
    func columns(of chain: Chain) -> [Double] {
        let own = chain.events.map { LoggedEvent($0) }
        // Chains with consent must not use events without it.
        let isOpen = chain.events.allSatisfy(\.consent)
        let before = isOpen ? chain.before.filter { $0.event.consent } : Array(chain.before)
        let log: [LoggedEvent] = before + own
        let sensor = log.map { sensorPlaces[$0.event.sender] ?? -1 }
        let zone = log.map { zonePlaces[$0.event.zone.rawValue] ?? -1 }
        let begin = before.count
        var columns: [Double] = []
        if !sensors.isEmpty {
            columns += counts(sensor[begin...], sensors.count)
            columns.append(orMissing(sensor[log.count - 1]))
        }
        columns += counts(zone[begin...], zones.count)
        guard let halfAfter else { return columns }
        let at = log.count - 1
        if !sensors.isEmpty {
            for number in 1...Self.sensorsBefore {
                columns.append(at >= number ? orMissing(sensor[at - number]) : .nan)
            }
        }
        let (first, last) = (log[begin].event.timestamp, log[at].event.timestamp)
        let ends = lastEnds(log, byConsent: isOpen)
        var longestEnd = [Double](repeating: -.infinity, count: sensors.count)
        var endCount = [Double](repeating: 0, count: sensors.count)
        var sensorTime = [Double?](repeating: nil, count: sensors.count)
        var zoneTime = [Double?](repeating: nil, count: zones.count)
        for (number, each) in log.enumerated() {
            if zone[number] >= 0 && number < at { zoneTime[zone[number]] = each.event.timestamp }
            guard sensor[number] >= 0, each.event.stateCode != 0 else { continue }
            let end = ends[number]
            if end >= first && end < last { endCount[sensor[number]] += 1 }
            guard number < at else { continue }
            sensorTime[sensor[number]] = each.event.timestamp
            if end > longestEnd[sensor[number]] { longestEnd[sensor[number]] = end }
        }
        for place in sensors.indices {
            let since = since(sensorTime[place], last)
            columns += [
                longestEnd[place] >= last ? 1 : 0, endCount[place],
                since > Self.longest ? Self.longest : since, recent(since, halfAfter),
            ]
        }
        return columns + zones.indices.map { recent(since(zoneTime[$0], last), halfAfter) }
    }

    private func counts(_ places: ArraySlice<Int>, _ count: Int) -> [Double] {
        var counts = [Double](repeating: 0, count: count)
        for place in places where place >= 0 { counts[place] += 1 }
        return counts
    }

    private func orMissing(_ place: Int) -> Double { place < 0 ? .nan : Double(place) }

    /// Seconds from a time to the last event, NaN if there is none.
    private func since(_ time: Double?, _ last: Double) -> Double {
        guard let time else { return .nan }
        return ((last - time) * 1000).rounded(.toNearestOrEven) / 1000
    }

    private func recent(_ since: Double, _ halfAfter: Double) -> Double {
        since.isNaN ? 0 : halfAfter / (halfAfter + since)
    }
}

extension ChainMemory {
    /// What the features are, in the order of the columns, behind those of `FeatureSpecs.chains`.
    public var specs: [FeatureSpec] {
        let keys = identifiers(sensors)
        let most = Double(Chain.maxEvents)
        var specs = zip(keys, sensors).map { key, name in
            spec("n_sensor_\(key)", high: most, "events of the sensor \(name)")
        }
        if !sensors.isEmpty { specs.append(code("sensor_last", "last event")) }
        specs += zones.map { spec("n_zone_\($0)", high: most, "events at the zone \($0)") }
        guard let halfAfter else { return specs }
        if !sensors.isEmpty {
            specs.append(code("sensor_before_1", "last event before T"))
            specs.append(code("sensor_before_2", "event before that"))
        }
        let half = String(format: "%g", halfAfter)
        for (key, name) in zip(keys, sensors) {
            let began = "last event before T with which \(name) was not off"
            specs += [
                spec("on_sensor_\(key)", high: 1, "1 if \(name) is on since before T, else 0"),
                spec(
                    "ends_sensor_\(key)", high: .infinity,
                    "activations of \(name) that ended from the first event of the chain on, before T"
                ),
                spec(
                    "since_sensor_\(key)", unit: "s", high: Self.longest,
                    "min(T - time of the \(began), a week); missing if none"),
                spec(
                    "recent_sensor_\(key)", high: 1,
                    "\(half) / (\(half) + T - time of the \(began)); 0 if none"),
            ]
        }
        return specs
            + zones.map { name in
                spec(
                    "recent_zone_\(name)", high: 1,
                    "\(half) / (\(half) + T - time of the last event before T at \(name)); 0 if none"
                )
            }
    }

    private func spec(
        _ name: String, unit: String = "1", high: Double, _ meaning: String
    ) -> FeatureSpec {
        FeatureSpec(name: name, unit: unit, low: 0, high: high, meaning: meaning)
    }

    private func code(_ name: String, _ event: String) -> FeatureSpec {
        spec(
            name, unit: "code", high: Double(sensors.count - 1),
            "position of the \(event)'s sensor in (\(sensors.joined(separator: ", "))); "
                + "missing if it is none")
    }
}

/// Names as parts of identifiers, in small letters; equal ones are numbered.
private func identifiers(_ names: [String]) -> [String] {
    var found: [String] = []
    for name in names {
        var stem: [UInt8] = []
        for byte in lowercased(name) {
            let isKept = (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            if isKept {
                stem.append(byte)
            } else if let last = stem.last, last != UInt8(ascii: "_") {
                stem.append(UInt8(ascii: "_"))
            }
        }
        if stem.last == UInt8(ascii: "_") { stem.removeLast() }
        let word = stem.isEmpty ? "sensor" : String(decoding: stem, as: UTF8.self)
        var (key, number) = (word, 1)
        while found.contains(key) {
            number += 1
            key = "\(word)_\(number)"
        }
        found.append(key)
    }
    return found
}
