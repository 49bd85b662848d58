import Foundation
import NovinModels
import NovinUpdates

#if canImport(CoreML)
    import CoreML
#endif

/// A release on this device, whose signature and files held.
public struct InstalledRelease: Sendable, Equatable {
    /// What was signed.
    public let manifest: ReleaseManifest
    let folder: URL

    /// The number of the version.
    public var version: Int { manifest.version }

    /// A file of the release, after a look at its content.
    ///
    /// - Parameter name: Its path in the release, such as `delivery.weights.json`.
    /// - Throws: `StoreError.noFile`, and `StoreError.otherFile` if it was altered since.
    public func url(of name: String) throws -> URL {
        guard let file = manifest.files[name] else { throw StoreError.noFile(name) }
        let url = Self.place(of: name, in: folder)
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw StoreError.otherFile(name, expected: file.byteCount, got: 0)
        }
        try Self.check(try Data(contentsOf: url), of: name, file)
        return url
    }

    /// Throws unless the files are those that were signed.
    func checkFiles() throws {
        for name in manifest.files.keys { _ = try url(of: name) }
    }

    /// Where a path of the manifest lies.
    static func place(of name: String, in folder: URL) -> URL {
        name.split(separator: "/").reduce(folder) { $0.appendingPathComponent(String($1)) }
    }

    /// Throws unless a file has the content that was signed.
    static func check(_ content: Data, of name: String, _ file: ReleaseManifest.File) throws {
        guard content.count == file.byteCount,
            SHA256.hexadecimal(SHA256.hash(content)) == file.sha256
        else {
            throw StoreError.otherFile(name, expected: file.byteCount, got: content.count)
        }
    }
}

/// What opens a model of a release: the file, and the folder where what Core ML compiles is kept.
typealias ModelOpener = @Sendable (_ model: URL, _ compiled: URL) throws -> any ModelBackend

/// Opens a model: with Core ML, which compiles it once, where that exists.
let openCompiled: ModelOpener = { model, compiled in
    #if canImport(CoreML)
        let name = model.deletingPathExtension().lastPathComponent
        let kept = compiled.appendingPathComponent("\(name).mlmodelc")
        let files = FileManager.default
        if files.fileExists(atPath: kept.path) {
            if let backend = try? CoreMLBackend(contentsOf: kept) { return backend }
            try files.removeItem(at: kept)  // of an older system, or damaged
        }
        let fresh = try MLModel.compileModel(at: model)
        try files.createDirectory(at: compiled, withIntermediateDirectories: true)
        try files.moveItem(at: fresh, to: kept)
        return try CoreMLBackend(contentsOf: kept)
    #else
        return try ReferenceBackend(contentsOf: model)
    #endif
}
