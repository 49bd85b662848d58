import NovinFeatures
import NovinReference
import XCTest

@testable import NovinModels

/// Holds the package against what Python answered to the same events and rows.
final class GoldenTests: XCTestCase {
    /// Features are the same bits, answers are within the tolerance of the model's certificate, and
    /// what follows from them is the same.
    func testRequests() throws {
        try forEachModel { model, golden in
            for request in golden.requests {
                let json = Data((request.json ?? "").utf8)
                let place = "\(model.name), request \(request.name)"
                if model.family == BehaviorPredictor.family {
                    let history = request.continued == true ? try model.history() : nil
                    var predictor = try BehaviorPredictor(
                        try model.open(), history: history ?? BehaviorHistory())
                    let answers = try predictor.update(json: json)
                    compare(answers, with: request.answers, golden, place)
                } else {
                    let predictor = try predictor(of: model)
                    let answers = try predictor.predictions(json: json)
                    compare(answers, predictor.classifier, request.answers, golden, place)
                }
            }
        }
    }

    /// Signals of several channels: the same bits as features, and the same answers.
    func testSignals() throws {
        try forEachModel { model, golden in
            for signal in golden.signals ?? [] {
                let motion = try MotionPredictor(try model.open())
                let channels = signal.channels.mapValues { $0.map { Float(bitPattern: $0) } }
                let answer = try motion.prediction(
                    for: channels, sampleRate: Float(bitPattern: signal.sampleRate))
                let place = "\(model.name), signal \(signal.name)"
                compare([answer], motion.classifier, signal.answers, golden, place)
                XCTAssertThrowsError(try motion.prediction(for: [0.5])) {
                    XCTAssert($0 is FeatureError)
                }
                XCTAssertThrowsError(try motion.prediction(for: [:], sampleRate: 10)) {
                    XCTAssert($0 is FeatureError)
                }
            }
        }
    }

    /// Answers to the events of a home, one after the other, smoothed as Python's stream does it.
    func testStreams() throws {
        try forEachModel { model, golden in
            for request in golden.streams ?? [] {
                let chains = try EventChainPredictor(try model.open())
                XCTAssertNotNil(chains.smoothing)
                var stream = ChainStream()
                let events = try Event.read(Data(request.json.utf8))
                XCTAssertEqual(events.count, request.answers.count)
                for (number, event) in events.enumerated() {
                    let answers = [
                        (try chains.prediction(afterAdding: event, to: &stream), request.answers),
                        (try chains.prediction(afterSilenceOf: stream), request.afterSilence),
                    ]
                    for (answer, expected) in answers {
                        for (label, right) in zip(chains.classifier.labels, expected[number]) {
                            XCTAssertEqual(
                                answer.probabilities[label] ?? .nan, right,
                                accuracy: golden.tolerance,
                                "\(model.name), \(request.name), \(number)")
                        }
                    }
                }
            }
        }
    }

    /// Rows of features: training-like, random, with missing values, and at the thresholds of trees
    /// and one ulp to either side.
    func testRows() throws {
        try forEachModel { model, golden in
            for part in golden.rows {
                let rows = part.answers.map(\.row)
                let place = "\(model.name), \(part.name) rows"
                if model.family == BehaviorPredictor.family {
                    let answers = try BehaviorPredictor(try model.open()).predictions(
                        features: rows)
                    compare(answers, with: part.answers, golden, place)
                } else if model.family == MonitorPredictor.family {
                    let scores = try MonitorPredictor(try model.open()).forestScores(features: rows)
                    for (score, right) in zip(scores, part.answers) {
                        XCTAssertEqual(score, right.numbers[0], accuracy: golden.tolerance, place)
                    }
                } else {
                    let classifier = try predictor(of: model).classifier
                    let answers = try classifier.predictions(features: rows)
                    compare(answers, classifier, part.answers, golden, place)
                }
            }
        }
    }

    /// Events and times of homes: the same rows, bit for bit, and the same alarms.
    func testMonitors() throws {
        try forEachModel { model, golden in
            for stream in golden.monitored ?? [] {
                let history = stream.continued ? try model.history() : nil
                let activity = stream.continued ? try model.activity() : nil
                var monitor = try MonitorPredictor(
                    try model.open(), history: history ?? BehaviorHistory(),
                    activity: activity ?? ActivityHistory())
                for (number, step) in stream.steps.enumerated() {
                    let place = "\(model.name), \(stream.name), step \(number)"
                    var rows: [MonitorRow] = []
                    if let to = step.advance {
                        rows = try monitor.advance(to: to)
                    } else {
                        for event in try Event.read(Data((step.json ?? "").utf8)) {
                            rows += try monitor.update(with: event)
                        }
                    }
                    compare(rows, with: step.rows, golden, place)
                }
            }
        }
    }

