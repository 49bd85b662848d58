// How an event is kept and compared: what is missing is absent, and equals what is missing.

extension Event: Hashable, Codable, Identifiable {
    /// The same for the same sensor of a home at the same time.
    public var id: String { "\(homeID)|\(timestamp)|\(type)|\(location ?? "")" }

    public static func == (one: Event, other: Event) -> Bool { one.stored == other.stored }

    public func hash(into hasher: inout Hasher) { hasher.combine(stored) }

    /// - Throws: `DecodingError` if a kind, zone, mode or state is none of the vocabulary.
    public init(from decoder: any Decoder) throws {
        let stored = try StoredEvent(from: decoder)
        func found<Value: CaseIterable>(_ name: String, by path: KeyPath<Value, String>) throws
            -> Value
        {
            guard let value = Value.allCases.first(where: { $0[keyPath: path] == name }) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: decoder.codingPath,
                        debugDescription: "An event must be of the vocabulary \(Vocabulary.name). "
                            + "Got \(name). Forget what was kept with another vocabulary."))
            }
            return value
        }
        self.init(
            homeID: stored.homeID, type: stored.type, timestamp: stored.timestamp,
            utcOffset: stored.utcOffset ?? .nan, confidence: stored.confidence ?? .nan,
            location: stored.location,
            homeMode: try stored.homeMode.map { try found($0, by: \HomeMode.name) },
            duration: stored.duration ?? .nan, energy: stored.energy ?? .nan,
            raw: stored.raw.map { $0.map { $0 ?? .nan } }, sampleRate: stored.sampleRate,
            consent: stored.consent,
            state: try stored.state.map { try found($0, by: \SensorState.name) },
            end: stored.end ?? .nan)
        kind = try found(stored.kind, by: \EventKind.name)
        zone = try found(stored.zone, by: \Zone.name)
        sensor = stored.sensor
    }

    public func encode(to encoder: any Encoder) throws { try stored.encode(to: encoder) }

    private var stored: StoredEvent {
        StoredEvent(
            homeID: homeID, type: type, kind: kind.name, timestamp: timestamp,
            utcOffset: known(utcOffset), confidence: known(confidence), location: location,
            zone: zone.name, sensor: sensor, homeMode: homeMode?.name, duration: known(duration),
            energy: known(energy), raw: raw.map { $0.map(known) }, sampleRate: sampleRate,
            consent: consent, state: state?.name, end: end.isNaN ? nil : end)
    }

    private func known(_ number: Float) -> Float? { number.isNaN ? nil : number }
}

private struct StoredEvent: Hashable, Codable {
    let homeID, type, kind: String
    let timestamp: Double
    let utcOffset, confidence: Float?
    let location: String?
    let zone: String
    let sensor: Int
    let homeMode: String?
    let duration, energy: Float?
    let raw: [Float?]?
    let sampleRate: Float
    let consent: Bool
    let state: String?
    let end: Double?
}
