import NovinFeatures

/// Finds what speaks for an answer by asking the model again, with one feature at a time typical.
///
/// It needs nothing of the model but its answers, so it works with Core ML alone.
/// `novin_ml.coreml.reason_codes` does the same in Python.
struct Reasons {
    /// What the features are, in the order of a row.
    let specs: [FeatureSpec]
    /// The median of each feature in the training data.
    let typical: [Float]

    /// - Parameters:
    ///   - row: What was answered to.
    ///   - own: The number that the answer has.
    ///   - count: The most reasons.
    ///   - ask: From rows to the number that each has for the same answer.
    func find(
        for row: [Float], own: Float, count: Int, ask: ([[Float]]) throws -> [Float]
    ) rethrows -> [Reason] {
        guard count > 0 else { return [] }
        let changed = row.indices.filter { place in
            row[place] != typical[place] && !(row[place].isNaN && typical[place].isNaN)
        }
        let replaced = changed.map { place in
            var other = row
            other[place] = typical[place]
            return other
        }
        guard !replaced.isEmpty else { return [] }
        let reasons = zip(changed, try ask(replaced)).map { place, left in
            (
                place,
                Reason(
                    feature: specs[place].name, words: specs[place].meaning, value: row[place],
                    contribution: own - left)
            )
        }
        return
            reasons
            .filter { $0.1.contribution > 0 }
            .sorted { ($1.1.contribution, $0.0) < ($0.1.contribution, $1.0) }
            .prefix(count)
            .map { $0.1 }
    }
}
