import NovinFeatures

/// Tells activities by the intensity signals of motion sensors, an answer to each event; or by the
/// signals of several channels, such as those of a watch.
public struct MotionPredictor: EventPredictor {
    public static let family = "motion"
    public var classifier: Classifier
    /// The channels of a model of signals of several channels; nil if it takes intensities.
    public let channels: MotionChannels?

    public init(_ backend: any ModelBackend) throws {
        channels = try ModelInfo(backend.metadata).channels
        let specs = channels?.specs ?? FeatureSpecs.motion
        classifier = try Classifier(backend, family: Self.family, specs: specs)
    }

    /// A row for each event, in their order.
    ///
    /// - Throws: `FeatureError` if the model takes signals of several channels.
    public func features(of events: [Event]) throws -> [[Float]] {
        try requireIntensities()
        return events.map { MotionFeatures.compute($0) }
    }

    /// Answers to one signal.
    ///
    /// - Parameters:
    ///   - signal: Intensities from 0 to 1; NaN is a gap.
    ///   - sampleRate: Samples in a second.
    /// - Throws: `FeatureError` if the rate is not positive, or the model takes signals of several
    ///   channels.
    public func prediction(
        for signal: [Float], sampleRate: Float = 10, reasons: Int = 3
    ) throws -> Prediction {
        try requireIntensities()
        guard sampleRate > 0 else {
            throw FeatureError(
                "The sample rate of a signal must be positive. Got \(sampleRate). "
                    + "Tell how many samples there are in a second."
            )
        }
        let row = MotionFeatures.compute(raw: signal, sampleRate: sampleRate)
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }

    /// Answers to one signal of several channels.
    ///
    /// - Parameters:
    ///   - channels: The samples of each channel by its name, in the units of the training data; NaN
    ///     is a gap.
    ///   - sampleRate: Samples in a second.
    /// - Throws: `FeatureError` as `MotionChannels.compute` does, or if the model takes intensities.
    public func prediction(
        for channels: [String: [Float]], sampleRate: Float, reasons: Int = 3
    ) throws -> Prediction {
        guard let own = self.channels else {
            throw FeatureError(
                "The model must take signals of several channels. Got one of intensities. "
                    + "Pass one list of intensities.")
        }
        let row = try own.compute(channels, sampleRate: sampleRate)
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }

    private func requireIntensities() throws {
        guard let channels else { return }
        throw FeatureError(
            "The model must take intensity signals. Got one of the channels "
                + "\(channels.names.joined(separator: ", ")). Call prediction(for:sampleRate:) with "
                + "the samples of each.")
    }
}
