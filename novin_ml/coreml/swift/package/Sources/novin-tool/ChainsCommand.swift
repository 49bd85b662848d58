import NovinFeatures

/// `novin-tool chains`: the chains of logs, and their features, line by line.
///
/// A line is `{"requests": [REQUEST, ...]}`, each request as an app sends it, as a text; `windows`,
/// `window`, `silence` and `max_events` may follow, and `sensors`, `zones` and `memory`, names that
/// get columns of their own and the seconds after which what happened counts half. The answer is `{"chains": [CHAIN, ...]}`; to a
/// line with `"stream": true`, `{"stream": [STEP, ...]}` with the features after each event and after
/// the silence that follows it. Features are the bits of float32 numbers.
enum ChainsCommand {
    private struct Line: LogLine {
        let requests: [String]
        let windows: String?
        let window: Double?
        let silence: Double?
        let maxEvents: Int?
        let stream: Bool?
        let sensors: [String]?
        let zones: [String]?
        let memory: Double?

        func columns() throws -> ChainMemory? {
            guard sensors != nil || zones != nil else { return nil }
            return try ChainMemory(sensors: sensors ?? [], zones: zones ?? [], halfAfter: memory)
        }

        enum CodingKeys: String, CodingKey {
            case requests, windows, window, silence, stream, sensors, zones, memory
            case maxEvents = "max_events"
        }
    }

    private struct Answer: Encodable {
        var chains: [ChainForm]?
        var stream: [Step]?
    }

    private struct ChainForm: Encodable {
        let homeID: String
        let start: Double
        let observedUntil: Double
        let consent: Bool
        let leftOutCount: Int
        let timestamps: [Double]
        let features: [UInt32]

        enum CodingKeys: String, CodingKey {
            case start, consent, timestamps, features
            case homeID = "home_id"
            case observedUntil = "observed_until"
            case leftOutCount = "n_left_out"
        }

        init(_ chain: Chain, _ memory: ChainMemory?) throws {
            homeID = chain.homeID
            start = chain.start
            observedUntil = chain.observedUntil
            consent = chain.consent
            leftOutCount = chain.leftOutCount
            timestamps = chain.events.map(\.timestamp)
            features = try ChainFeatures.compute(chain, memory: memory).bits
        }
    }

    private struct Step: Encodable {
        var features: [UInt32]?
        var afterSilence: [UInt32]?
        var error: String?

        enum CodingKeys: String, CodingKey {
            case features, error
            case afterSilence = "after_silence"
        }
    }

    static func run() throws {
        try answerLines { (line: Line) in
            let (events, memory) = (try line.events(), try line.columns())
            return line.stream == true
                ? Answer(stream: steps(of: events, line, memory))
                : Answer(chains: try chains(of: events, line, memory))
        }
    }

    private static func chains(
        of events: [Event], _ line: Line, _ memory: ChainMemory?
    ) throws -> [ChainForm] {
        try Chain.chains(
            of: events,
            windows: line.windows == "trailing" ? .trailing : .separate,
            window: line.window ?? Chain.window,
            silence: line.silence ?? Chain.silence,
            maxEvents: line.maxEvents ?? Chain.maxEvents
        ).map { try ChainForm($0, memory) }
    }

    private static func steps(
        of events: [Event], _ line: Line, _ memory: ChainMemory?
    ) -> [Step] {
        var stream = ChainStream(
            window: line.window ?? Chain.window,
            silence: line.silence ?? Chain.silence,
            maxEvents: line.maxEvents ?? Chain.maxEvents
        )
        return events.map { event in
            do {
                let features = try stream.add(event, memory: memory).bits
                let silent = try stream.featuresAfterSilence(memory: memory).bits
                return Step(features: features, afterSilence: silent)
            } catch {
                return Step(error: String(describing: error))
            }
        }
    }
}
