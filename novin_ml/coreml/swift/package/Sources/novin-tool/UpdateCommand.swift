import Foundation
import NovinUpdates

/// `novin-tool update`: update files and manifests, line by line.
///
/// A line is JSON with a `manifest`, the text of one, and with either a `file` in base 64, which is
/// read, or the bits of `values` and the number of `examples`, of which a file is written; or it is
/// `{"sha256": bytes in base 64}`. The targets of `rows` are answered, of an autoencoder. A refusal is the name of the error and its sentence.
enum UpdateCommand {
    static func run() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        while let line = readLine() {
            let question = try JSONDecoder().decode(Question.self, from: Data(line.utf8))
            var answer = Answer()
            do {
                answer = try Self.answer(to: question)
            } catch let error as UpdateError {
                answer.refusal = Mirror(reflecting: error).children.first?.label ?? name(of: error)
                answer.sentence = error.description
            }
            print(String(decoding: try encoder.encode(answer), as: UTF8.self))
        }
    }

    private static func answer(to question: Question) throws -> Answer {
        var answer = Answer()
        if let bytes = question.sha256 { answer.hash = SHA256.hexadecimal(SHA256.hash(bytes)) }
        guard let text = question.manifest else { return answer }
        let manifest = try WeightsManifest(json: Data(text.utf8))
        if let target = manifest.target, let rows = question.rows {
            answer.targets = rows.map { row in
                target.values(of: row.map { Float(bitPattern: $0) }).map(\.bitPattern)
            }
        }
        if let file = question.file {
            let update = try UpdateFile(file, manifest: manifest)
            answer.examples = update.exampleCount
            answer.values = update.values.map(\.bitPattern)
            answer.hash = SHA256.hexadecimal(try manifest.modelHash(of: update.values))
        } else if let bits = question.values {
            let update = try UpdateFile(
                manifest: manifest, exampleCount: question.examples ?? 0,
                values: bits.map { Float(bitPattern: $0) })
            answer.file = update.data
        }
        return answer
    }

    /// The name of a case without values, which no mirror shows.
    private static func name(of error: UpdateError) -> String {
        switch error {
        case .wrongMagic: return "wrongMagic"
        case .altered: return "altered"
        default: return "noExamples"
        }
    }

    private struct Question: Decodable {
        let manifest: String?
        let file, sha256: Data?
        let values: [UInt32]?
        let rows: [[UInt32]]?
        let examples: UInt64?
    }

    private struct Answer: Encodable {
        var refusal, sentence, hash: String?
        var file: Data?
        var values: [UInt32]?
        var targets: [[UInt32]]?
        var examples: UInt64?
    }
}
