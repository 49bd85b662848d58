import Foundation
import NovinFeatures
import NovinModels

/// `novin-tool predict MODEL [REASONS]`: answers to what stands on standard input, line by line.
///
/// MODEL is the name of a model of this package, or a `.mlmodel` file. A line is a request, or a
/// list of rows of features, each a list of the bits of float32 numbers. Each answer is a line of
/// JSON: a list with an object for each event, chain or row, of up to REASONS reasons, 3 by default.
enum PredictCommand {
    static func run(_ arguments: [String]) throws {
        let reasons = arguments.count > 1 ? Int(arguments[1]) : 3
        guard let name = arguments.first, let reasons, reasons >= 0, arguments.count < 3 else {
            throw ToolError("Usage: novin-tool predict MODEL [REASONS] < LINES")
        }
        let answer = try answers(of: try open(name), reasons)
        while let line = readLine() {
            let objects: [[String: Any]]
            if let rows = try? JSONDecoder().decode([[UInt32]].self, from: Data(line.utf8)) {
                objects = try answer.rows(rows.map { $0.map { Float(bitPattern: $0) } })
            } else {
                objects = try answer.request(Data(line.utf8))
            }
            print(
                String(
                    decoding: try JSONSerialization.data(
                        withJSONObject: objects, options: [.sortedKeys]), as: UTF8.self))
        }
    }

    private static func open(_ name: String) throws -> any ModelBackend {
        if let model = BundledModel.all.first(where: { $0.name == name }) {
            return try model.open()
        }
        return try DefaultBackend.open(URL(fileURLWithPath: name))
    }

    private struct Answers {
        let rows: ([[Float]]) throws -> [[String: Any]]
        let request: (Data) throws -> [[String: Any]]
    }

    private static func answers(of backend: any ModelBackend, _ reasons: Int) throws -> Answers {
        switch backend.metadata["novin_ml.family"] {
        case DeliveryPredictor.family: return of(try DeliveryPredictor(backend), reasons)
        case MotionPredictor.family: return of(try MotionPredictor(backend), reasons)
        case EventChainPredictor.family: return of(try EventChainPredictor(backend), reasons)
        default:
            var predictor = try BehaviorPredictor(backend)
            return Answers(
                rows: { rows in
                    try predictor.predictions(features: rows, reasons: reasons)
                        .map { object($0, predictor.threshold) }
                },
                request: { request in
                    try predictor.update(json: request, reasons: reasons)
                        .map { object($0, predictor.threshold) }
                })
        }
    }

    private static func of(_ predictor: any EventPredictor, _ reasons: Int) -> Answers {
        let classifier = predictor.classifier
        return Answers(
            rows: { rows in
                try classifier.predictions(features: rows, reasons: reasons)
                    .map { object($0, classifier.labels) }
            },
            request: { request in
                try predictor.predictions(json: request, reasons: reasons)
                    .map { object($0, classifier.labels) }
            })
    }

    private static func object(_ answer: Prediction, _ labels: [String]) -> [String: Any] {
        [
            "numbers": labels.map { json(answer.probabilities[$0] ?? .nan) },
            "label": answer.label,
            "alarm": answer.alarm ?? NSNull(),
            "outcome": answer.outcome.name,
            "reasons": answer.reasons.map(object),
            "features": answer.features.map { Int(($0 ?? .nan).bitPattern) },
        ]
    }

    private static func object(_ answer: BehaviorPrediction, _ threshold: Float) -> [String: Any] {
        [
            // As the model has its outputs: the decision is below 0 for an alarm.
            "numbers": [json(answer.anomalyScore), json(threshold - answer.anomalyScore)],
            "is_alarm": answer.isAlarm,
            "reasons": answer.reasons.map(object),
            "features": answer.features.map { Int(($0 ?? .nan).bitPattern) },
        ]
    }

    private static func object(_ reason: Reason) -> [String: Any] {
        [
            "feature": reason.feature, "contribution": json(reason.contribution),
            "words": reason.words.text,
        ]
    }

    /// JSON knows finite numbers alone.
    private static func json(_ number: Float) -> Any {
        number.isFinite ? Double(number) : NSNull()
    }
}
