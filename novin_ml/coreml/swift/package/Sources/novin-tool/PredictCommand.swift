import Foundation
import NovinFeatures
import NovinModels

/// `novin-tool predict MODEL`: answers to what stands on standard input, line by line.
///
/// MODEL is the name of a model of this package, or a `.mlmodel` file. A line is a request, or a
/// list of rows of features, each a list of the bits of float32 numbers. Each answer is a line of
/// JSON: a list with an object for each event, chain or row.
enum PredictCommand {
    static func run(_ arguments: [String]) throws {
        guard let name = arguments.first, arguments.count == 1 else {
            throw ToolError("predict needs a model. Usage: novin-tool predict MODEL < LINES")
        }
        let backend = try open(name)
        let answer = try answers(of: backend)
        while let line = readLine() {
            let objects: [[String: Any]]
            if let rows = try? JSONDecoder().decode([[UInt32]].self, from: Data(line.utf8)) {
                objects = try answer.rows(rows.map { $0.map { Float(bitPattern: $0) } })
            } else {
                objects = try answer.request(Data(line.utf8))
            }
            print(String(decoding: try JSONSerialization.data(
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

    private static func answers(of backend: any ModelBackend) throws -> Answers {
        switch backend.metadata["novin_ml.family"] {
        case DeliveryPredictor.family: return of(try DeliveryPredictor(backend))
        case MotionPredictor.family: return of(try MotionPredictor(backend))
        case EventChainPredictor.family: return of(try EventChainPredictor(backend))
        default:
            var predictor = try BehaviorPredictor(backend)
            return Answers(
                rows: { try predictor.predictions(features: $0).map(object) },
                request: { try predictor.update(json: $0).map(object) })
        }
    }

    private static func of(_ predictor: any EventPredictor) -> Answers {
        let labels = predictor.classifier.labels
        return Answers(
            rows: { try predictor.classifier.predictions(features: $0).map { object($0, labels) } },
            request: { try predictor.predictions(json: $0).map { object($0, labels) } })
    }

    private static func object(_ answer: Prediction, _ labels: [String]) -> [String: Any] {
        [
            "numbers": labels.map { Double(answer.probabilities[$0] ?? .nan) },
            "label": answer.label,
            "alarm": answer.alarm ?? NSNull(),
            "known": answer.isKnown,
            "reasons": answer.reasons.map(object),
            "features": answer.features.map { Int($0.bitPattern) },
        ]
    }

    private static func object(_ answer: BehaviorPrediction) -> [String: Any] {
        [
            "numbers": [Double(answer.score), Double(answer.decision)],
            "is_alarm": answer.isAlarm,
            "reasons": answer.reasons.map(object),
            "features": answer.features.map { Int($0.bitPattern) },
        ]
    }

    private static func object(_ reason: Reason) -> [String: Any] {
        ["feature": reason.feature, "contribution": Double(reason.contribution)]
    }
}