    private func compare(
        _ rows: [MonitorRow], with expected: [Golden.Monitored.Row], _ golden: Golden,
        _ place: String
    ) {
        XCTAssertEqual(rows.count, expected.count, place)
        for (row, right) in zip(rows, expected) {
            let place = "\(place), \(right.kind) at \(right.time)"
            XCTAssertEqual(row.kind.rawValue, right.kind, place)
            XCTAssertEqual(row.time, Double(right.time) / 1000, place)
            XCTAssertEqual(row.unit, right.unit, place)
            XCTAssertEqual(row.sensor, right.sensor, place)
            XCTAssertEqual(row.values.map(\.bitPattern), right.values, place)
            XCTAssertEqual(row.isUnproven, right.isUnproven, place)
            if row.kind == .event {
                // A thousandth of a bit is more than the tolerance of the forest's score becomes.
                XCTAssertEqual(row.score, right.score, accuracy: 1e-3, place)
            } else {
                XCTAssertEqual(row.score, right.score, place)
            }
            if !right.close { XCTAssertEqual(row.isAlarm, right.isAlarm, place) }
        }
    }

    /// Decisions at thresholds and one float32 ulp to either side, all of them exactly.
    func testDecisions() throws {
        try forEachModel { model, golden in
            let metadata = try model.open().metadata
            for decision in golden.decisions {
                if let scores = decision.scores {
                    let given = scores.map { [Float(bitPattern: $0.score)] }
                    let backend = FixedBackend(metadata: metadata, answers: given)
                    var predictor = try BehaviorPredictor(backend)
                    predictor.threshold = -Float(bitPattern: decision.offset ?? 0)
                    // The fixed answers are the same for any rows.
                    let blank = [Float](repeating: .nan, count: predictor.featureNames.count)
                    let rows = given.map { _ in blank }
                    let answers = try predictor.predictions(features: rows, reasons: 0)
                    XCTAssertEqual(
                        answers.map(\.isAlarm),
                        scores.map { $0.isAlarm && !predictor.isLearning }, model.name)
                }
                for row in decision.rows ?? [] {
                    let given = row.probabilities.map { Float(bitPattern: $0) }
                    let backend = FixedBackend(metadata: metadata, answers: [given])
                    var classifier = try makePredictor(of: model.family, backend).classifier
                    try classifier.setDecisions(
                        Decisions(
                            thresholds: (decision.thresholds ?? [:]).mapValues {
                                Float(bitPattern: $0)
                            },
                            abstainBelow: decision.abstainBelow.map { Float(bitPattern: $0) },
                            conformalCut: decision.conformalCut.map { Float(bitPattern: $0) }))
                    let blank = [Float](repeating: .nan, count: classifier.featureNames.count)
                    let answer = try classifier.predictions(features: [blank], reasons: 0)[0]
                    let place = "\(model.name), \(given)"
                    XCTAssertEqual(answer.label, row.label, place)
                    XCTAssertEqual(answer.alarm, row.alarm, place)
                    XCTAssertEqual(answer.isKnown, row.known, place)
                    XCTAssertEqual(answer.possibleLabels, row.possible, place)
                }
            }
        }
    }

    #if canImport(CoreML)
        /// Core ML and the Swift evaluator answer the same.
        func testCoreMLAgainstReference() throws {
            try forEachModel { model, golden in
                let reference = try ReferenceModel(contentsOf: try model.url())
                let coreML = try CoreMLBackend(contentsOf: try model.url())
                let info = try ModelInfo(coreML.metadata)
                for part in golden.rows {
                    let rows = part.answers.map(\.row)
                    let names = info.featureOrder
                    let pairs: [([Float], [Float])]
                    if [BehaviorPredictor.family, MonitorPredictor.family].contains(model.family) {
                        let output = "anomalyScore"
                        pairs = [
                            (
                                try coreML.numbers(output, of: rows, names: names),
                                try rows.map { Float(try reference.number(output, $0)) }
                            )
                        ]
                    } else {
                        let labels = info.labels
                        pairs = Array(
                            zip(
                                try coreML.probabilities(of: rows, names: names, labels: labels),
                                try rows.map { try reference.probabilities($0).map { Float($0) } }
                            ))
                    }
                    for (one, other) in pairs {
                        for (mine, its) in zip(one, other) {
                            XCTAssertEqual(mine, its, accuracy: golden.tolerance, model.name)
                        }
                    }
                }
            }
        }
    #endif

