import Foundation
import XCTest

@testable import NovinStore

/// Fetches releases of `novin-ml sign` from a server on this machine. novin_ml's own tests start the
/// server and say in a file what must come of each; without one there is nothing to test.
final class ServerTests: XCTestCase {
    private struct Plan: Decodable {
        let publicKey, server, name: String
        let cases: [Case]

        struct Case: Decodable {
            let path: String
            /// The error's case; nil if the release is installed.
            let error: String?
            let version: Int?
            let appVersion: String?
            let daysLater: Double?
            let mostBytes: Int?
        }
    }

    func testReleases() async throws {
        guard let file = ProcessInfo.processInfo.environment["NOVIN_STORE_PLAN"] else {
            throw XCTSkip("NOVIN_STORE_PLAN names no file")
        }
        let plan = try JSONDecoder().decode(
            Plan.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        let key = try XCTUnwrap(Data(base64Encoded: plan.publicKey))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        for one in plan.cases {
            let now = Date(timeIntervalSinceNow: 86_400 * (one.daysLater ?? 0))
            let store = try ModelStore(
                name: plan.name, source: XCTUnwrap(URL(string: "\(plan.server)/\(one.path)")),
                folder: folder, appVersion: one.appVersion ?? "2.1",
                transport: URLSessionTransport(timeout: 20, allowsLoopback: true),
                verifier: Ed25519(publicKey: [UInt8](key)), mostBytes: one.mostBytes ?? 100_000_000,
                now: { now })
            let before = await store.current()
            do {
                let update = try await store.update()
                XCTAssertNil(one.error, "\(one.path): \(update)")
                let present = await store.current()
                XCTAssertEqual(present?.version, one.version, one.path)
                let model = try XCTUnwrap(present?.manifest.modelNames.first)
                _ = try await store.open(model)
            } catch {
                let name = (error as? StoreError).map { "\($0.caseName)" } ?? "other"
                XCTAssertEqual(name, one.error ?? "none", "\(one.path): \(error)")
                let present = await store.current()
                XCTAssertEqual(present, before, one.path)
            }
        }
    }

    /// The transport of an app takes no http, not even to this machine.
    func testPlainAddressesAreRefused() async throws {
        let url = try XCTUnwrap(URL(string: "http://127.0.0.1:9/manifest.json"))
        do {
            _ = try await URLSessionTransport().fetch(url, atMost: 10)
            XCTFail("fetched")
        } catch { XCTAssertEqual(error as? StoreError, .notSecure(url.absoluteString)) }
    }
}

extension StoreError {
    fileprivate var caseName: String {
        // Of a case without values there are no children.
        if self == .badSignature { return "badSignature" }
        return Mirror(reflecting: self).children.first?.label ?? "other"
    }
}
