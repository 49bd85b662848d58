import Foundation
import NovinModels

/// Rows of features with the answers that Python gave, for a model.
public struct GoldenRows: Sendable, Equatable {
    /// The labels of a classifier, or `anomalyScore`.
    public let outputs: [String]
    /// The largest difference allowed.
    public let tolerance: Float
    /// Numbers in the order of the model's inputs; NaN is a missing value.
    public let rows: [[Float]]
    /// Probabilities in the order of `outputs`, or the score.
    public let answers: [[Float]]

    struct Form: Decodable {
        let n_rows: Int
        let outputs: [String]
        let tolerance: Double
        let rows, answers: String
    }

    /// - Throws: `StoreError.badManifest`
    init(_ form: Form) throws {
        outputs = form.outputs
        tolerance = Float(form.tolerance)
        rows = try Self.numbers(form.rows, count: form.n_rows)
        answers = try Self.numbers(form.answers, count: form.n_rows)
        guard !outputs.isEmpty, answers.allSatisfy({ $0.count == outputs.count }), tolerance >= 0
        else { throw StoreError.badManifest("golden rows without answers") }
    }

    /// Reads little-endian float32 in base64.
    private static func numbers(_ text: String, count: Int) throws -> [[Float]] {
        guard let data = Data(base64Encoded: text), count > 0, data.count % (4 * count) == 0,
            !data.isEmpty
        else { throw StoreError.badManifest("golden rows that are no numbers") }
        let numbers = stride(from: data.startIndex, to: data.endIndex, by: 4).map { place in
            Float(
                bitPattern: data[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
        let width = numbers.count / count
        return (0..<count).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
    }

    /// Throws unless a model answers on this device as Python did.
    ///
    /// - Throws: `StoreError.failedGoldenRows`
    func check(_ backend: any ModelBackend, name: String) throws {
        let got: [[Float]]
        do {
            got = try ask(backend)
        } catch {
            throw StoreError.failedGoldenRows(name, why: "no answer: \(error)")
        }
        guard got.count == answers.count else {
            throw StoreError.failedGoldenRows(name, why: "\(got.count) answers")
        }
        for (number, (row, right)) in zip(got, answers).enumerated() {
            let isRight =
                row.count == right.count
                // Both are rounded to float32: half a unit of the last place each.
                && zip(row, right).allSatisfy {
                    abs($0 - $1) <= tolerance + max(1, abs($1)) * 0x1p-23
                }
            guard isRight else {
                throw StoreError.failedGoldenRows(
                    name, why: "\(row) instead of \(right) to row \(number)")
            }
        }
    }

    private func ask(_ backend: any ModelBackend) throws -> [[Float]] {
        let text = backend.metadata["novin_ml.feature_order"] ?? ""
        let names = try JSONDecoder().decode([String].self, from: Data(text.utf8))
        guard names.count == rows[0].count else {
            throw ModelError.otherWidth(expected: names.count, got: rows[0].count)
        }
        guard outputs == ["anomalyScore"] else {
            return try backend.probabilities(of: rows, names: names, labels: outputs)
        }
        return try backend.numbers(outputs[0], of: rows, names: names).map { [$0] }
    }
}
