import NovinFeatures

/// Tells patterns in what happens in a home within a minute: an answer to each chain of events.
public struct EventChainPredictor: EventPredictor {
    public static let family = "chains"
    public var classifier: Classifier
    /// The sensors and zones that have columns of their own; nil of a model without.
    public let memory: ChainMemory?
    /// How the answers to a stream take its earlier ones into account: as the model brings it, until
    /// it is changed; nil for not at all. Answers to single chains never do.
    public var smoothing: MarkovSmoothing?

    public init(_ backend: any ModelBackend) throws {
        let info = try ModelInfo(backend.metadata)
        (memory, smoothing) = (info.memory, info.smoothing)
        let specs = FeatureSpecs.chains + (memory?.specs ?? [])
        classifier = try Classifier(backend, family: Self.family, specs: specs)
    }

    /// A row for each chain, in the order of `Chain.chains(of:)`.
    public func features(of events: [Event]) throws -> [[Float]] {
        try Chain.chains(of: events).map { try ChainFeatures.compute($0, memory: memory) }
    }

    /// The events of each chain, in the order of `Chain.chains(of:)`.
    public func groups(of events: [Event]) -> [[Event]] { Chain.chains(of: events).map(\.events) }

    /// Answers to a chain. One that an app makes of events alone knows nothing of what was before:
    /// a `ChainStream` does, and `Chain.chains(of:)`.
    public func prediction(for chain: Chain, reasons: Int = 3) throws -> Prediction {
        let row = try ChainFeatures.compute(chain, memory: memory)
        return try classifier.predictions(
            features: [row], of: [chain.events], reasons: reasons)[0]
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
        let row = try stream.add(event, memory: memory)
        let events = stream.chain?.events ?? [event]
        guard let smoothing else {
            return try classifier.predictions(features: [row], of: [events], reasons: reasons)[0]
        }
        return try classifier.prediction(features: row, of: events, reasons: reasons) {
            stream.smoothed($0, by: smoothing)
        }
    }

    /// Answers to the chain so far of a home from which nothing has come for `stream.silence` seconds.
    public func prediction(afterSilenceOf stream: ChainStream, reasons: Int = 3) throws
        -> Prediction
    {
        let row = try stream.featuresAfterSilence(memory: memory)
        let events = stream.chain?.events ?? []
        return try classifier.prediction(features: row, of: events, reasons: reasons) {
            smoothing?.step(stream.answerBefore, $0) ?? $0
        }
    }
}
