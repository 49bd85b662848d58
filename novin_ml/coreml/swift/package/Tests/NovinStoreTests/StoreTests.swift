import Foundation
import NovinModels
import XCTest

@testable import NovinStore

/// What a store takes, what it refuses, and to what it goes back.
final class StoreTests: XCTestCase {
    private var folder = URL(fileURLWithPath: "")

    override func setUp() {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    }

    override func tearDown() {
        try? FileManager.default.removeItem(at: folder)
    }

    private func store(
        _ shelf: Shelf, appVersion: String = "2.1", mostBytes: Int = 100_000_000,
        now: String = "2029-12-31T23:59:59Z", system: String = "1",
        opener: @escaping ModelOpener = openCompiled
    ) throws -> ModelStore {
        let moment = ISO8601DateFormatter().date(from: now)!
        return try ModelStore(
            name: Shelf.name, source: URL(string: "https://example.com/models")!, folder: folder,
            appVersion: appVersion, transport: shelf, verifier: shelf.verifier,
            mostBytes: mostBytes, now: { moment }, system: system, opener: opener)
    }

    private func assert(
        _ error: StoreError, _ store: ModelStore, line: UInt = #line
    ) async {
        do {
            let update = try await store.update()
            XCTFail("\(update)", line: line)
        } catch let found {
            XCTAssertEqual(found as? StoreError, error, line: line)
        }
    }

    func testAReleaseIsInstalledAndReplaced() async throws {
        let shelf = try Shelf()
        try shelf.put(version: 3)
        let opened: ModelOpener = { model, compiled in
            XCTAssertFalse(Thread.isMainThread)
            return try openCompiled(model, compiled)
        }
        let store = try store(shelf, opener: opened)
        let none = await store.current()
        XCTAssertNil(none)
        do {
            _ = try await store.open(shelf.model.name)
            XCTFail("opened")
        } catch { XCTAssertEqual(error as? StoreError, .nothingInstalled) }
        guard case .installed(let release) = try await store.update() else { return XCTFail("3") }
        XCTAssertEqual(release.version, 3)
        XCTAssertEqual(release.manifest.modelNames, [shelf.model.name])
        let backend = try await store.open(shelf.model.name)
        XCTAssertEqual(backend.metadata, try shelf.model.open().metadata)
        _ = shelf.takeFetched()
        let again = try await store.update()
        XCTAssertEqual(again, .upToDate(release))
        XCTAssertEqual(shelf.takeFetched(), ["manifest.json", "manifest.sig"])
        try shelf.put(version: 5)
        guard case .installed(let newer) = try await store.update() else { return XCTFail("5") }
        XCTAssertEqual(newer.version, 5)
        // The one before is kept, and nothing else.
        let kept = try FileManager.default.contentsOfDirectory(
            atPath: folder.appendingPathComponent("releases").path)
        XCTAssertEqual(kept.sorted(), ["3", "5"])
        XCTAssertFalse(
            FileManager.default.fileExists(atPath: folder.appendingPathComponent("staging").path))
        for older in [4, 3] {
            try shelf.put(version: older)
            await assert(.notNewer(installed: 5, got: older), store)
        }
        let nextLaunch = try self.store(shelf)
        let present = await nextLaunch.current()
        XCTAssertEqual(present, newer)
        await assert(.notNewer(installed: 5, got: 3), nextLaunch)
    }

    func testWhatDoesNotHoldIsRefused() async throws {
        let shelf = try Shelf()
        try shelf.put(version: 1)
        let first = try store(shelf)
        try await first.update()
        let file = "\(shelf.model.name).mlmodel"
        try shelf.put(version: 2)
        for place in [0, shelf.file.count / 2, shelf.file.count - 1] {
            var altered = shelf.file
            altered[place] ^= 1
            shelf.set(file, altered)
            await assert(
                .otherFile(file, expected: altered.count, got: altered.count), first)
        }
        shelf.set(file, shelf.file.dropLast())
        await assert(
            .otherFile(file, expected: shelf.file.count, got: shelf.file.count - 1), first)
        shelf.set(file, shelf.file + [0])
        await assert(
            .tooLong("https://example.com/models/\(file)", limit: shelf.file.count), first)
        shelf.set(file, shelf.file)
        for name in ["manifest.json", "manifest.sig"] {
            let right = shelf.get(name)
            var altered = right
            altered[right.count / 2] ^= 1
            for wrong in [altered, right.dropLast(4), Data()] {
                shelf.set(name, wrong)
                await assert(.badSignature, first)
            }
            shelf.set(name, right)
        }
        let count = shelf.file.count
        await assert(
            .tooLarge(limit: count - 1, got: count), try store(shelf, mostBytes: count - 1))
        await assert(
            .expired(version: 2, at: "2030-01-01T00:00:00Z"),
            try store(shelf, now: "2030-01-01T00:00:00Z"))
        await assert(.oldApp(needed: "2.1", got: "2.0.9"), try store(shelf, appVersion: "2.0.9"))
        XCTAssertThrowsError(try store(shelf, appVersion: "2.x")) {
            XCTAssertEqual($0 as? StoreError, .badVersion("2.x"))
        }
        try shelf.put(version: 2) { $0["name"] = "other" }
        await assert(.otherRelease(expected: "test", got: "other"), first)
        let present = await first.current()
        XCTAssertEqual(present?.version, 1)
        try shelf.put(version: 2)
        guard case .installed = try await first.update() else { return XCTFail("2") }
    }

