import NovinFeatures

/// A classifier behind its features: what the predictors of events, motions and chains share.
public struct Classifier: Sendable {
    /// The labels, in the order of the model.
    public let labels: [String]
    /// Names of the features, in the order of a row.
    public let featureNames: [String]
    /// Thresholds of alarms and the cut of "don't know": those of the model, until
    /// `setDecisions(_:)` or `setThreshold(_:for:)` changes them.
    public private(set) var decisions = Decisions()
    /// What evaluates the model.
    public let backend: any ModelBackend

    let info: ModelInfo
    private let reasons: Reasons

    /// - Throws: `ModelError` if the model is of another family, or does not take these features.
    init(_ backend: any ModelBackend, family: String, specs: [FeatureSpec]) throws {
        info = try ModelInfo(backend.metadata)
        guard info.family == family else {
            throw ModelError.otherFamily(expected: family, got: info.family)
        }
        let features = specs.map(\.name)
        guard info.featureOrder == features else {
            throw ModelError.otherModel(
                expected: "the features \(features)", got: info.featureOrder)
        }
        guard info.labels.count > 1 else { throw ModelError.noEntry(key: "class_labels") }
        labels = info.labels
        featureNames = info.featureOrder
        let window = info.featureParameters["window"]
        reasons = Reasons(
            factors: Factor.factors(of: specs, family: family, window: window),
            typical: info.typical)
        self.backend = backend
        try setDecisions(info.decisions)
    }

    /// Changes all thresholds, and when the answer is "don't know".
    ///
    /// - Throws: `ModelError.noLabel` for a threshold of a label that the model does not have, which
    ///   would never fire, and `ModelError.notThreshold` for one that is no number from 0 on. Nothing
    ///   changes then.
    public mutating func setDecisions(_ new: Decisions) throws {
        for (label, threshold) in new.thresholds {
            guard labels.contains(label) else {
                throw ModelError.noLabel(label: label, known: labels)
            }
            guard threshold >= 0 else {
                throw ModelError.notThreshold(label: label, threshold: threshold)
            }
        }
        decisions = new
    }

    /// Changes the threshold of a label: a probability of at least that is an alarm.
    ///
    /// - Parameter threshold: nil if the label is to be none.
    /// - Throws: As `setDecisions(_:)` does.
    public mutating func setThreshold(_ threshold: Float?, for label: String) throws {
        guard labels.contains(label) else { throw ModelError.noLabel(label: label, known: labels) }
        var new = decisions
        new.thresholds[label] = threshold
        try setDecisions(new)
    }

    /// Answers to rows of features.
    ///
    /// - Parameters:
    ///   - rows: Numbers in the order of `featureNames`; NaN is a missing value.
    ///   - count: The most reasons of an answer. Each feature of a row costs an evaluation of the
    ///     model; with 0 there is one evaluation a row.
    /// - Throws: `ModelError` if a row is of another length than `featureNames`.
    public func predictions(features rows: [[Float]], reasons count: Int = 3) throws -> [Prediction]
    {
        try predictions(
            features: rows, of: Array(repeating: [], count: rows.count), reasons: count)
    }

    /// Answers to rows of features of events, to some of which the model cannot answer.
    func predictions(
        features rows: [[Float]], of groups: [[Event]], reasons count: Int
    ) throws -> [Prediction] {
        guard !rows.isEmpty else { return [] }
        try requireWidth(of: rows, featureNames.count)
        let answers = try ask(rows)
        return try zip(zip(rows, answers), groups).map { answer, events in
            try decided(answer.0, of: events, own: answer.1, answer.1, reasons: count)
        }
    }

    /// Why the model cannot answer to events; nil if it can.
    private func refusal(of events: [Event]) -> NotApplicable? {
        guard let kinds = info.trainedKinds,
            let other = events.first(where: { !kinds.contains($0.kind) })
        else { return nil }
        return .kind(other.kind, trainedOn: kinds)
    }

    /// Answers to one row, by probabilities that are changed before anything is decided by them.
    /// Reasons are those of the model's own answer.
    func prediction(
        features row: [Float], of events: [Event], reasons count: Int,
        changed: ([Float]) -> [Float]
    ) throws -> Prediction {
        try requireWidth(of: [row], featureNames.count)
        let own = try ask([row])[0]
        return try decided(row, of: events, own: own, changed(own), reasons: count)
    }

    private func decided(
        _ row: [Float], of events: [Event], own: [Float], _ probabilities: [Float],
        reasons count: Int
    ) throws -> Prediction {
        let refusal = refusal(of: events)
        let alarm = refusal == nil ? decisions.alarm(probabilities, labels) : nil
        let known: Outcome = decisions.isKnown(probabilities) ? .answered : .unknown
        let best = Decisions.mostProbable(probabilities)
        let explained = alarm ?? best
        return Prediction(
            events: events,
            label: labels[best],
            probability: probabilities[best],
            probabilities: Dictionary(
                zip(labels, probabilities), uniquingKeysWith: { first, _ in first }),
            alarm: alarm.map { labels[$0] },
            outcome: refusal.map { .notApplicable(reason: $0) } ?? known,
            possibleLabels: decisions.possible(probabilities, labels),
            reasons: try reasons.find(
                for: row, own: own[explained], count: refusal == nil ? count : 0
            ) { try ask($0).map { $0[explained] } },
            features: row.map { $0.isNaN ? nil : $0 })
    }

    private func ask(_ rows: [[Float]]) throws -> [[Float]] {
        try backend.probabilities(of: rows, names: featureNames, labels: labels)
    }
}

/// Throws unless each row has as many numbers as the model takes.
func requireWidth(of rows: [[Float]], _ width: Int) throws {
    for row in rows where row.count != width {
        throw ModelError.otherWidth(expected: width, got: row.count)
    }
}
