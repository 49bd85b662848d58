import Foundation

/// Evaluates a Core ML model that novin_ml exported, on any platform that has Foundation.
///
/// It reads the very `.mlmodel` file that Core ML reads, and computes what Apple's format says: for
/// tests on Linux, and to check what a device answers. On Apple's systems use Core ML, which is
/// faster. It knows what novin_ml exports and nothing else, and refuses the rest by name.
///
/// Trees compare float32 inputs with the Doubles of the model and add their leaves in Double: their
/// probabilities agree with Python's reference runtime to about 1e-15. Networks compute in float32; the
/// sums of their layers and their exponentials may differ from it in the last bits of float32.
public struct ReferenceModel: Sendable {
    /// Names of the inputs, each a number, in the order of a row.
    public let inputNames: [String]
    /// Names of the outputs.
    public let outputNames: [String]
    /// Labels of a classifier in the order of its probabilities; integers as text.
    public let classLabels: [String]?
    /// The entries that novin_ml wrote; their keys begin with `novin_ml.`.
    public let metadata: [String: String]

    private let stage: any Stage

    /// Reads a `.mlmodel` file.
    ///
    /// - Throws: `ReferenceError` if it is damaged, or has a part that novin_ml does not export.
    public init(contentsOf url: URL) throws {
        try self.init(data: Data(contentsOf: url))
    }

    /// Reads the bytes of a `.mlmodel` file.
    public init(data: Data) throws {
        let description: ModelDescription
        (stage, description) = try readStage(WireReader(file: [UInt8](data)))
        for input in description.inputs where input.width != 1 {
            throw ReferenceError.unsupported("an input \(input.name) of \(input.width) numbers")
        }
        inputNames = description.inputs.map(\.name)
        outputNames = description.outputs.map(\.name)
        classLabels = stage.classLabels
        metadata = description.metadata
    }

    /// The probability of each of `classLabels`.
    ///
    /// - Parameter row: A number for each of `inputNames`; NaN is a missing value.
    public func probabilities(_ row: [Float]) throws -> [Double] {
        guard let name = stage.probabilitiesName else {
            throw ReferenceError.wrongInput("A model must be a classifier to have probabilities.")
        }
        return try outputs(row)[name] ?? []
    }

    /// An output that is a number.
    public func number(_ name: String, _ row: [Float]) throws -> Double {
        try numbers([name], row)[0]
    }

    /// Several outputs that are numbers, of one evaluation.
    public func numbers(_ names: [String], _ row: [Float]) throws -> [Double] {
        let outputs = try outputs(row)
        return try names.map { name in
            guard let value = outputs[name], value.count == 1 else {
                throw ReferenceError.wrongInput("The model must have a number \(name). Got none.")
            }
            return value[0]
        }
    }

    private func outputs(_ row: [Float]) throws -> Values {
        guard row.count == inputNames.count else {
            throw ReferenceError.wrongInput(
                "A row must have \(inputNames.count) numbers, one for each input of the model. "
                    + "Got \(row.count).")
        }
        var values = Values(minimumCapacity: 2 * row.count)
        for (name, value) in zip(inputNames, row) {
            values[name] = [Double(value)]
        }
        try stage.run(&values)
        return values
    }
}
