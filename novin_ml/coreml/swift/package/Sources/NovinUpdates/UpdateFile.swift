import Foundation

/// The weights of a home after its training, as a file: what a phone sends, and all that it sends.
///
/// The file has, all little-endian: `NOVINUPD`, the format 1 and a 0 (UInt32), the 32 bytes of the
/// hash of the model that the training began with, the number of rows and the number of values
/// (UInt64), the values (Float), and the SHA-256 of all bytes before.
public struct UpdateFile: Sendable, Equatable {
    /// The hash of the model that the training began with: `modelHash` of its manifest.
    public let modelHash: [UInt8]
    /// How many rows the home trained on.
    public let exampleCount: UInt64
    /// All weights and biases after the training, in the order of the manifest.
    public let values: [Float]

    private static let magic = Array("NOVINUPD".utf8)
    private static let format: UInt32 = 1
    private static let headerCount = 64
    private static let hashCount = 32

    /// Makes an update of a model that has a manifest.
    ///
    /// - Throws: `UpdateError` if the values are more or fewer than the manifest says, or not
    ///   finite.
    public init(manifest: WeightsManifest, exampleCount: UInt64, values: [Float]) throws {
        try manifest.check(values)
        (modelHash, self.exampleCount, self.values) = (manifest.modelHash, exampleCount, values)
    }

    /// Reads an update of a model that has a manifest, without trust in what it says.
    ///
    /// - Throws: `UpdateError`, if it is truncated, altered, of another model, or not finite.
    public init(_ data: Data, manifest: WeightsManifest) throws {
        let bytes = [UInt8](data)
        guard bytes.prefix(8).elementsEqual(Self.magic) else { throw UpdateError.wrongMagic }
        let got = UInt64(bytes.count)
        guard bytes.count >= Self.headerCount else {
            throw UpdateError.truncated(expected: UInt64(Self.headerCount), got: got)
        }
        let format = Self.number(bytes[8..<12], UInt32.self)
        guard format == Self.format, Self.number(bytes[12..<16], UInt32.self) == 0 else {
            throw UpdateError.otherFormat(format)
        }
        let count = Self.number(bytes[56..<64], UInt64.self)
        let expected = Self.length(of: count)
        guard got >= expected else { throw UpdateError.truncated(expected: expected, got: got) }
        guard got == expected else { throw UpdateError.tooLong(expected: expected, got: got) }
        let end = bytes.count - Self.hashCount
        guard SHA256.hash(bytes[..<end]).elementsEqual(bytes[end...]) else {
            throw UpdateError.altered
        }
        let hash = Array(bytes[16..<48])
        guard hash == manifest.modelHash else {
            throw UpdateError.otherModel(
                expected: SHA256.hexadecimal(manifest.modelHash), got: SHA256.hexadecimal(hash))
        }
        let values = stride(from: Self.headerCount, to: end, by: 4).map {
            Float(bitPattern: Self.number(bytes[$0..<$0 + 4], UInt32.self))
        }
        try self.init(
            manifest: manifest, exampleCount: Self.number(bytes[48..<56], UInt64.self),
            values: values)
    }

    /// The content of the file.
    public var data: Data {
        var bytes = Self.magic + littleEndian(Self.format) + littleEndian(UInt32(0))
        bytes.reserveCapacity(Self.headerCount + 4 * values.count + Self.hashCount)
        bytes += modelHash + littleEndian(exampleCount) + littleEndian(UInt64(values.count))
        for value in values { bytes += littleEndian(value.bitPattern) }
        return Data(bytes + SHA256.hash(bytes))
    }

    /// Writes the file, whole or not at all.
    public func write(to url: URL) throws {
        try data.write(to: url, options: .atomic)
    }

    /// The length of a file of so many values; the largest number if there is none so long.
    private static func length(of count: UInt64) -> UInt64 {
        let (values, overflows) = count.multipliedReportingOverflow(by: 4)
        let (length, isLonger) = values.addingReportingOverflow(UInt64(headerCount + hashCount))
        return overflows || isLonger ? .max : length
    }

    private static func number<Number: FixedWidthInteger>(
        _ bytes: ArraySlice<UInt8>, _ type: Number.Type
    ) -> Number {
        bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
    }
}
