import Foundation
import NovinModels
import NovinUpdates
import XCTest

/// Update files, their hash, and when a device may train.
final class UpdateTests: XCTestCase {
    private static let manifest = """
        {"format": 1, "weights_sha256": "\(String(repeating: "0a", count: 32))",
         "dtype": "float32", "byte_order": "little", "n_values": 4,
         "tensors": [
          {"layer": "dense_1", "role": "weight", "shape": [2, 1], "offset": 0},
          {"layer": "dense_1", "role": "bias", "shape": [2], "offset": 2}]}
        """

    private func manifest(_ old: String = "", _ new: String = "") throws -> WeightsManifest {
        let text = Self.manifest.replacingOccurrences(of: old, with: new)
        return try WeightsManifest(json: Data(text.utf8))
    }

    func testSHA256() {
        // FIPS 180-4, and lengths around the end of a block.
        let known = [
            "": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "abc": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq":
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ]
        for (text, hash) in known {
            XCTAssertEqual(SHA256.hexadecimal(SHA256.hash(text.utf8)), hash)
        }
        for count in [55, 56, 63, 64, 65, 119, 120, 200] {
            let bytes = [UInt8](repeating: 7, count: count)
            var parts = SHA256()
            for byte in bytes { parts.update([byte]) }
            XCTAssertEqual(parts.finish(), SHA256.hash(bytes))
        }
    }

    func testAnUpdateGoesRound() throws {
        let update = try UpdateFile(
            manifest: manifest(), exampleCount: 12, values: [1, -0.0, .leastNonzeroMagnitude, 3e38])
        XCTAssertEqual(update.data.count, 64 + 16 + 32)
        XCTAssertEqual(try UpdateFile(update.data, manifest: manifest()), update)
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(UUID().uuidString).novinupdate")
        defer { try? FileManager.default.removeItem(at: file) }
        try update.write(to: file)
        XCTAssertEqual(try Data(contentsOf: file), update.data)
    }

    func testRefusals() throws {
        let data = try UpdateFile(manifest: manifest(), exampleCount: 1, values: [1, 2, 3, 4]).data
        func assert(_ error: UpdateError, _ work: () throws -> Any, line: UInt = #line) {
            XCTAssertThrowsError(try work(), line: line) {
                XCTAssertEqual($0 as? UpdateError, error, line: line)
            }
        }
        let manifest = try manifest()
        assert(.truncated(expected: 112, got: 111)) {
            try UpdateFile(data.dropLast(), manifest: manifest)
        }
        assert(.tooLong(expected: 112, got: 113)) {
            try UpdateFile(data + [0], manifest: manifest)
        }
        assert(.wrongMagic) { try UpdateFile(Data("N".utf8), manifest: manifest) }
        var altered = data
        altered[70] ^= 1
        assert(.altered) { try UpdateFile(altered, manifest: manifest) }
        let other = try self.manifest("0a0a", "0a0b")
        assert(
            .otherModel(
                expected: SHA256.hexadecimal(other.weightsHash),
                got: SHA256.hexadecimal(manifest.weightsHash))
        ) { try UpdateFile(data, manifest: other) }
        assert(.notFinite(place: 2)) {
            try UpdateFile(manifest: manifest, exampleCount: 1, values: [1, 2, .nan, 4])
        }
        assert(.otherCount(expected: 4, got: 1)) {
            try UpdateFile(manifest: manifest, exampleCount: 1, values: [1])
        }
    }

    func testWhenADeviceMayTrain() throws {
        let conditions = TrainingConditions()
        try conditions.check(DeviceState())
        try conditions.check(DeviceState(batteryLevel: 0.5, heat: .fair))
        try conditions.check(DeviceState(batteryLevel: 0.1, isCharging: true))
        let refused = [
            (DeviceState(batteryLevel: 0.49), conditions, "a battery of 49 percent"),
            (DeviceState(batteryLevel: .nan), conditions, "a battery of nan percent"),
            (DeviceState(isCharging: true, heat: .serious), conditions, "heat: serious"),
            (DeviceState(isCharging: true, savesPower: true), conditions, "low power mode"),
            (
                DeviceState(batteryLevel: 1), TrainingConditions(needsPower: true),
                "no connection to power"
            ),
        ]
        for (device, conditions, why) in refused {
            XCTAssertThrowsError(try conditions.check(device)) {
                XCTAssertEqual($0 as? UpdateError, .notNow(why))
            }
        }
    }

    func testManifestsOfBundledModels() throws {
        for model in BundledModel.all {
            guard let manifest = try model.weights() else { continue }
            XCTAssertEqual(manifest.weightsHash.count, 32)
            XCTAssertEqual(manifest.count, manifest.tensors.reduce(0) { $0 + $1.count })
        }
    }
}
