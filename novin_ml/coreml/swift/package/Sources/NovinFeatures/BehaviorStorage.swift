// How a home's history is kept: the form that novin_ml.features.BehaviorHistory.to_dict writes too.
// Kinds, zones and modes stand by their names, so that a history outlives changes of the tables;
// what a table no longer knows counts as `other` or `unknown`.

extension BehaviorHistory: Codable {
    /// More than any count or time in milliseconds, and few enough to be added up.
    private static let largest = 1 << 48

    private enum Keys: String, CodingKey {
        case homeID = "home_id"
        case events, time, first, last, previous, rarities, minutes, present, counts
        case lastOfKind = "last_of_kind"
    }

    public func encode(to encoder: Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(homeID, forKey: .homeID)
        try values.encode(eventCount, forKey: .events)
        try values.encode(time, forKey: .time)
        try values.encode(first, forKey: .first)
        try values.encode(last, forKey: .last)
        let lastOfKind = lastOfKind.map { ($0.key.name, $0.value) }
        try values.encode(Dictionary(uniqueKeysWithValues: lastOfKind), forKey: .lastOfKind)
        try values.encode(previous.map(\.text), forKey: .previous)
        try values.encode(rarities, forKey: .rarities)
        try values.encode(minutes.map { [$0.minute, $0.count] }, forKey: .minutes)
        try values.encode(present.map(SeenForm.init), forKey: .present)
        let counts = counts.map { ($0.key.text, $0.value) }
        try values.encode(Dictionary(uniqueKeysWithValues: counts), forKey: .counts)
    }

    public init(from decoder: Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        self.init(homeID: try values.decode(String?.self, forKey: .homeID))
        eventCount = try values.decode(Int.self, forKey: .events)
        time = try values.decode(Int.self, forKey: .time)
        first = try values.decode(Int.self, forKey: .first)
        last = try values.decode(Int.self, forKey: .last)
        for (name, time) in try values.decode([String: Int].self, forKey: .lastOfKind) {
            lastOfKind[EventKind(stored: name), default: 0].formMaximum(time)
        }
        previous = try values.decode(String?.self, forKey: .previous).map {
            KindAtZone(stored: $0.split(separator: " "))
        }
        rarities = try values.decode([Int].self, forKey: .rarities)
        for minute in try values.decode([[Int]].self, forKey: .minutes) where minute.count == 2 {
            minutes.append(MinuteCount(minute: minute[0], count: minute[1]))
        }
        present = try values.decode([SeenForm].self, forKey: .present).map(\.seen)
        countBefore = eventCount &- present.count
        for (text, number) in try values.decode([String: Int].self, forKey: .counts) {
            guard let cell = Cell(stored: text) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .counts, in: values,
                    debugDescription: "A cell of a history must be one that it counts in. "
                        + "Got '\(text)' instead. Write the history again."
                )
            }
            counts[cell, default: 0] &+= number
        }
        try require(values)
    }

    /// Throws unless all numbers are such as events give; a damaged file must not end the app.
    private func require(_ values: KeyedDecodingContainer<Keys>) throws {
        let times = [time, first, last] + lastOfKind.values + minutes.map(\.minute)
        let numbers =
            [eventCount, countBefore] + rarities + present.map(\.rarity) + counts.values
            + minutes.map(\.count)
        guard times.allSatisfy({ (-1...Self.largest).contains($0) }),
            numbers.allSatisfy({ (0...Self.largest).contains($0) }),
            present.allSatisfy({ (-Moment.day...Moment.day).contains($0.offset) }),
            rarities.count <= Past.recentCount
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .time, in: values,
                debugDescription: "The numbers of a history must be those of events. "
                    + "Got others. Write the history again."
            )
        }
    }
}

/// An event of the present instant, as it is kept.
private struct SeenForm: Codable {
    let kind: String
    let zone: String
    let mode: String?
    let offset: Int
    let rarity: Int

    init(_ seen: Seen) {
        kind = seen.pair.kind.name
        zone = seen.pair.zone.name
        mode = seen.mode?.name
        offset = seen.offset
        rarity = seen.rarity
    }

    var seen: Seen {
        let pair = KindAtZone(kind: EventKind(stored: kind), zone: Zone(stored: zone))
        let mode = HomeMode.allCases.first { $0.name == self.mode }
        return Seen(pair: pair, mode: mode, offset: offset, rarity: rarity)
    }
}

extension Cell {
    /// The table and the position in it, such as "pair_hour motion porch 7".
    var text: String {
        switch self {
        case .pair(let pair): "pair \(pair.text)"
        case .pairHour(let pair, let hour): "pair_hour \(pair.text) \(hour)"
        case .pairMode(let pair, let mode): "pair_mode \(pair.text) \(text(of: mode))"
        case .pairModeHour(let pair, let mode, let hour):
            "pair_mode_hour \(pair.text) \(text(of: mode)) \(hour)"
        case .hour(let hour): "hour \(hour)"
        case .week(let zone, let isWeekend, let hour):
            "week \(zone.name) \(isWeekend ? "weekend" : "weekday") \(hour)"
        case .previous(let pair): "previous \(text(of: pair))"
        case .order(let previous, let pair): "order \(text(of: previous)) \(pair.text)"
        }
    }

    /// Reads `text`; nil if it is none.
    init?(stored text: String) {
        let parts = text.split(separator: " ")
        func pair(_ at: Int) -> KindAtZone { KindAtZone(stored: parts[at...(at + 1)]) }
        func previous(_ at: Int) -> KindAtZone? { parts[at] == "-" ? nil : pair(at) }
        func mode(_ at: Int) -> HomeMode? { HomeMode.allCases.first { $0.name == parts[at] } }
        func hour(_ at: Int) -> Int? { Int(parts[at]).flatMap { (0..<24).contains($0) ? $0 : nil } }
        switch (parts.first, parts.count) {
        case ("pair", 3):
            self = .pair(pair(1))
        case ("pair_hour", 4):
            guard let hour = hour(3) else { return nil }
            self = .pairHour(pair(1), hour: hour)
        case ("pair_mode", 4):
            self = .pairMode(pair(1), mode(3))
        case ("pair_mode_hour", 5):
            guard let hour = hour(4) else { return nil }
            self = .pairModeHour(pair(1), mode(3), hour: hour)
        case ("hour", 2):
            guard let hour = hour(1) else { return nil }
            self = .hour(hour)
        case ("week", 4):
            guard let hour = hour(3) else { return nil }
            self = .week(Zone(stored: parts[1]), isWeekend: parts[2] == "weekend", hour: hour)
        case ("previous", 3):
            self = .previous(previous(1))
        case ("order", 5):
            self = .order(previous: previous(1), pair(3))
        default:
            return nil
        }
    }

    private func text(of mode: HomeMode?) -> String { mode?.name ?? "-" }
    private func text(of pair: KindAtZone?) -> String { pair?.text ?? "- -" }
}

extension KindAtZone {
    var text: String { "\(kind.name) \(zone.name)" }

    init(stored parts: ArraySlice<Substring>) {
        self.init(
            kind: EventKind(stored: parts.first ?? ""), zone: Zone(stored: parts.last ?? "")
        )
    }

    init(stored parts: [Substring]) { self.init(stored: parts[...]) }
}

extension EventKind {
    init(stored name: some StringProtocol) {
        self = EventKind.allCases.first { $0.name == name } ?? .other
    }
}

extension Zone {
    init(stored name: some StringProtocol) {
        self = Zone.allCases.first { $0.name == name } ?? .unknown
    }
}

extension Int {
    fileprivate mutating func formMaximum(_ other: Int) { self = Swift.max(self, other) }
}
