import Foundation

#if os(Linux)
    import NovinReference
#endif

/// What evaluates a model: Core ML where it exists, else a Swift evaluator of the same file.
public protocol ModelBackend: Sendable {
    /// Whether the answers are Core ML's own.
    var isCoreML: Bool { get }

    /// The entries of the model's metadata.
    var metadata: [String: String] { get }

    /// Asks a classifier for the probability of each label.
    ///
    /// - Parameters:
    ///   - rows: Numbers in the order of the names; NaN is a missing value.
    ///   - names: The model's inputs.
    ///   - labels: The order in which the probabilities are wanted.
    /// - Returns: Probabilities, rounded to float32, one row for each of `rows`.
    func probabilities(of rows: [[Float]], names: [String], labels: [String]) throws -> [[Float]]

    /// Asks a model for an output that is a number.
    ///
    /// - Returns: The number rounded to float32, one for each of `rows`.
    func numbers(_ output: String, of rows: [[Float]], names: [String]) throws -> [Float]
}

/// What opens models unless a predictor is given another backend.
public enum DefaultBackend {
    /// Opens a `.mlmodel` file with Core ML, or on Linux with an evaluator of the same file.
    ///
    /// - Parameters:
    ///   - url: The file; on Apple's systems a compiled `.mlmodelc` as well.
    ///   - identifier: Names the content of the file, so that Core ML need compile it only once.
    public static func open(_ url: URL, identifier: String? = nil) throws -> any ModelBackend {
        #if canImport(CoreML)
            return try CoreMLBackend(contentsOf: url, identifier: identifier)
        #else
            return try ReferenceBackend(contentsOf: url)
        #endif
    }
}

#if os(Linux)
    /// Evaluates models in Swift: on Linux, and to check Core ML.
    public struct ReferenceBackend: ModelBackend {
        public let isCoreML = false
        private let model: ReferenceModel

        /// Opens a `.mlmodel` file.
        ///
        /// - Throws: `ReferenceError` if the file is damaged or was not exported by novin_ml.
        public init(contentsOf url: URL) throws {
            model = try ReferenceModel(contentsOf: url)
        }

        public var metadata: [String: String] { model.metadata }

        public func probabilities(
            of rows: [[Float]], names: [String], labels: [String]
        ) throws -> [[Float]] {
            try checkInputs(names)
            guard model.classLabels == labels else {
                throw ModelError.otherModel(
                    expected: "labels \(labels)", got: model.classLabels ?? [])
            }
            return try rows.map { try model.probabilities($0).map { Float($0) } }
        }

        public func numbers(
            _ output: String, of rows: [[Float]], names: [String]
        ) throws -> [Float] {
            try checkInputs(names)
            return try rows.map { Float(try model.number(output, $0)) }
        }

        private func checkInputs(_ names: [String]) throws {
            guard model.inputNames == names else {
                throw ModelError.otherModel(expected: "inputs \(names)", got: model.inputNames)
            }
        }
    }
#endif
