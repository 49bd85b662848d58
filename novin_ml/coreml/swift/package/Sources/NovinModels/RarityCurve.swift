// The rarity of scores: the twin of novin_ml/estimators/tails.py.

import NovinFeatures

/// Rarity in bits over a score: straight between some scores, and straight beyond the last.
struct RarityCurve: Decodable, Sendable {
    let scores, bits: [Double]
    let spread: Double

    /// The rarity of a score, in bits.
    func rarity(of score: Double) -> Double {
        guard let first = scores.first, let last = scores.last else { return 0 }
        return between(score, first, last) + max(0, score - last) / spread / 0.6931471805599453
    }

    private func between(_ score: Double, _ first: Double, _ last: Double) -> Double {
        if score < first { return bits[0] }
        if score >= last { return bits[bits.count - 1] }
        var (low, high) = (0, scores.count - 1)  // scores[low] <= score < scores[high]
        while high - low > 1 {
            let middle = (low + high) / 2
            if scores[middle] <= score { low = middle } else { high = middle }
        }
        let slope = (bits[high] - bits[low]) / (scores[high] - scores[low])
        return slope * (score - scores[low]) + bits[low]
    }
}

/// What a monitor's model says of its alarms.
struct MonitorInfo: Decodable, Sendable {
    struct Kind: Decodable, Sendable {
        let state: String
        /// In bits; nil while learning.
        let threshold: Double?
    }

    let kinds: [String: Kind]
    let curves: [String: RarityCurve]
    private let ofHours: Double?

    private enum CodingKeys: String, CodingKey {
        case kinds, curves
        case ofHours = "sensor_hour_weight"
    }

    /// Weight of a sensor at its hour in the score of habits; 0 in older models.
    var hourWeight: Double { ofHours ?? 0 }

    /// Whether all kinds and curves are there, and can be used.
    var isWhole: Bool {
        let names = ["forest", "transition"]
        return AlarmKind.allCases.allSatisfy { kinds[$0.rawValue] != nil }
            && names.allSatisfy { curves[$0].map { $0.scores.count == $0.bits.count } ?? false }
    }
}
