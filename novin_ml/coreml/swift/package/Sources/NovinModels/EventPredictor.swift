import Foundation
import NovinFeatures

/// A predictor of labels: features, a classifier, and what is decided by its probabilities.
///
/// ```swift
/// var predictor = try DeliveryPredictor(contentsOf: url)
/// try predictor.setThreshold(0.8, for: "delivery")
/// for prediction in try predictor.predictions(json: request) where prediction.alarm != nil {
///     print(prediction.probability, prediction.reasons.map(\.words.text))
/// }
/// ```
public protocol EventPredictor: Sendable {
    /// The family of models that it takes.
    static var family: String { get }

    /// The model, and what is decided by its answers.
    var classifier: Classifier { get set }

    /// Makes a predictor of a model that is already open.
    ///
    /// - Throws: `ModelError` if the model is of another family or takes other features.
    init(_ backend: any ModelBackend) throws

    /// Computes the features of the events of homes.
    ///
    /// - Parameter events: In any order, homes interleaved.
    func features(of events: [Event]) throws -> [[Float]]

    /// The events of each row of `features(of:)`.
    func groups(of events: [Event]) -> [[Event]]
}

extension EventPredictor {
    public func groups(of events: [Event]) -> [[Event]] { events.map { [$0] } }

    /// Opens a model: with Core ML where that exists.
    ///
    /// - Parameters:
    ///   - url: A `.mlmodel` file that novin_ml exported; on Apple's systems also a `.mlmodelc`.
    ///   - identifier: Names the content of the file, so that Core ML need compile it only once.
    public init(contentsOf url: URL, identifier: String? = nil) throws {
        try self.init(try DefaultBackend.open(url, identifier: identifier))
    }

    /// Thresholds of alarms and the cut of "don't know". They begin as those that the model brings.
    public var decisions: Decisions { classifier.decisions }

    /// Changes all thresholds, and when the answer is "don't know": see `Classifier.setDecisions(_:)`.
    public mutating func setDecisions(_ new: Decisions) throws {
        try classifier.setDecisions(new)
    }

    /// Changes the threshold of a label: see `Classifier.setThreshold(_:for:)`.
    public mutating func setThreshold(_ threshold: Float?, for label: String) throws {
        try classifier.setThreshold(threshold, for: label)
    }

    /// Answers to events.
    ///
    /// - Parameters:
    ///   - events: The events of homes, in any order.
    ///   - reasons: The most reasons of an answer; each costs time, see
    ///     `Classifier.predictions(features:reasons:)`.
    /// - Returns: As many answers as `features(of:)` gives rows, in that order.
    public func predictions(for events: [Event], reasons: Int = 3) throws -> [Prediction] {
        try classifier.predictions(
            features: try features(of: events), of: groups(of: events), reasons: reasons)
    }

    /// Answers to a request: an object with a list of `events`, an event, or a list of events.
    ///
    /// - Parameter timeZone: Of the home, for events that tell no offset from UTC.
    /// - Throws: `EventError` if the request, or an event in it, breaks a rule.
    public func predictions(
        json request: Data, timeZone: TimeZone = .utc, reasons: Int = 3
    ) throws -> [Prediction] {
        try predictions(for: try Event.read(request, timeZone: timeZone), reasons: reasons)
    }
}
