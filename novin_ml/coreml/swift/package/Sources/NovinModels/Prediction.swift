import NovinFeatures

/// The answer of a classifier.
public struct Prediction: Hashable, Codable, Sendable, Identifiable {
    /// The events that it is of: one, or those of a chain; none if only features were given.
    public let events: [Event]
    /// The most probable label, whether or not the answer stands.
    public let label: String
    /// Its probability.
    public let probability: Float
    /// The probability of every label.
    public let probabilities: [String: Float]
    /// The label that is an alarm by its threshold, which need not be the most probable one; nil if
    /// none is.
    public let alarm: String?
    /// Whether the answer stands.
    public let outcome: Outcome
    /// The labels that the answer could be at the error rate that was chosen, where one was.
    public let possibleLabels: [String]?
    /// What speaks for the alarm, or if there is none for the label; the strongest reason first.
    public let reasons: [Reason]
    /// The numbers that the model was given, in the order of its inputs; nil for a missing one.
    public let features: [Float?]

    /// The same for an answer to the same events.
    public var id: String { events.map(\.id).joined(separator: ",") }
    /// Whether the answer stands: false where it should be "don't know".
    public var isKnown: Bool { outcome == .answered }
    /// The label, if the answer stands.
    public var answer: String? { isKnown ? label : nil }
}

/// Whether an answer stands.
public enum Outcome: Hashable, Codable, Sendable {
    case answered
    /// The most probable label is not probable enough: the answer is "don't know".
    case unknown
    /// The model was not trained on such an event: it is no alarm, and has no reasons.
    case notApplicable(reason: NotApplicable)

    /// Its name in Python.
    public var name: String {
        switch self {
        case .answered: "answered"
        case .unknown: "unknown"
        case .notApplicable: "not applicable"
        }
    }
}

/// Why a model cannot answer to an event.
public enum NotApplicable: Hashable, Codable, Sendable, CustomStringConvertible {
    /// It was trained on events of other kinds.
    case kind(EventKind, trainedOn: [EventKind])

    public var description: String {
        switch self {
        case .kind(let kind, let known):
            let names = known.map(\.name).joined(separator: ", ")
            return "The event must be of a kind that the model was trained on: \(names). "
                + "Got \(kind.name)."
        }
    }
}

/// A feature that speaks for an answer, or several that are told as one, such as a time of day.
public struct Reason: Hashable, Codable, Sendable, Identifiable {
    /// The name of the feature, a code that is the same in Python.
    public let feature: String
    /// What the feature was, in words of any language: what Python's `explain` says.
    public let words: Words
    /// What the feature was; nil if it was missing. Of `hour` hours since midnight, of `weekday` days
    /// since Monday, of `zone` its risk.
    public let value: Double?
    /// The unit of the value; "1" for plain numbers, "code" for ordinal codes.
    public let unit: String
    /// By how much the answer would be less probable if the feature were what it typically is.
    public let contribution: Float

    public var id: String { feature }
}
