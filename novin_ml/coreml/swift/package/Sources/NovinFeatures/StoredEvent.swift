/// An event as a stream keeps it between launches of an app. What is missing is left out, since JSON
/// has no NaN; kind, zone and sensor are found again, so that it outlives changes of the tables.
struct StoredEvent: Codable, Sendable {
    private let homeID, type: String
    private let timestamp: Double
    private let utcOffset, confidence, duration, energy: Float?
    private let location, homeMode: String?
    private let raw: [Float?]?
    private let sampleRate: Float
    private let consent: Bool
    private let stateCode: Int
    private let end: Double?

    init(_ event: Event) {
        func known(_ value: Float) -> Float? { value.isFinite ? value : nil }
        homeID = event.homeID
        type = event.type
        timestamp = event.timestamp
        utcOffset = known(event.utcOffset)
        confidence = known(event.confidence)
        duration = known(event.duration)
        energy = known(event.energy)
        location = event.location
        homeMode = event.homeMode?.name
        raw = event.raw?.map(known)
        sampleRate = known(event.sampleRate) ?? 0
        consent = event.consent
        stateCode = event.stateCode
        end = event.end.isFinite ? event.end : nil
    }

    var event: Event {
        Event(
            homeID: homeID, type: type, timestamp: timestamp, utcOffset: utcOffset ?? .nan,
            confidence: confidence ?? .nan, location: location,
            homeMode: HomeMode.allCases.first { $0.name == homeMode }, duration: duration ?? .nan,
            energy: energy ?? .nan, raw: raw?.map { $0 ?? .nan }, sampleRate: sampleRate,
            consent: consent, state: stateCode < 0 ? nil : stateCode == 1 ? .on : .off,
            end: end ?? .nan)
    }
}