    private func forEachModel(_ body: (BundledModel, Golden) throws -> Void) throws {
        XCTAssertEqual(try Golden.names(), BundledModel.all.map(\.name))
        for model in BundledModel.all {
            try body(model, try Golden.of(model))
        }
    }

    private func predictor(of model: BundledModel) throws -> any EventPredictor {
        try makePredictor(of: model.family, try model.open())
    }

    private func compare(
        _ answers: [Prediction], _ classifier: Classifier, _ expected: [Golden.Answer],
        _ golden: Golden, _ place: String
    ) {
        let featureNames = classifier.featureNames
        XCTAssertEqual(answers.count, expected.count, place)
        for (number, (answer, right)) in zip(answers, expected).enumerated() {
            let place = "\(place), answer \(number)"
            guard compare(answer.features.map { $0 ?? .nan }, right, featureNames, place) else {
                continue
            }
            for (label, probability) in zip(classifier.labels, right.numbers) {
                XCTAssertEqual(
                    answer.probabilities[label] ?? .nan, probability, accuracy: golden.tolerance,
                    place)
            }
            if right.close { continue }
            XCTAssertEqual(answer.label, right.label, place)
            XCTAssertEqual(answer.probability, answer.probabilities[answer.label], place)
            XCTAssertEqual(answer.alarm, right.alarm, place)
            XCTAssertEqual(answer.outcome.name, right.outcome, place)
            compare(answer.reasons, right.reasons, golden, place)
        }
    }

    private func compare(
        _ answers: [BehaviorPrediction], with expected: [Golden.Answer],
        _ golden: Golden, _ place: String
    ) {
        XCTAssertEqual(answers.count, expected.count, place)
        for (number, (answer, right)) in zip(answers, expected).enumerated() {
            let place = "\(place), answer \(number)"
            let names = FeatureSpecs.behavior.map(\.name)
            guard compare(answer.features.map { $0 ?? .nan }, right, names, place) else { continue }
            XCTAssertEqual(
                answer.anomalyScore, right.numbers[0], accuracy: golden.tolerance, place)
            if right.close { continue }
            XCTAssertEqual(answer.isAlarm, right.isAlarm, place)
            compare(answer.reasons, right.reasons, golden, place)
        }
    }

    /// The same bits, but for sines and cosines of the local time: one ulp is what systems differ by.
    ///
    /// - Returns: Whether all bits are the same, so that the answers must agree, too.
    private func compare(
        _ features: [Float], _ right: Golden.Answer, _ names: [String], _ place: String
    ) -> Bool {
        let expected = right.row
        XCTAssertEqual(features.count, expected.count, place)
        for (name, (mine, its)) in zip(names, zip(features, expected)) {
            let isClock = name.hasSuffix("_sin") || name.hasSuffix("_cos")
            if isClock && (mine == its.nextUp || mine == its.nextDown) { continue }
            XCTAssertEqual(bits([mine]), bits([its]), "\(place): \(name) \(mine), not \(its)")
        }
        return bits(features) == bits(expected)
    }

    /// The same contributions, by the same features and in the same words but where the next is as
    /// good as equal.
    ///
    /// Python lists one reason more, so that it shows what the last one is as good as.
    private func compare(
        _ reasons: [Reason], _ expected: [Golden.Reason], _ golden: Golden, _ place: String
    ) {
        let accuracy = 2 * golden.tolerance
        let certain = expected.filter { $0.contribution > accuracy }
        XCTAssertGreaterThanOrEqual(reasons.count, min(certain.count, 3), place)
        for (rank, (reason, right)) in zip(reasons, certain).enumerated() {
            XCTAssertEqual(
                reason.contribution, right.contribution, accuracy: accuracy,
                "\(place), reason \(rank)")
            if right.tied { continue }
            XCTAssertEqual(reason.feature, right.feature, "\(place), reason \(rank)")
            XCTAssertEqual(reason.words.key, right.key, "\(place), reason \(rank)")
            XCTAssertEqual(reason.words.text, right.text, "\(place), reason \(rank)")
            XCTAssertEqual(
                reason.words.text(in: .german), right.german, "\(place), reason \(rank)")
        }
    }
}

/// The predictor of a family of classifiers.
func makePredictor(
    of family: String, _ backend: any ModelBackend
) throws -> any EventPredictor {
    switch family {
    case DeliveryPredictor.family: return try DeliveryPredictor(backend)
    case MotionPredictor.family: return try MotionPredictor(backend)
    default: return try EventChainPredictor(backend)
    }
}
