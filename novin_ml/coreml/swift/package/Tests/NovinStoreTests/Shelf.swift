import Foundation
import NovinFeatures
import NovinModels
import NovinUpdates
import XCTest

@testable import NovinStore

/// Releases of a bundled model, signed here: what a server would serve.
final class Shelf: ReleaseTransport, @unchecked Sendable {
    static let name = "test"
    let signer = Ed25519.Signer(secret: [UInt8](repeating: 9, count: 32))
    private let lock = NSLock()
    private var content: [String: Data] = [:]
    private var fetched: [String] = []

    /// The name of the model in the releases, and its file.
    let model: BundledModel
    let file: Data

    /// - Throws: `XCTSkip` of a package without models.
    init() throws {
        guard let first = BundledModel.all.first else { throw XCTSkip("no model") }
        model = first
        file = try Data(contentsOf: try first.url())
    }

    var verifier: Ed25519 { Ed25519(publicKey: signer.publicKey) }

    /// Names of the files that were fetched since the last look.
    func takeFetched() -> [String] {
        lock.withLock {
            defer { fetched = [] }
            return fetched
        }
    }

    func fetch(_ url: URL, atMost limit: Int) async throws -> Data {
        let name = url.lastPathComponent
        let found = lock.withLock {
            fetched.append(name)
            return content[name]
        }
        guard let found else { throw StoreError.server(name, status: 404) }
        return found
    }

    /// Puts a release on the shelf, after a change of its manifest, and signs it.
    func put(version: Int, change: (inout [String: Any]) throws -> Void = { _ in }) throws {
        var manifest: [String: Any] = [
            "kind": "novin_ml signed release", "protocol": 1, "name": Self.name,
            "version": version, "min_app_version": "2.1", "expires": "2030-01-01T00:00:00Z",
            "files": [
                "\(model.name).mlmodel": [file.count, SHA256.hexadecimal(SHA256.hash(file))]
            ],
            "golden": [model.name: try golden()],
        ]
        try change(&manifest)
        let text = try JSONSerialization.data(withJSONObject: manifest)
        let signature = Data(signer.sign([UInt8](text)))
        set("manifest.json", text)
        set("manifest.sig", Data("\(signature.base64EncodedString())\n".utf8))
        set("\(model.name).mlmodel", file)
    }

    func set(_ name: String, _ data: Data?) { lock.withLock { content[name] = data } }

    func get(_ name: String) -> Data { lock.withLock { content[name] ?? Data() } }

    /// The model's own answers to its typical row, and to one of zeros.
    func golden(_ change: Float = 0) throws -> [String: Any] {
        let backend = try model.open()
        let names = try metadata("feature_order", [String].self, backend)
        let typical = try metadata("feature_typical", [Float?].self, backend).map { $0 ?? 0 }
        let rows = [typical, typical.map { $0 * 0.5 }]
        let labels = try? metadata("class_labels", [String].self, backend)
        let answers =
            try labels.map { try backend.probabilities(of: rows, names: names, labels: $0) }
            ?? backend.numbers("anomalyScore", of: rows, names: names).map { [$0] }
        return [
            "n_rows": 2, "outputs": labels ?? ["anomalyScore"], "tolerance": 1e-5,
            "rows": text(rows), "answers": text(answers.map { $0.map { $0 + change } }),
        ]
    }

    private func metadata<Value: Decodable>(
        _ key: String, _ type: Value.Type, _ backend: any ModelBackend
    ) throws -> Value {
        let text = backend.metadata["novin_ml.\(key)"] ?? ""
        return try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func text(_ rows: [[Float]]) -> String {
        let bytes = rows.joined().flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32($0))) }
        }
        return Data(bytes).base64EncodedString()
    }
}

/// A model whose answers are wrong by a little, as on a device that computes otherwise.
struct WrongBackend: ModelBackend {
    let own: any ModelBackend
    var isCoreML: Bool { own.isCoreML }
    var metadata: [String: String] { own.metadata }

    func probabilities(
        of rows: [[Float]], names: [String], labels: [String]
    ) throws -> [[Float]] {
        try own.probabilities(of: rows, names: names, labels: labels).map { $0.map { $0 + 1e-3 } }
    }

    func numbers(_ output: String, of rows: [[Float]], names: [String]) throws -> [Float] {
        try own.numbers(output, of: rows, names: names).map { $0 + 1e-3 }
    }
}
