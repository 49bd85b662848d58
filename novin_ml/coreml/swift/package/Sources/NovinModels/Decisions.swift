/// What is decided by the probabilities of a classifier; to be changed at will, without training.
///
/// The model brings the numbers that were chosen for it. All of them are float32 and are compared
/// with float32 probabilities, so that the phone decides as Python does.
public struct Decisions: Equatable, Sendable {
    /// From which probability on a label is an alarm. A label without a threshold never is one.
    public var thresholds: [String: Float]
    /// Below this probability of the most probable label the answer is "don't know"; nil for never.
    public var abstainBelow: Float?
    /// Labels of at least this probability are possible; nil if that was not decided.
    public var conformalCut: Float?

    public init(
        thresholds: [String: Float] = [:], abstainBelow: Float? = nil, conformalCut: Float? = nil
    ) {
        self.thresholds = thresholds
        self.abstainBelow = abstainBelow
        self.conformalCut = conformalCut
    }

    /// The place of the largest probability; of equal ones the first.
    static func mostProbable(_ probabilities: [Float]) -> Int {
        var best = 0
        for place in probabilities.indices where probabilities[place] > probabilities[best] {
            best = place
        }
        return best
    }

    /// The place of the label that is an alarm: of those that reach their thresholds the most
    /// probable one, of equally probable ones the first; nil if none does.
    func alarm(_ probabilities: [Float], _ labels: [String]) -> Int? {
        var best: Int?
        for (place, label) in labels.enumerated() {
            guard let threshold = thresholds[label], probabilities[place] >= threshold else {
                continue
            }
            if let known = best, probabilities[place] <= probabilities[known] { continue }
            best = place
        }
        return best
    }

    func isKnown(_ probabilities: [Float]) -> Bool {
        guard let abstainBelow else { return true }
        return !(probabilities[Self.mostProbable(probabilities)] < abstainBelow)
    }

    func possible(_ probabilities: [Float], _ labels: [String]) -> [String]? {
        guard let conformalCut else { return nil }
        return zip(probabilities, labels).filter { $0.0 >= conformalCut }.map { $0.1 }
    }
}
