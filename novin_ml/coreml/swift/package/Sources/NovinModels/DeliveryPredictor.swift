import NovinFeatures

/// Tells deliveries from what looks like one: an answer to each event.
public struct DeliveryPredictor: EventPredictor {
    public static let family = "delivery"
    public var classifier: Classifier

    /// How far back other events of the home count, in seconds.
    public let window: Double
    /// How long after an event it is answered to, in seconds: give it with what followed until then.
    public let silence: Double

    public init(_ backend: any ModelBackend) throws {
        let parameters = try ModelInfo(backend.metadata).featureParameters
        guard let window = parameters["window"], let silence = parameters["silence"]
        else { throw ModelError.noEntry(key: "feature_params") }
        classifier = try Classifier(
            backend, family: Self.family,
            specs: DeliveryFeatures.specs(window: window, silence: silence))
        self.window = window
        self.silence = silence
    }

    /// A row for each event, in their order.
    public func features(of events: [Event]) throws -> [[Float]] {
        DeliveryFeatures.compute(events, window: window, silence: silence)
    }
}
