import NovinFeatures

/// `novin-tool motion`: the motion features of events, or of signals of several channels, line by
/// line.
///
/// A line is `{"requests": [REQUEST, ...]}`, each request as an app sends it, as a text; or
/// `{"feature_channels": CHANNELS, "signals": [SIGNAL, ...]}`: what the metadata of a model say of
/// its channels, and signals `{"sample_rate": BITS, "channels": {NAME: [BITS, ...]}}` of the bits of
/// float32 numbers. The answer is `{"features": [ROW, ...]}`, each row such bits.
enum MotionCommand {
    private struct Line: LogLine {
        let requests: [String]

        let channels: MotionChannels?
        let signals: [Signal]

        enum CodingKeys: String, CodingKey {
            case requests, signals
            case channels = "feature_channels"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            requests = try container.decodeIfPresent([String].self, forKey: .requests) ?? []
            channels = try container.decodeIfPresent(MotionChannels.self, forKey: .channels)
            signals = try container.decodeIfPresent([Signal].self, forKey: .signals) ?? []
        }
    }

    private struct Signal: Decodable {
        let sampleRate: UInt32
        let channels: [String: [UInt32]]

        enum CodingKeys: String, CodingKey {
            case channels
            case sampleRate = "sample_rate"
        }
    }

    static func run() throws {
        try answerLines { (line: Line) in
            guard let channels = line.channels else {
                return ["features": try line.events().map { MotionFeatures.compute($0).bits }]
            }
            return [
                "features": try line.signals.map { signal in
                    try channels.compute(
                        signal.channels.mapValues { $0.map { Float(bitPattern: $0) } },
                        sampleRate: Float(bitPattern: signal.sampleRate)
                    ).bits
                }
            ]
        }
    }
}
