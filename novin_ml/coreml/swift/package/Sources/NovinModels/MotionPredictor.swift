import NovinFeatures

/// Tells activities by the intensity signals of motion sensors: an answer to each event.
public struct MotionPredictor: EventPredictor {
    public static let family = "motion"
    public var classifier: Classifier

    public init(_ backend: any ModelBackend) throws {
        classifier = try Classifier(backend, family: Self.family, specs: FeatureSpecs.motion)
    }

    /// A row for each event, in their order.
    public func features(of events: [Event]) throws -> [[Float]] {
        events.map { MotionFeatures.compute($0) }
    }

    /// Answers to one signal.
    ///
    /// - Parameters:
    ///   - signal: Intensities from 0 to 1; NaN is a gap.
    ///   - sampleRate: Samples in a second.
    /// - Throws: `FeatureError` if the rate is not positive.
    public func prediction(
        for signal: [Float], sampleRate: Float = 10, reasons: Int = 3
    ) throws -> Prediction {
        guard sampleRate > 0 else {
            throw FeatureError(
                "The sample rate of a signal must be positive. Got \(sampleRate). "
                    + "Tell how many samples there are in a second."
            )
        }
        let row = MotionFeatures.compute(raw: signal, sampleRate: sampleRate)
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }
}
