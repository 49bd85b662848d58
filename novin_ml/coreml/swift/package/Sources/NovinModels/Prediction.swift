/// The answer of a classifier.
public struct Prediction: Equatable, Sendable {
    /// The most probable label.
    public let label: String
    /// Its probability.
    public let probability: Float
    /// The probability of every label.
    public let probabilities: [String: Float]
    /// The label that is an alarm by its threshold, which need not be the most probable one; nil if
    /// none is.
    public let alarm: String?
    /// Whether the model knows: false where the answer should be "don't know".
    public let isKnown: Bool
    /// The labels that the answer could be at the error rate that was chosen, where one was.
    public let possibleLabels: [String]?
    /// What speaks for the alarm, or if there is none for the label; the strongest reason first.
    public let reasons: [Reason]
    /// The numbers that the model was given, in the order of its inputs.
    public let features: [Float]
}

/// A feature that speaks for an answer.
public struct Reason: Equatable, Sendable {
    /// The name of the feature, a code that is the same in Python.
    public let feature: String
    /// What the feature is, in words.
    public let words: String
    /// What the feature was; NaN if it was missing.
    public let value: Float
    /// By how much the answer would be less probable if the feature were what it typically is.
    public let contribution: Float
}
