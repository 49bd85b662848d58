import Foundation
import NovinFeatures
import NovinModels
import NovinStore
import XCTest

/// What an app does: it keeps a store of its own, and follows a home by a stream.
final class AppTests: XCTestCase {
    /// A folder in place of a server.
    private struct Folder: ReleaseTransport {
        let url: URL

        func fetch(_ address: URL, atMost limit: Int) async throws -> Data {
            let content = try Data(contentsOf: url.appendingPathComponent(address.lastPathComponent))
            guard content.count <= limit else { throw StoreError.tooLong(address.path, limit: limit) }
            return content
        }
    }

    /// The part of an app that answers: state that only one task at a time can reach.
    private actor Home {
        let stream: DeliveryStream
        private(set) var labels: [String] = []

        init(_ backend: any ModelBackend, clock: any StreamClock) throws {
            stream = DeliveryStream(
                try DeliveryPredictor(backend), state: .init(lateness: 2), clock: clock)
        }

        func answer() async throws {
            for answer in try await stream.next() {
                labels.append("\(answer.event.type): \(answer.prediction.label)")
            }
        }
    }

    func testAnAppUsesStoreAndStream() async throws {
        let environment = ProcessInfo.processInfo.environment
        let release = URL(fileURLWithPath: try XCTUnwrap(environment["NOVIN_RELEASE"]))
        let key = try XCTUnwrap(Data(base64Encoded: try XCTUnwrap(environment["NOVIN_KEY"])))
        let place = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: place) }
        let store = try ModelStore(
            name: "release", source: XCTUnwrap(URL(string: "https://example.com/models")),
            folder: place, appVersion: "2.1", transport: Folder(url: release),
            verifier: Ed25519(publicKey: [UInt8](key)))
        guard case .installed(let installed) = try await store.update() else {
            return XCTFail("nothing was installed")
        }
        XCTAssertEqual(installed.manifest.modelNames, ["delivery"])

        let clock = ManualClock(Date(timeIntervalSince1970: 1_000))
        let home = try Home(try await store.open("delivery"), clock: clock)
        let answering = Task { try await home.answer() }
        let request = #"""
            {"type": "motion", "timestamp": 999, "confidence": 0.9,
             "metadata": {"location": "front_door", "duration": 4, "energy": 0.2}}
            """#
        for event in try Event.read(Data(request.utf8)) { try await home.stream.add(event) }
        let kept = try JSONEncoder().encode(await home.stream.state)
        XCTAssertEqual(
            try JSONDecoder().decode(DeliveryStream.State.self, from: kept).waitingCount, 1)
        clock.set(to: Date(timeIntervalSince1970: 1_100))
        try await answering.value
        let labels = await home.labels
        XCTAssertEqual(labels.count, 1)
        XCTAssert(labels[0].hasPrefix("motion: "))
    }
}
