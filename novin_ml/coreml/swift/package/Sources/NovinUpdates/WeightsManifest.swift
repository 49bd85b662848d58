import Foundation

/// What each weight of an updatable model is: the content of its `NAME.weights.json`.
public struct WeightsManifest: Sendable, Equatable {
    /// The weights or the biases of a layer.
    public struct Tensor: Sendable, Equatable, Decodable {
        /// The role of a tensor in its layer.
        public enum Role: String, Sendable, Decodable {
            case weight, bias
        }

        /// The name of the layer in Core ML.
        public let layer: String
        public let role: Role
        /// Outputs and inputs of a weight, which is row by row; outputs of a bias.
        public let shape: [Int]
        /// How many values come before it.
        public let offset: Int

        /// How many values it has.
        public var count: Int { shape.reduce(1, *) }
    }

    /// The hash by which an update names the model: of its weights and of the frozen parts. In a
    /// manifest of format 1 it is the hash of the weights alone, which servers now refuse.
    public let modelHash: [UInt8]
    /// The hash of the weights that the model came with.
    public let weightsHash: [UInt8]
    /// The hash of what is not trained: the imputer, the scaler and the activation. Nil in a
    /// manifest of format 1.
    public let frozenHash: [UInt8]?
    /// How many values there are.
    public let count: Int
    /// All tensors in their order.
    public let tensors: [Tensor]

    /// What an autoencoder is trained to return; nil for a classifier.
    public let target: Target?

    /// The standardised row that an autoencoder should return.
    public struct Target: Sendable, Equatable, Decodable {
        /// The name of the training input.
        public let name: String
        /// Of each feature, in the order of the model's inputs.
        public let mean, scale: [Float]

        /// The target of a row, computed as the model computes its own input.
        public func values(of row: [Float]) -> [Float] {
            zip(row, zip(mean, scale)).map { ($0 - $1.0) * $1.1 }
        }
    }

    /// Reads a manifest.
    ///
    /// - Throws: `UpdateError.badManifest` if it is none, or of a later format.
    public init(json: Data) throws {
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: json)
        } catch {
            throw UpdateError.badManifest("no such JSON")
        }
        guard (1...2).contains(document.format) else {
            throw UpdateError.badManifest("format \(document.format)")
        }
        guard document.dtype == "float32", document.byte_order == "little" else {
            throw UpdateError.badManifest(
                "values of \(document.dtype), \(document.byte_order)-endian")
        }
        let hash = try Self.sha256(document.weights_sha256)
        var frozen: [UInt8]?
        if document.format > 1 {
            let rest = try Self.sha256(document.frozen_sha256)
            guard try Self.sha256(document.model_sha256) == SHA256.hash(hash + rest) else {
                throw UpdateError.badManifest("a model_sha256 that is not of the two others")
            }
            frozen = rest
        }
        var end = 0
        for tensor in document.tensors {
            var count = 1
            for length in tensor.shape {
                let (product, overflows) = count.multipliedReportingOverflow(by: length)
                guard length > 0, !overflows, product < Int(Int32.max) else {
                    throw UpdateError.badManifest("a tensor of shape \(tensor.shape)")
                }
                count = product
            }
            guard tensor.offset == end, Self.isPlain(tensor.layer) else {
                throw UpdateError.badManifest("the tensor \(tensor.layer) at \(tensor.offset)")
            }
            end += count
        }
        guard end == document.n_values, end > 0 else {
            throw UpdateError.badManifest("\(document.n_values) values and tensors of \(end)")
        }
        if let target = document.target {
            let width = document.tensors[0].shape.last
            guard target.mean.count == width, target.scale.count == width,
                (target.mean + target.scale).allSatisfy(\.isFinite)
            else { throw UpdateError.badManifest("a target of \(target.mean.count) numbers") }
        }
        target = document.target
        (weightsHash, frozenHash, count, tensors) = (hash, frozen, end, document.tensors)
        modelHash = frozen.map { SHA256.hash(hash + $0) } ?? hash
    }

    /// The hash by which the model with other weights is named: of `hash(of:)` and `frozenHash`.
    public func modelHash(of values: [Float]) throws -> [UInt8] {
        let hash = try hash(of: values)
        return frozenHash.map { SHA256.hash(hash + $0) } ?? hash
    }

    /// The hash of other weights of the same layout: SHA-256 of the layout as canonical JSON and of
    /// the values.
    public func hash(of values: [Float]) throws -> [UInt8] {
        try check(values)
        var sha = SHA256()
        sha.update(canonical.utf8)
        for value in values { sha.update(littleEndian(value.bitPattern)) }
        return sha.finish()
    }

    /// Refuses values that are more, fewer or not finite.
    func check(_ values: [Float]) throws {
        guard values.count == count else {
            throw UpdateError.otherCount(expected: count, got: values.count)
        }
        if let place = values.firstIndex(where: { !$0.isFinite }) {
            throw UpdateError.notFinite(place: place)
        }
    }

    private var canonical: String {
        let all = tensors.map { tensor in
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            return "{\"layer\":\"\(tensor.layer)\",\"offset\":\(tensor.offset),"
                + "\"role\":\"\(tensor.role.rawValue)\",\"shape\":[\(shape)]}"
        }
        return "{\"n_values\":\(count),\"tensors\":[\(all.joined(separator: ","))]}"
    }

    /// Whether a name stands in JSON as it is.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { (32..<127).contains($0) && $0 != 34 && $0 != 92 }
    }

    private static func sha256(_ text: String?) throws -> [UInt8] {
        guard let text, let hash = bytes(text), hash.count == 32 else {
            throw UpdateError.badManifest("no SHA-256")
        }
        return hash
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
            guard pair.allSatisfy(\.isHexDigit), let byte = UInt8(pair, radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    private struct Document: Decodable {
        let format, n_values: Int
        let weights_sha256, dtype, byte_order: String
        let model_sha256, frozen_sha256: String?
        let tensors: [Tensor]
        let target: Target?
    }
}

/// The bytes of a number, the lowest first.
func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
    stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
}
