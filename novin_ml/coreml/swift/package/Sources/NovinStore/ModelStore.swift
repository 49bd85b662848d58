import Foundation
import NovinModels

/// Keeps the models of signed releases up to date, and opens none that does not hold.
///
/// ```swift
/// let store = try ModelStore(
///     name: "delivery", source: URL(string: "https://example.com/models")!,
///     publicKey: "9b0e…", appVersion: "2.1")
/// _ = try? await store.update()  // what was installed stays until a newer release holds
/// let backend = try? await store.open("delivery")
/// let predictor = try backend.map { try DeliveryPredictor($0) } ?? DeliveryPredictor.delivery()
/// ```
///
/// The signature is checked first; then name, expiry, versions and sizes; then each file, of which no
/// more bytes are read than were signed; then each model is compiled and must answer its golden rows
/// on this device. Only then the release is swapped in. The one before it is kept: if the installed
/// release does not hold any more, say after an update of the system, the store goes back to it.
///
/// Nothing of it runs on the main thread. Let one process use a folder.
public actor ModelStore {
    /// What a look for a newer release gave.
    public enum Update: Sendable, Equatable {
        /// A newer one, which is in use now.
        case installed(InstalledRelease)
        /// The one that is in use is the newest.
        case upToDate(InstalledRelease)
    }

    /// The name of the release, as its manifest says.
    public nonisolated let name: String
    private let source: URL
    private let appVersion: AppVersion
    private let folder: ReleaseFolder
    private let transport: any ReleaseTransport
    private let verifier: any SignatureVerifier
    private let mostBytes: Int
    private let now: @Sendable () -> Date
    private let opener: ModelOpener
    private let system: String

    private var release: InstalledRelease?
    private var isLookedAt = false
    private var updating: Task<Update, any Error>?

    /// Makes a store of a folder; nothing is read or fetched yet.
    ///
    /// - Parameters:
    ///   - name: The name of the release: one of another name is refused, whoever signed it.
    ///   - source: The address of the folder that `novin-ml sign` wrote.
    ///   - folder: Where releases are kept. It is the store's alone.
    ///   - appVersion: The version of the app, such as `2.1`.
    ///   - transport: What fetches files.
    ///   - verifier: What knows the public key.
    ///   - mostBytes: The most bytes of all files of a release.
    ///   - now: The clock that expiries are compared with.
    /// - Throws: `StoreError.badVersion`
    public init(
        name: String, source: URL, folder: URL, appVersion: String,
        transport: any ReleaseTransport, verifier: any SignatureVerifier,
        mostBytes: Int = 100_000_000, now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        try self.init(
            name: name, source: source, folder: folder, appVersion: appVersion,
            transport: transport, verifier: verifier, mostBytes: mostBytes, now: now,
            opener: openCompiled)
    }

    init(
        name: String, source: URL, folder: URL, appVersion: String,
        transport: any ReleaseTransport, verifier: any SignatureVerifier,
        mostBytes: Int = 100_000_000, now: @escaping @Sendable () -> Date = { Date() },
        system: String = ProcessInfo.processInfo.operatingSystemVersionString,
        opener: @escaping ModelOpener
    ) throws {
        self.name = name
        self.source = source
        self.folder = ReleaseFolder(root: folder)
        self.appVersion = try AppVersion(appVersion)
        self.transport = transport
        self.verifier = verifier
        self.mostBytes = mostBytes
        self.now = now
        self.system = system
        self.opener = opener
    }

    /// The release in use; nil before the first one.
    ///
    /// The first call of a launch looks at the signature, at every file and at the golden rows, and
    /// goes back to the release before if they do not hold.
    public func current() -> InstalledRelease? {
        if isLookedAt { return release }
        isLookedAt = true
        var state = folder.state()
        let noted = state
        release = nil
        for version in [state.installed, state.before].compactMap({ $0 }) {
            do {
                let found = try installed(version)
                try checkAnswers(of: found)
                release = found
                break
            } catch StoreError.failedGoldenRows {
                state.failed[version] = system
            } catch is StoreError {
                state.failed[version] = ""
            } catch {
                // The disk cannot be read now, say before a phone is unlocked: nothing is known.
                isLookedAt = false
                return nil
            }
        }
        if release?.version != state.installed {
            state.installed = release?.version
            state.before = nil
        }
        if state != noted {
            try? folder.keep(state)
            folder.clean(state)
        }
        return release
    }

    /// Looks for a newer release, and installs it.
    ///
    /// - Throws: `StoreError`, or what the transport or the disk fails by. What was installed stays in
    ///   use then.
    @discardableResult
    public func update() async throws -> Update {
        if let updating { return try await updating.value }
        let task = Task { try await self.install() }
        updating = task
        defer { updating = nil }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Opens a model of the release in use.
    ///
    /// - Parameter model: The name of its file, without the extension.
    /// - Throws: `StoreError.nothingInstalled`, `StoreError.noFile`, or `StoreError.otherFile` if the
    ///   file was altered since.
    public func open(_ model: String) throws -> any ModelBackend {
        guard let release = current() else { throw StoreError.nothingInstalled }
        return try open(model, of: release)
    }

    private func install() async throws -> Update {
        let present = current()
        let content = try await fetch(ReleaseFolder.manifest, atMost: 1_000_000)
        let signature = try await fetch(ReleaseFolder.signature, atMost: 200)
        let manifest = try signed(content, by: signature)
        try check(manifest)
        var state = folder.state()
        if let present, manifest.version == present.version { return .upToDate(present) }
        // One that answered wrongly may hold on a newer system.
        if state.failed[manifest.version] == system {
            throw StoreError.failedBefore(version: manifest.version)
        }
        let isRetried = state.failed[manifest.version] != nil
        let floor = isRetried ? present?.version ?? 0 : state.highest
        guard manifest.version > floor else {
            throw StoreError.notNewer(installed: state.highest, got: manifest.version)
        }
        let byteCount = manifest.byteCount ?? .max
        guard byteCount <= mostBytes else {
            throw StoreError.tooLarge(limit: mostBytes, got: byteCount)
        }
        let staging = try folder.makeStaging()
        defer { try? FileManager.default.removeItem(at: staging) }
        for (name, file) in manifest.files.sorted(by: { $0.key < $1.key }) {
            let content = try await fetch(name, atMost: file.byteCount)
            try InstalledRelease.check(content, of: name, file)
            let place = InstalledRelease.place(of: name, in: staging)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try content.write(to: place)
        }
        try Task.checkCancellation()
        try content.write(to: staging.appendingPathComponent(ReleaseFolder.manifest))
        try signature.write(to: staging.appendingPathComponent(ReleaseFolder.signature))
        do {
            try checkAnswers(of: InstalledRelease(manifest: manifest, folder: staging))
        } catch let error as StoreError {
            if case .failedGoldenRows = error { state.failed[manifest.version] = system }
            try? folder.keep(state)
            throw error
        }
        let place = try folder.install(staging, version: manifest.version)
        let new = InstalledRelease(manifest: manifest, folder: place)
        state.before = present?.version
        state.installed = manifest.version
        state.highest = max(state.highest, manifest.version)
        state.failed[manifest.version] = nil
        try folder.keep(state)
        release = new
        folder.clean(state)
        return .installed(new)
    }

    private func fetch(_ name: String, atMost limit: Int) async throws -> Data {
        let url = InstalledRelease.place(of: name, in: source)
        let content = try await transport.fetch(url, atMost: limit)
        guard content.count <= limit else {
            throw StoreError.tooLong(url.absoluteString, limit: limit)
        }
        return content
    }

    /// The manifest, if its signature holds: nothing of the content is read before.
    private func signed(_ content: Data, by signature: Data) throws -> ReleaseManifest {
        let text = String(decoding: signature, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard let bytes = Data(base64Encoded: text), bytes.count == 64,
            verifier.isValid(bytes, of: content)
        else { throw StoreError.badSignature }
        return try ReleaseManifest(json: content)
    }

    private func check(_ manifest: ReleaseManifest) throws {
        guard manifest.name == name else {
            throw StoreError.otherRelease(expected: name, got: manifest.name)
        }
        guard now() < manifest.expires else {
            throw StoreError.expired(
                version: manifest.version,
                at: ISO8601DateFormatter().string(from: manifest.expires))
        }
        guard appVersion >= manifest.minAppVersion else {
            throw StoreError.oldApp(
                needed: manifest.minAppVersion.description, got: appVersion.description)
        }
    }

    /// A release that was installed before. It may have expired since: it stays in use.
    private func installed(_ version: Int) throws -> InstalledRelease {
        let place = folder.place(of: version)
        let file = place.appendingPathComponent(ReleaseFolder.manifest)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw StoreError.noFile(ReleaseFolder.manifest)
        }
        let content = try Data(contentsOf: file)
        let signature = try Data(contentsOf: place.appendingPathComponent(ReleaseFolder.signature))
        let manifest = try signed(content, by: signature)
        guard manifest.name == name, manifest.version == version else {
            throw StoreError.otherRelease(expected: name, got: manifest.name)
        }
        let release = InstalledRelease(manifest: manifest, folder: place)
        try release.checkFiles()
        return release
    }

    private func checkAnswers(of release: InstalledRelease) throws {
        for model in release.manifest.modelNames {
            guard let golden = release.manifest.golden[model] else { continue }
            let backend: any ModelBackend
            do {
                backend = try open(model, of: release)
            } catch let error as CocoaError {
                throw error  // of the disk, and not of the model
            } catch {
                throw StoreError.failedGoldenRows(
                    model, why: "a model that does not open: \(error)")
            }
            try golden.check(backend, name: model)
        }
    }

    private func open(_ model: String, of release: InstalledRelease) throws -> any ModelBackend {
        let url = try release.url(of: "\(model)\(ReleaseManifest.model)")
        return try opener(url, release.folder.appendingPathComponent(ReleaseFolder.compiled))
    }
}

#if canImport(CryptoKit)
    extension ModelStore {
        /// Makes a store in the app's own folder, over HTTPS and with CryptoKit.
        ///
        /// - Parameters:
        ///   - name: The name of the release.
        ///   - source: The address of the folder that `novin-ml sign` wrote.
        ///   - publicKey: What `novin-ml sign` prints: 32 bytes in base64.
        ///   - appVersion: The version of the app, such as `2.1`.
        /// - Throws: `StoreError.badKey` and `StoreError.badVersion`
        public init(name: String, source: URL, publicKey: String, appVersion: String) throws {
            let folder = try FileManager.default.url(
                for: .applicationSupportDirectory, in: .userDomainMask, appropriateFor: nil,
                create: true
            )
            .appendingPathComponent("NovinStore", isDirectory: true)
            .appendingPathComponent(name, isDirectory: true)
            try self.init(
                name: name, source: source, folder: folder, appVersion: appVersion,
                transport: URLSessionTransport(),
                verifier: try CryptoKitVerifier(publicKey: publicKey))
        }
    }
#endif
