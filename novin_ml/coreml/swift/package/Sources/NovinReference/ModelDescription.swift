/// What a model says of itself: its inputs and outputs by name, and its metadata.
struct ModelDescription {
    /// A number, or an array of numbers.
    struct Feature: Sendable {
        var name = ""
        /// How many numbers it has; 0 for what is no number.
        var width = 0
    }

    var inputs: [Feature] = []
    var outputs: [Feature] = []
    var predictedFeatureName = ""
    var predictedProbabilitiesName = ""
    /// The entries that the model's author added; those of novin_ml begin with `novin_ml.`.
    var metadata: [String: String] = [:]

    init() {}

    /// Reads a `ModelDescription` message of `Model.proto`.
    init(_ reader: WireReader) throws {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 1: inputs.append(try Self.feature(reader.message(value)))
            case 10: outputs.append(try Self.feature(reader.message(value)))
            case 11: predictedFeatureName = try reader.string(value)
            case 12: predictedProbabilitiesName = try reader.string(value)
            case 100: try readMetadata(reader.message(value))
            case 50: break  // what the model would be trained with on the device
            default: throw ReferenceError.unsupported("field \(number) of a model's description")
            }
        }
        for input in inputs where input.width == 0 {
            throw ReferenceError.unsupported("an input \(input.name) that is no number")
        }
    }

    /// The name of the only output of a stage that must have one.
    func onlyOutput(of kind: String) throws -> String {
        guard outputs.count == 1 else {
            throw ReferenceError.damaged("\(kind) with \(outputs.count) outputs instead of one")
        }
        return outputs[0].name
    }

    /// The only input of a stage that must have one.
    func onlyInput(of kind: String) throws -> Feature {
        guard inputs.count == 1 else {
            throw ReferenceError.damaged("\(kind) with \(inputs.count) inputs instead of one")
        }
        return inputs[0]
    }

    private static func feature(_ reader: WireReader) throws -> Feature {
        var reader = reader
        var feature = Feature()
        while let (number, value) = try reader.next() {
            switch number {
            case 1: feature.name = try reader.string(value)
            case 3: feature.width = try width(reader.message(value), of: feature.name)
            default: break
            }
        }
        return feature
    }

    private static func width(_ reader: WireReader, of name: String) throws -> Int {
        var reader = reader
        var width = 0
        while let (number, value) = try reader.next() {
            switch number {
            case 1, 2: width = 1  // an Int64 or a Double
            case 5: width = try length(reader.message(value), of: name)
            default: break  // text and dictionaries, which only outputs are; whether it is optional
            }
        }
        return width
    }

    private static func length(_ reader: WireReader, of name: String) throws -> Int {
        var reader = reader
        var shape: [Int] = []
        while let (number, value) = try reader.next() {
            if number == 1 { try reader.appendIntegers(value, to: &shape) }
        }
        guard shape.count <= 1, shape.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ReferenceError.unsupported("\(name) of shape \(shape), which is no vector")
        }
        return shape.first ?? 0
    }

    private mutating func readMetadata(_ reader: WireReader) throws {
        var reader = reader
        while let (number, value) = try reader.next() {
            guard number == 100 else { continue }
            var entry = try reader.message(value)
            var key = "", text = ""
            while let (number, value) = try entry.next() {
                switch number {
                case 1: key = try entry.string(value)
                case 2: text = try entry.string(value)
                default: break
                }
            }
            metadata[key] = text
        }
    }
}
