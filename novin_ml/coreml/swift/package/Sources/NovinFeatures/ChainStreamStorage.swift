// How a stream of chains is kept, so that an app that is suspended loses nothing.

extension ChainStream: Codable {
    private enum Keys: String, CodingKey {
        case window, silence, maxEvents, chain, answerBefore, latestAnswer
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(window, forKey: .window)
        try values.encode(silence, forKey: .silence)
        try values.encode(maxEvents, forKey: .maxEvents)
        try values.encodeIfPresent(chain.map(ChainForm.init), forKey: .chain)
        try values.encodeIfPresent(answerBefore, forKey: .answerBefore)
        try values.encodeIfPresent(latestAnswer, forKey: .latestAnswer)
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        let window = try values.decode(Double.self, forKey: .window)
        let silence = try values.decode(Double.self, forKey: .silence)
        let maxEvents = try values.decode(Int.self, forKey: .maxEvents)
        let chain = try values.decodeIfPresent(ChainForm.self, forKey: .chain)
        guard window > 0, silence > 0, (1...Chain.maxEvents).contains(maxEvents),
            chain.map(\.isWhole) ?? true
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .chain, in: values,
                debugDescription: "A stream must be as it was written. Got other numbers. "
                    + "Begin a new one.")
        }
        self.init(
            window: window, silence: silence, maxEvents: maxEvents, chain: chain?.chain,
            answerBefore: try values.decodeIfPresent([Float].self, forKey: .answerBefore),
            latestAnswer: try values.decodeIfPresent([Float].self, forKey: .latestAnswer))
    }
}

private struct ChainForm: Codable {
    struct Logged: Codable {
        let event: Event
        let end, endByConsent: Double?
    }

    let events: [Event]
    let before: [Logged]
    let start, observedUntil: Double
    let consent: Bool
    let leftOutCount: Int

    init(_ chain: Chain) {
        func known(_ time: Double) -> Double? { time.isFinite ? time : nil }
        events = chain.events
        before = chain.before.map {
            Logged(
                event: $0.event, end: known($0.end),
                endByConsent: known($0.endByConsent))
        }
        start = chain.start
        observedUntil = chain.observedUntil
        consent = chain.consent
        leftOutCount = chain.leftOutCount
    }

    var isWhole: Bool { (1...Chain.maxEvents).contains(events.count) && leftOutCount >= 0 }

    var chain: Chain {
        let log = before.map {
            LoggedEvent($0.event, end: $0.end ?? .nan, endByConsent: $0.endByConsent ?? .nan)
        }
        return Chain(
            events: events, start: start, observedUntil: observedUntil,
            consent: consent, leftOutCount: leftOutCount, before: log[...])
    }
}
