// The motion features of signals of several channels: the twin of
// novin_ml/features/motion/channels.py, in the same order of operations.

/// The channels that a model of signals takes, such as those of a watch: names, groups and scales.
///
/// A model brings them in its metadata; `MotionPredictor.channels` has them.
public struct MotionChannels: Equatable, Sendable, Decodable {
    /// The channels, in the order of the model.
    public let names: [String]
    /// Channels whose magnitude has features of its own.
    public let groups: [Group]
    /// What is taken from a sample of each channel and then of each magnitude, and what the rest is
    /// divided by, in the units of the channels.
    let center, scale: [Float]

    /// Channels that are the axes of one sensor.
    public struct Group: Equatable, Sendable, Decodable {
        public let name: String
        public let channels: [String]

        public init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            name = try pair.decode(String.self)
            channels = try pair.decode([String].self)
        }
    }

    private enum CodingKeys: String, CodingKey {
        case groups, center, scale
        case names = "channels"
    }

    /// A scaled sample beyond this is this.
    private static let largest = 10_000.0
    /// The largest sample that is taken.
    private static let largestSample: Float = 1e30

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        names = try container.decode([String].self, forKey: .names)
        groups = try container.decode([Group].self, forKey: .groups)
        // Written in full: read as Double and rounded they are the same float32.
        center = try container.decode([Double].self, forKey: .center).map { Float($0) }
        scale = try container.decode([Double].self, forKey: .scale).map { Float($0) }
        let known = Set(names)
        let count = names.count + groups.count
        guard !names.isEmpty, known.count == names.count, center.count == count,
            scale.count == count, scale.allSatisfy({ $0 > 0 }),
            groups.allSatisfy({ $0.channels.allSatisfy(known.contains) })
        else {
            throw FeatureError(
                "The channels of a model must fit together. Got others. Export it again.")
        }
    }

    /// The names of the channels, and then of the magnitude of each group.
    public var series: [String] { names + groups.map { "\($0.name)_magnitude" } }

    /// What the features are, in the order of the columns. Ranges are those of scaled samples.
    public var specs: [FeatureSpec] {
        let (first, others) = (FeatureSpecs.motion[0], FeatureSpecs.motion.dropFirst())
        let duration = FeatureSpec(
            name: first.name, unit: first.unit, low: first.low, high: first.high,
            meaning: "samples as sent, gaps included / sample rate as sent")
        return [duration]
            + series.flatMap { name in
                others.map { spec in
                    let meaning = spec.name == "energy" ? "sqrt(sum(x^2) / v)" : spec.meaning
                    return FeatureSpec(
                        name: "\(name)_\(spec.name)", unit: spec.unit, low: -.infinity,
                        high: .infinity, meaning: "of \(name), scaled: \(meaning)")
                }
            }
    }

    /// Computes the features of a signal.
    ///
    /// - Parameters:
    ///   - signal: The samples of each channel by its name, all of the same number, in the units of
    ///     the training data; NaN where a sample is missing. Other channels are left out.
    ///   - sampleRate: Samples per second.
    /// - Throws: `FeatureError` if a channel is missing or of another length, a sample is infinite or
    ///   beyond 1e30, or the rate is not positive.
    public func compute(_ signal: [String: [Float]], sampleRate: Float) throws -> [Float] {
        let channels = try names.map { name in try checked(signal[name], name) }
        guard sampleRate > 0, sampleRate < .infinity else {
            throw FeatureError(
                "The sample rate of a signal must be positive. Got \(sampleRate). "
                    + "Tell how many samples there are in a second.")
        }
        if let other = channels.first(where: { $0.count != channels[0].count }) {
            throw FeatureError(
                "The channels of a signal must have as many samples as each other. "
                    + "Got \(channels[0].count) and \(other.count). Fill the shorter up with NaN.")
        }
        let magnitudes = groups.map { magnitude(of: $0, channels) }
        var features = [signalDuration(channels[0], sampleRate: sampleRate)]
        for (place, samples) in (channels + magnitudes).enumerated() {
            features += MotionFeatures.columns(
                of: scaled(samples, place), sampleRate: sampleRate, largestEnergy: .infinity)
        }
        return features
    }

    private func checked(_ samples: [Float]?, _ name: String) throws -> [Float] {
        guard let samples else {
            throw FeatureError(
                "A signal must have the channels \(names.joined(separator: ", ")). "
                    + "Missing: \(name). Name them as the model does.")
        }
        if let wrong = samples.first(where: { abs($0) > Self.largestSample }) {
            throw FeatureError(
                "The samples of a channel must be numbers from -1e+30 to 1e+30, NaN where one is "
                    + "missing. Got \(wrong) in \(name). Correct it, or make it NaN.")
        }
        return samples
    }

    private func magnitude(of group: Group, _ channels: [[Float]]) -> [Float] {
        var squares = [Double](repeating: 0, count: channels[0].count)
        for name in group.channels {
            let samples = channels[names.firstIndex(of: name) ?? 0]
            for instant in squares.indices {
                squares[instant] += Double(samples[instant]) * Double(samples[instant])
            }
        }
        return squares.map { Float($0.squareRoot()) }
    }

    private func scaled(_ samples: [Float], _ place: Int) -> [Float] {
        let (center, scale) = (Double(center[place]), Double(scale[place]))
        return samples.map { sample in
            if sample.isNaN { return .nan }
            let value = (Double(sample) - center) / scale
            return Float(min(max(value, -Self.largest), Self.largest))
        }
    }
}
