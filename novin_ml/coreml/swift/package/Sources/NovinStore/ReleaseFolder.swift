import Foundation

/// The files of a store: what is installed, the release before it, and a note of both.
struct ReleaseFolder: Sendable {
    static let manifest = "manifest.json"
    static let signature = "manifest.sig"
    static let compiled = "compiled"
    /// Names that no file of a release may have.
    static let own: Set<String> = [manifest, signature, compiled]

    /// The note, `state.json`.
    struct State: Codable, Equatable {
        /// The version in use, and the one before it, which held too.
        var installed: Int?
        var before: Int?
        /// No lower one is ever installed.
        var highest = 0
        /// Versions that failed here, with the system on which they answered wrongly; empty of one
        /// whose files were damaged later, which may be fetched again.
        var failed: [Int: String] = [:]
    }

    let root: URL

    private var note: URL { root.appendingPathComponent("state.json") }
    private var releases: URL { root.appendingPathComponent("releases", isDirectory: true) }

    /// The folder of a version.
    func place(of version: Int) -> URL {
        releases.appendingPathComponent(String(version), isDirectory: true)
    }

    /// The note; if it is lost, one of the releases that are there, all of which held.
    func state() -> State {
        if let content = try? Data(contentsOf: note),
            let state = try? JSONDecoder().decode(State.self, from: content)
        {
            return state
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: releases.path)) ?? []
        let versions = names.compactMap { Int($0) }.sorted()
        return State(
            installed: versions.last, before: versions.dropLast().last,
            highest: versions.last ?? 0)
    }

    /// Writes the note, whole or not at all.
    func keep(_ state: State) throws {
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try JSONEncoder().encode(state).write(to: note, options: .atomic)
    }

    /// A new folder for what is being downloaded.
    func makeStaging() throws -> URL {
        let place = root.appendingPathComponent("staging", isDirectory: true)
            .appendingPathComponent(UUID().uuidString, isDirectory: true)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        #if canImport(Darwin)
            // It can be downloaded again.
            var folder = root
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try? folder.setResourceValues(values)
        #endif
        return place
    }

    /// Puts a whole release into its place.
    func install(_ staging: URL, version: Int) throws -> URL {
        let place = place(of: version)
        let files = FileManager.default
        try files.createDirectory(at: releases, withIntermediateDirectories: true)
        // One that failed, or that was never noted.
        try? files.removeItem(at: place)
        try files.moveItem(at: staging, to: place)
        return place
    }

    /// Removes what is neither in use nor the release before.
    func clean(_ state: State) {
        let files = FileManager.default
        try? files.removeItem(at: root.appendingPathComponent("staging"))
        let kept = [state.installed, state.before].compactMap { $0.map(String.init) }
        for name in (try? files.contentsOfDirectory(atPath: releases.path)) ?? []
        where !kept.contains(name) {
            try? files.removeItem(at: releases.appendingPathComponent(name))
        }
    }
}
