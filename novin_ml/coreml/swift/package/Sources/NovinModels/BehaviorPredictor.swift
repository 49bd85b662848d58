import Foundation
import NovinFeatures

/// Tells what is unusual for one home, event by event.
///
/// ```swift
/// var predictor = try BehaviorPredictor(contentsOf: url, history: history)
/// let prediction = try predictor.update(with: event)
/// if prediction.isAlarm { print(prediction.anomalyScore, prediction.reasons.map(\.words.text)) }
/// ```
public struct BehaviorPredictor: Sendable {
    /// The family of models that it takes.
    public static let family = "behavior"

    /// What the home reported so far. Keep it between launches of the app: it is `Codable`.
    public private(set) var history: BehaviorHistory
    /// Names of the features, in the order of a row.
    public let featureNames: [String]
    /// Whether the model knew too little of the home when it was exported. Then nothing is an alarm.
    public let isLearning: Bool
    /// Whether the model's log was too short to prove the budget of its alarms.
    public let isUnproven: Bool
    /// What evaluates the model.
    public let backend: any ModelBackend

    /// An event whose anomaly score is above this is an alarm; to be changed at will, without
    /// training. 1 is never reached. Changing it does not end the learning.
    public var threshold: Float

    private let reasons: Reasons

    /// Makes a predictor of a model that is already open.
    ///
    /// - Parameters:
    ///   - backend: The model of the home.
    ///   - history: What the home reported before, which is what the model knows as usual: without
    ///     it everything is new.
    /// - Throws: `ModelError` if the model is of another family or takes other features.
    public init(_ backend: any ModelBackend, history: BehaviorHistory = BehaviorHistory()) throws {
        let info = try ModelInfo(backend.metadata)
        guard info.family == Self.family else {
            throw ModelError.otherFamily(expected: Self.family, got: info.family)
        }
        let features = FeatureSpecs.behavior.map(\.name)
        guard info.featureOrder == features else {
            throw ModelError.otherModel(
                expected: "the features \(features)", got: info.featureOrder)
        }
        guard let offset = info.offset else { throw ModelError.noEntry(key: "offset") }
        threshold = -offset
        isLearning = info.isLearning
        isUnproven = info.isUnproven
        reasons = Reasons(
            factors: Factor.factors(of: FeatureSpecs.behavior, family: Self.family),
            typical: info.typical)
        featureNames = features
        self.backend = backend
        self.history = history
    }

    /// Opens a model: with Core ML where that exists.
    public init(
        contentsOf url: URL, identifier: String? = nil, history: BehaviorHistory = BehaviorHistory()
    ) throws {
        try self.init(try DefaultBackend.open(url, identifier: identifier), history: history)
    }

    /// Answers to the home's next event, and remembers it.
    ///
    /// - Parameter reasons: The most reasons of an answer; each feature costs an evaluation of the
    ///   model. With 0 there is one evaluation.
    /// - Throws: `FeatureError` if the event is of another home or earlier than the last one.
    public mutating func update(with event: Event, reasons: Int = 3) throws -> BehaviorPrediction {
        let row = try history.update(with: event)
        return try predictions(features: [row], of: [event], reasons: reasons)[0]
    }

    /// Answers to the events of a request, in the order of time.
    ///
    /// - Parameter timeZone: Of the home, for events that tell no offset from UTC.
    /// - Throws: `EventError` if the request, or an event in it, breaks a rule.
    public mutating func update(
        json request: Data, timeZone: TimeZone = .utc, reasons: Int = 3
    ) throws -> [BehaviorPrediction] {
        try Event.read(request, timeZone: timeZone)
            .enumerated()
            .sorted { ($0.element.timestamp, $0.offset) < ($1.element.timestamp, $1.offset) }
            .map { try update(with: $0.element, reasons: reasons) }
    }

    /// Answers to rows of features.
    ///
    /// - Throws: `ModelError` if a row is of another length than `featureNames`.
    public func predictions(
        features rows: [[Float]], reasons count: Int = 3
    ) throws -> [BehaviorPrediction] {
        try predictions(
            features: rows, of: Array(repeating: nil, count: rows.count), reasons: count)
    }

    private func predictions(
        features rows: [[Float]], of events: [Event?], reasons count: Int
    ) throws -> [BehaviorPrediction] {
        try requireWidth(of: rows, featureNames.count)
        let scores = try ask(rows)
        return try zip(zip(rows, scores), events).map { answer, event in
            let (row, score) = answer
            return BehaviorPrediction(
                event: event,
                anomalyScore: score,
                isAlarm: isAlarm(score),
                isLearning: isLearning,
                isUnproven: isUnproven,
                reasons: try reasons.find(for: row, own: score, count: count, ask: ask),
                features: row.map { $0.isNaN ? nil : $0 })
        }
    }

    /// Whether a score is an alarm: never while the home is still being learnt.
    func isAlarm(_ score: Float) -> Bool {
        !isLearning && threshold - score < 0
    }

    private func ask(_ rows: [[Float]]) throws -> [Float] {
        guard !rows.isEmpty else { return [] }
        return try backend.numbers("anomalyScore", of: rows, names: featureNames)
    }
}

/// The answer to an event of a home.
public struct BehaviorPrediction: Hashable, Codable, Sendable, Identifiable {
    /// The event that it is of; nil if only features were given.
    public let event: Event?
    /// How unusual the event is, from 0 to 1: higher is more unusual.
    public let anomalyScore: Float
    /// Whether the event is an alarm.
    public let isAlarm: Bool
    /// Whether the home was still being learnt, so that nothing could be an alarm.
    public let isLearning: Bool
    /// Whether nothing proves yet how often such alarms come: show it as a hint, not as an alarm.
    public let isUnproven: Bool
    /// What makes the event unusual, the strongest reason first.
    public let reasons: [Reason]
    /// The numbers that the model was given, in the order of its inputs; nil for a missing one.
    public let features: [Float?]

    /// The same for an answer to the same event.
    public var id: String { event?.id ?? "" }
}