    func testManifestsThatAreNone() async throws {
        let shelf = try Shelf()
        let store = try store(shelf)
        let file = ["\(shelf.model.name).mlmodel": [1, "00"]]
        let changes: [(inout [String: Any]) -> Void] = [
            { $0["protocol"] = 2 }, { $0["kind"] = "other" }, { $0["expires"] = "soon" },
            { $0["min_app_version"] = "2." }, { $0["golden"] = [String: Any]() },
            { $0["files"] = [String: Any]() }, { $0["version"] = 1.5 }, { $0["files"] = 1 },
        ]
        let places = [
            "../evil", "/evil", "a//b", "a/./b", "a\\b", "", "manifest.json", "Manifest.SIG",
            "compiled/a", "a\nb",
        ]
        let ofPlaces = places.map { place -> (inout [String: Any]) -> Void in
            { $0["files"] = file.merging([place: [1, "00"]]) { _, new in new } }
        }
        for (number, change) in (changes + ofPlaces).enumerated() {
            try shelf.put(version: 1, change: change)
            do {
                let update = try await store.update()
                XCTFail("\(number): \(update)")
            } catch {
                guard case .badManifest? = error as? StoreError else {
                    return XCTFail("\(number): \(error)")
                }
            }
        }
        XCTAssertEqual(Set(shelf.takeFetched()), ["manifest.json", "manifest.sig"])
    }

    /// A model that answers otherwise than Python is not installed, nor fetched a second time.
    func testGoldenRows() async throws {
        let shelf = try Shelf()
        try shelf.put(version: 1)
        let store = try store(shelf)
        try await store.update()
        try shelf.put(version: 2) { $0["golden"] = [shelf.model.name: try shelf.golden(1e-3)] }
        do {
            let update = try await store.update()
            XCTFail("\(update)")
        } catch {
            guard case .failedGoldenRows(shelf.model.name, _)? = error as? StoreError else {
                return XCTFail("\(error)")
            }
        }
        _ = shelf.takeFetched()
        await assert(.failedBefore(version: 2), store)
        await assert(.failedBefore(version: 2), try self.store(shelf))
        XCTAssertEqual(Set(shelf.takeFetched()), ["manifest.json", "manifest.sig"])
        let present = await store.current()
        XCTAssertEqual(present?.version, 1)
        try shelf.put(version: 3)
        guard case .installed = try await store.update() else { return XCTFail("3") }
    }

    /// After an update of the system that makes the installed release answer otherwise.
    func testItGoesBackToTheLastGoodRelease() async throws {
        let shelf = try Shelf()
        let first = try store(shelf)
        for version in [1, 2] {
            try shelf.put(version: version)
            try await first.update()
        }
        let wrong: ModelOpener = { model, compiled in
            let own = try openCompiled(model, compiled)
            return model.path.contains("releases/2/") ? WrongBackend(own: own) : own
        }
        let second = try store(shelf, system: "2", opener: wrong)
        let back = await second.current()
        XCTAssertEqual(back?.version, 1)
        XCTAssertNoThrow(try back?.url(of: "\(shelf.model.name).mlmodel"))
        await assert(.failedBefore(version: 2), second)
        try shelf.put(version: 1)
        let same = try await second.update()
        XCTAssertEqual(same, back.map { .upToDate($0) })
        // On another system it may hold; a lower one stays refused.
        try shelf.put(version: 2)
        let third = try store(shelf, system: "3")
        guard case .installed(let again) = try await third.update() else { return XCTFail("2") }
        XCTAssertEqual(again.version, 2)
        // If none holds, there is none: the app opens the model that it brings.
        let never: ModelOpener = { WrongBackend(own: try openCompiled($0, $1)) }
        let none = await (try store(shelf, system: "4", opener: never)).current()
        XCTAssertNil(none)
        await assert(.failedBefore(version: 2), try store(shelf, system: "4"))
    }

    func testDamageOnTheDisk() async throws {
        let shelf = try Shelf()
        let first = try store(shelf)
        for version in [1, 2] {
            try shelf.put(version: version)
            try await first.update()
        }
        let place = folder.appendingPathComponent("releases/2/\(shelf.model.name).mlmodel")
        for damage in [Data(shelf.file.dropLast()), nil] {
            if let damage {
                try damage.write(to: place)
            } else {
                try FileManager.default.removeItem(at: place)
            }
            do {
                _ = try await first.open(shelf.model.name)
                XCTFail("opened")
            } catch {
                guard case .otherFile? = error as? StoreError else { return XCTFail("\(error)") }
            }
            let second = try store(shelf)
            let back = await second.current()
            XCTAssertEqual(back?.version, 1)
            // It is what the server still has: it is fetched again.
            guard case .installed(let again) = try await second.update() else {
                return XCTFail("2")
            }
            XCTAssertEqual(again.version, 2)
        }
        // Without its note a store knows by the folders what the highest version was.
        try Data("{".utf8).write(to: folder.appendingPathComponent("state.json"))
        try shelf.put(version: 1)
        let third = try store(shelf)
        let present = await third.current()
        XCTAssertEqual(present?.version, 2)
        await assert(.notNewer(installed: 2, got: 1), third)
    }

    func testOneUpdateAtATime() async throws {
        let shelf = try Shelf()
        try shelf.put(version: 1)
        let store = try store(shelf)
        async let one = store.update()
        async let other = store.update()
        let both = try await [one, other]
        XCTAssertEqual(shelf.takeFetched().filter { $0.hasSuffix(".mlmodel") }.count, 1)
        XCTAssert(both.contains { if case .installed = $0 { true } else { false } })
    }

    func testVersionsOfApps() throws {
        XCTAssertEqual(try AppVersion("2.1"), try AppVersion("2.1.0.0"))
        XCTAssertLessThan(try AppVersion("2.9"), try AppVersion("2.10"))
        for wrong in ["", "2.", ".1", "2.1.3.4.5", "-1", "1e3", "1234567890", "٢"] {
            XCTAssertThrowsError(try AppVersion(wrong), wrong)
        }
    }
}
