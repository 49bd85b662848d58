// What a signed release says of itself: the twin of novin_ml/lifecycle/signing/check.py.

import Foundation

/// The manifest of a release that `novin-ml sign` made.
public struct ReleaseManifest: Sendable, Equatable {
    static let protocolNumber = 1
    private static let kind = "novin_ml signed release"

    /// A file of the release.
    public struct File: Sendable, Equatable {
        public let byteCount: Int
        /// Hexadecimal, as `sha256sum` prints it.
        public let sha256: String
    }

    /// The name of the release, the same from version to version.
    public let name: String
    /// A phone never goes back to a lower one.
    public let version: Int
    /// The oldest app that may use it.
    public let minAppVersion: AppVersion
    /// From when on no phone installs it.
    public let expires: Date
    /// The files by their paths, `/` between folders.
    public let files: [String: File]
    /// What each model must answer, by its name.
    public let golden: [String: GoldenRows]

    /// The names of the models.
    public var modelNames: [String] {
        files.keys.filter { $0.hasSuffix(Self.model) }
            .map { String($0.dropLast(Self.model.count)) }.sorted()
    }

    /// The bytes of all files; nil if they are more than any device has.
    var byteCount: Int? {
        files.values.reduce(0 as Int?) { sum, file in
            guard let (sum, isMore) = sum?.addingReportingOverflow(file.byteCount) else {
                return nil
            }
            return isMore ? nil : sum
        }
    }

    static let model = ".mlmodel"

    /// Reads a manifest whose signature holds.
    ///
    /// - Throws: `StoreError.badManifest`
    init(json content: Data) throws {
        let form: Form
        do {
            let head = try JSONDecoder().decode(Head.self, from: content)
            guard head.kind == Self.kind, head.protocol == Self.protocolNumber else {
                throw StoreError.badManifest("\(head.kind), protocol \(head.protocol)")
            }
            form = try JSONDecoder().decode(Form.self, from: content)
        } catch is DecodingError {
            throw StoreError.badManifest("something else")
        }
        guard let expires = ISO8601DateFormatter().date(from: form.expires) else {
            throw StoreError.badManifest("the expiry \(form.expires)")
        }
        do {
            minAppVersion = try AppVersion(form.min_app_version)
        } catch {
            throw StoreError.badManifest("the version of an app \(form.min_app_version)")
        }
        (name, version, self.expires) = (form.name, form.version, expires)
        files = form.files.mapValues { File(byteCount: $0.byteCount, sha256: $0.sha256) }
        golden = try form.golden.mapValues { try GoldenRows($0) }
        for (path, file) in files where !Self.isPlace(path) || file.byteCount < 0 {
            throw StoreError.badManifest("the file \(path) of \(file.byteCount) bytes")
        }
        for model in modelNames where golden[model] == nil {
            throw StoreError.badManifest("no golden rows of \(model)")
        }
        guard !modelNames.isEmpty else { throw StoreError.badManifest("no model") }
    }

    /// Whether a path stays within the folder of its release, and is none of the store's own files.
    private static func isPlace(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !parts.contains { ["", ".", ".."].contains($0) } && path.utf8.count <= 500
            && !path.utf8.contains { $0 == 0x5C || $0 < 0x20 }
            && !ReleaseFolder.own.contains(parts[0].lowercased())
    }

    private struct Head: Decodable {
        let kind: String
        let `protocol`: Int
    }

    private struct Form: Decodable {
        let name, min_app_version, expires: String
        let version: Int
        let files: [String: FileForm]
        let golden: [String: GoldenRows.Form]
    }

    /// A list of bytes and hash.
    private struct FileForm: Decodable {
        let byteCount: Int
        let sha256: String

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            byteCount = try values.decode(Int.self)
            sha256 = try values.decode(String.self)
        }
    }
}
