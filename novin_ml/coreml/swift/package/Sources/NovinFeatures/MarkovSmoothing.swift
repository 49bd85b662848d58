// The answers to successive chains of a home, smoothed: the twin of novin_ml/estimators/smoothing.py.

/// Which label follows which, learnt, and the answers that take it into account.
///
/// An answer is the forward filter of a first-order Markov chain whose states are the labels. Only
/// earlier answers are used. A model brings it in its metadata; `EventChainPredictor.smoothing` has
/// it, and a `ChainStream` keeps the answers that it needs.
public struct MarkovSmoothing: Equatable, Sendable, Decodable {
    /// The labels, in the order of the model.
    public let labels: [String]
    /// Share of the time for which the chain remembers, from 0 to 1.
    public let weight: Double
    /// Probability of each label (second) after each (first).
    public let transitions: [[Double]]
    /// What the probability of a label (second) is multiplied by after each (first).
    private let factors: [[Float]]

    private enum CodingKeys: String, CodingKey {
        case labels, weight, transitions
        case prior = "class_prior"
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let labels = try container.decode([String].self, forKey: .labels)
        let weight = try container.decode(Double.self, forKey: .weight)
        let prior = try container.decode([Double].self, forKey: .prior)
        let transitions = try container.decode([[Double]].self, forKey: .transitions)
        let count = labels.count
        guard (0...1).contains(weight), count > 1, prior.count == count, transitions.count == count,
            transitions.allSatisfy({ $0.count == count && $0.allSatisfy { $0 > 0 } }),
            prior.allSatisfy({ $0 > 0 })
        else {
            throw FeatureError(
                "The smoothing of a model must fit its labels. Got another. Export it again.")
        }
        self.labels = labels
        self.weight = weight
        self.transitions = transitions
        factors = transitions.map { row in
            zip(row, prior).map { Float(1 - weight + weight * $0 / $1) }
        }
    }

    /// Returns the answer to one chain.
    ///
    /// - Parameters:
    ///   - before: The answer to the chain before; nil if there is none.
    ///   - probabilities: The model's, in the order of `labels`.
    public func step(_ before: [Float]?, _ probabilities: [Float]) -> [Float] {
        guard let before else { return probabilities }
        var expected = [Float](repeating: 0, count: probabilities.count)
        for (share, row) in zip(before, factors) {
            for (label, factor) in row.enumerated() { expected[label] += share * factor }
        }
        let answer = zip(probabilities, expected).map { $0 * $1 }
        let total = answer.reduce(Float(0)) { $0 + $1 }
        return total > 0 ? answer.map { $0 / total } : probabilities
    }
}
