import Foundation

/// A layer of a neural network: vectors in, a vector out.
struct Layer {
    let output: String
    private let inputs: [String]
    private let operation: Operation

    private enum Operation {
        case innerProduct(InnerProduct)
        case linear(alpha: Float, beta: Float)
        case relu, tanh, sigmoid, softmax, exponential, logarithm, add, multiply
    }

    /// Reads a `NeuralNetworkLayer` message.
    ///
    /// - Parameter widths: Lengths of the vectors so far, by name; the layer's own is added.
    init(_ reader: WireReader, widths: inout [String: Int]) throws {
        var reader = reader
        var name = ""
        var inputs: [String] = []
        var outputs: [String] = []
        var operation: Operation?
        while let (number, value) = try reader.next() {
            switch number {
            case 1: name = try reader.string(value)
            case 2: inputs.append(try reader.string(value))
            case 3: outputs.append(try reader.string(value))
            case 4, 5, 10: break  // shapes, which the inputs tell; whether the phone may train it
            case 130: operation = try Self.activation(reader.message(value), name)
            case 140: operation = .innerProduct(try InnerProduct(reader.message(value), name))
            case 175: operation = .softmax
            case 220: operation = try Self.unary(reader.message(value), name)
            case 230: operation = .add
            case 231: operation = .multiply
            default:
                throw ReferenceError.unsupported("layer \(name) of type \(number)")
            }
        }
        guard let operation, outputs.count == 1, !inputs.isEmpty else {
            throw ReferenceError.damaged("layer \(name) without inputs, an output or a type")
        }
        let lengths = inputs.map { widths[$0] ?? 0 }
        guard let width = lengths.first, lengths.allSatisfy({ $0 == width && width > 0 }) else {
            throw ReferenceError.damaged("layer \(name) whose inputs do not fit it")
        }
        switch operation {
        case .innerProduct(let product):
            guard inputs.count == 1, product.inputCount == width else {
                throw ReferenceError.damaged("layer \(name) whose weights do not fit its input")
            }
            widths[outputs[0]] = product.outputCount
        case .add, .multiply:
            guard inputs.count > 1 else {
                throw ReferenceError.unsupported("layer \(name), which takes a constant")
            }
            widths[outputs[0]] = width
        default:
            guard inputs.count == 1 else {
                throw ReferenceError.damaged("layer \(name) with more than one input")
            }
            widths[outputs[0]] = width
        }
        self.inputs = inputs
        self.operation = operation
        output = outputs[0]
    }

    /// Computes the layer from the vectors so far, which `init` has checked to be there.
    func run(_ blobs: [String: [Float]]) -> [Float] {
        let x = blobs[inputs[0]] ?? []
        switch operation {
        case .innerProduct(let product): return product.run(x)
        case .linear(let alpha, let beta): return x.map { alpha * $0 + beta }
        case .relu: return x.map { $0 < 0 ? 0 : $0 }  // a NaN stays one
        case .tanh: return x.map { Foundation.tanh($0) }
        case .sigmoid: return x.map { 1 / (1 + exp(-$0)) }
        case .exponential: return x.map { exp($0) }
        case .logarithm: return x.map { log($0) }
        case .softmax:
            let most = x.max() ?? 0
            let powers = x.map { exp($0 - most) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        case .add: return folded(x, blobs, +)
        case .multiply: return folded(x, blobs, *)
        }
    }

    private func folded(
        _ x: [Float], _ blobs: [String: [Float]], _ operation: (Float, Float) -> Float
    ) -> [Float] {
        inputs.dropFirst().reduce(x) { made, name in
            zip(made, blobs[name] ?? []).map { operation($0, $1) }
        }
    }

    private static func activation(_ reader: WireReader, _ name: String) throws -> Operation {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 5:
                let (alpha, beta) = try linear(reader.message(value))
                return .linear(alpha: alpha, beta: beta)
            case 10: return .relu
            case 30: return .tanh
            case 40: return .sigmoid
            default: throw ReferenceError.unsupported("layer \(name), an activation \(number)")
            }
        }
        throw ReferenceError.damaged("layer \(name), an activation without a type")
    }

    private static func linear(_ reader: WireReader) throws -> (Float, Float) {
        var reader = reader
        var alpha: Float = 0, beta: Float = 0
        while let (number, value) = try reader.next() {
            switch number {
            case 1: alpha = try reader.float(value)
            case 2: beta = try reader.float(value)
            default: break
            }
        }
        return (alpha, beta)
    }

    /// Only the exponential and the logarithm of the input as it is.
    private static func unary(_ reader: WireReader, _ name: String) throws -> Operation {
        var reader = reader
        var type = 0
        var shift: Float = 0, scale: Float = 1
        while let (number, value) = try reader.next() {
            switch number {
            case 1: type = try reader.integer(value)
            case 4: shift = try reader.float(value)
            case 5: scale = try reader.float(value)
            default: break
            }
        }
        guard type == 4 || type == 5, shift == 0, scale == 1 || scale == 0 else {
            throw ReferenceError.unsupported("layer \(name), a unary function \(type)")
        }
        return type == 4 ? .exponential : .logarithm
    }
}

/// `W x + b`, each sum from the first input to the last.
struct InnerProduct {
    private(set) var inputCount = 0
    private(set) var outputCount = 0
    private var weights: [Float] = []
    private var bias: [Float] = []

    init(_ reader: WireReader, _ name: String) throws {
        var reader = reader
        var hasBias = false
        while let (number, value) = try reader.next() {
            switch number {
            case 1: inputCount = try reader.integer(value)
            case 2: outputCount = try reader.integer(value)
            case 10: hasBias = try reader.boolean(value)
            case 20: weights = try Self.floats(reader.message(value), name)
            case 21: bias = try Self.floats(reader.message(value), name)
            default: throw ReferenceError.unsupported("layer \(name) with field \(number)")
            }
        }
        let (size, overflows) = inputCount.multipliedReportingOverflow(by: outputCount)
        guard inputCount > 0, outputCount > 0, !overflows, weights.count == size,
            !hasBias || bias.count == outputCount
        else { throw ReferenceError.damaged("layer \(name) without all of its weights") }
        if !hasBias { bias = Array(repeating: 0, count: outputCount) }
    }

    func run(_ x: [Float]) -> [Float] {
        var result = bias
        weights.withUnsafeBufferPointer { weights in
            x.withUnsafeBufferPointer { x in
                for row in 0..<outputCount {
                    var sum: Float = 0
                    let first = row * inputCount
                    for column in 0..<inputCount {
                        sum += weights[first + column] * x[column]
                    }
                    result[row] += sum
                }
            }
        }
        return result
    }

    private static func floats(_ reader: WireReader, _ name: String) throws -> [Float] {
        var reader = reader
        var numbers: [Float] = []
        while let (number, value) = try reader.next() {
            switch number {
            case 1: try reader.appendFloats(value, to: &numbers)
            case 50: break  // whether the phone may train them
            default: throw ReferenceError.unsupported("layer \(name) without float32 weights")
            }
        }
        return numbers
    }
}
