import NovinFeatures

/// Finds what speaks for an answer by asking the model again, with one feature at a time typical.
///
/// Features that are told as one, such as sine and cosine of the hour, become typical together. It
/// needs nothing of the model but its answers, so it works with Core ML alone.
/// `novin_ml.coreml.reason_codes` does the same in Python.
struct Reasons {
    /// What the features are, in the order of a row.
    let factors: [Factor]
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
        let changed = factors.indices.filter { place in
            factors[place].columns.contains { column in
                row[column] != typical[column] && !(row[column].isNaN && typical[column].isNaN)
            }
        }
        guard !changed.isEmpty else { return [] }
        let replaced = changed.map { place in
            var other = row
            for column in factors[place].columns { other[column] = typical[column] }
            return other
        }
        let found = zip(changed, try ask(replaced)).map { (place: $0, contribution: own - $1) }
            .filter { $0.contribution > 0 }
            .sorted { ($1.contribution, $0.place) < ($0.contribution, $1.place) }
        return told(row, found.map { (factors[$0.place], $0.contribution) }, count)
    }

    /// The first reasons whose words do not repeat those of a stronger one.
    private func told(_ row: [Float], _ found: [(Factor, Float)], _ count: Int) -> [Reason] {
        var (reasons, texts): ([Reason], [String]) = ([], [])
        for (factor, contribution) in found where reasons.count < count {
            let (value, words) = factor.describe(row)
            let text = words.text
            if texts.contains(where: { $0 == text || $0.hasPrefix("\(text), and") }) { continue }
            texts.append(text)
            reasons.append(
                Reason(
                    feature: factor.name, words: words, value: value, unit: factor.unit,
                    contribution: contribution))
        }
        return reasons
    }
}
