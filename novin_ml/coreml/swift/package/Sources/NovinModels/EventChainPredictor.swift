import NovinFeatures

/// Tells patterns in what happens in a home within a minute: an answer to each chain of events.
public struct EventChainPredictor: EventPredictor {
    public static let family = "chains"
    public var classifier: Classifier

    public init(_ backend: any ModelBackend) throws {
        classifier = try Classifier(backend, family: Self.family, specs: FeatureSpecs.chains)
    }

    /// A row for each chain, in the order of `Chain.chains(of:)`.
    public func features(of events: [Event]) throws -> [[Float]] {
        try Chain.chains(of: events).map { try ChainFeatures.compute($0) }
    }

    /// Answers to a chain.
    public func prediction(for chain: Chain, reasons: Int = 3) throws -> Prediction {
        let row = try ChainFeatures.compute(chain)
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }

    /// Takes the next event of a home, and answers to its chain so far.
    ///
    /// ```swift
    /// var stream = ChainStream()
    /// let prediction = try predictor.prediction(afterAdding: event, to: &stream)
    /// ```
    public func prediction(
        afterAdding event: Event, to stream: inout ChainStream, reasons: Int = 3
    ) throws -> Prediction {
        let row = try stream.add(event)
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }

    /// Answers to the chain so far of a home from which nothing has come for `stream.silence` seconds.
    public func prediction(afterSilenceOf stream: ChainStream, reasons: Int = 3) throws -> Prediction {
        let row = try stream.featuresAfterSilence()
        return try classifier.predictions(features: [row], reasons: reasons)[0]
    }
}
