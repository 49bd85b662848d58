import Foundation
import NovinFeatures
import NovinUpdates

/// A model that came with this package.
public struct BundledModel: Sendable, Equatable {
    /// Its name: that of its file, without the extension.
    public let name: String
    /// `delivery`, `motion`, `chains`, `behavior` or `monitor`.
    public let family: String
    /// SHA-256 of its file.
    public let sha256: String

    /// The `.mlmodel` file, after a look at its content.
    ///
    /// - Throws: `ModelError.altered` if it is not the file that the package was written with.
    public func url() throws -> URL {
        let file = try Self.file("\(name).mlmodel")
        try Self.check(try Data(contentsOf: file), of: "\(name).mlmodel", against: sha256)
        return file
    }

    /// Throws unless a file has the content that it was written with.
    static func check(_ content: Data, of name: String, against sha256: String) throws {
        let found = SHA256.hexadecimal(SHA256.hash(content))
        guard found == sha256 else {
            throw ModelError.altered(file: name, expected: sha256, got: found)
        }
    }

    /// What was compared with the Python model, as JSON.
    public func certificate() throws -> Data {
        try Data(contentsOf: Self.file("\(name).certificate.json"))
    }

    /// What the model is worth, in Markdown; nil if it came without a card.
    public func card() throws -> String? {
        guard let file = try? Self.file("\(name).card.md") else { return nil }
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    /// What each weight is, of a model that a phone can train; nil of any other.
    public func weights() throws -> WeightsManifest? {
        guard let file = try? Self.file("\(name).weights.json") else { return nil }
        return try WeightsManifest(json: Data(contentsOf: file))
    }

    /// What the home of a detector reported until it was exported; nil if it came without.
    public func history() throws -> BehaviorHistory? {
        guard let file = try? Self.file("\(name).history.json") else { return nil }
        return try JSONDecoder().decode(BehaviorHistory.self, from: Data(contentsOf: file))
    }

    /// What went on in the home of a monitor until it was exported; nil if it came without.
    public func activity() throws -> ActivityHistory? {
        guard let file = try? Self.file("\(name).activity.json") else { return nil }
        return try JSONDecoder().decode(ActivityHistory.self, from: Data(contentsOf: file))
    }

    /// Opens the model: with Core ML where that exists.
    public func open() throws -> any ModelBackend {
        try DefaultBackend.open(try url(), identifier: String(sha256.prefix(16)))
    }

    /// The model of a name.
    static func named(_ name: String) throws -> BundledModel {
        guard let model = all.first(where: { $0.name == name }) else {
            throw ModelError.noFile(name: "\(name).mlmodel")
        }
        return model
    }

    private static func file(_ name: String) throws -> URL {
        let url = Bundle.module.bundleURL.appendingPathComponent("Models/\(name)")
        let inResources = Bundle.module.resourceURL?.appendingPathComponent("Models/\(name)")
        for place in [inResources, url].compactMap({ $0 })
        where FileManager.default.fileExists(atPath: place.path) {
            return place
        }
        throw ModelError.noFile(name: name)
    }
}
