/// Layers in the order of the specification, each input a vector, all in float32.
struct NeuralNetwork: Stage {
    private(set) var classLabels: [String]?
    private(set) var probabilitiesName: String?
    private let inputs: [ModelDescription.Feature]
    /// By the name of the model's output, the name of the blob that it is.
    private var outputs: [(name: String, blob: String)]
    private var layers: [Layer] = []

    /// Reads a `NeuralNetwork` message.
    init(_ reader: WireReader, _ description: ModelDescription) throws {
        try self.init(reader, description, isClassifier: false)
    }

    /// Reads a `NeuralNetworkClassifier` message.
    init(classifier reader: WireReader, _ description: ModelDescription) throws {
        try self.init(reader, description, isClassifier: true)
    }

    private init(_ reader: WireReader, _ description: ModelDescription, isClassifier: Bool) throws {
        inputs = description.inputs
        outputs = description.outputs.map { ($0.name, $0.name) }
        var widths = Dictionary(
            description.inputs.map { ($0.name, $0.width) }, uniquingKeysWith: { first, _ in first })
        var probabilities = ""
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 1: layers.append(try Layer(reader.message(value), widths: &widths))
            case 10: break  // how the phone may train it
            case 100, 101:
                classLabels = try readLabels(reader.message(value), areText: number == 100)
            case 200: probabilities = try reader.string(value)
            default: throw ReferenceError.unsupported("a neural network with field \(number)")
            }
        }
        if isClassifier {
            if probabilities.isEmpty { probabilities = layers.last?.output ?? "" }
            guard let labels = classLabels, labels.count > 1, widths[probabilities] == labels.count
            else { throw ReferenceError.damaged("a network without a probability of each label") }
            probabilitiesName = description.predictedProbabilitiesName
            outputs = [(description.predictedProbabilitiesName, probabilities)]
        }
        for output in outputs where widths[output.blob] == nil {
            throw ReferenceError.damaged("a network that does not compute \(output.name)")
        }
    }

    func run(_ values: inout Values) throws {
        var blobs: [String: [Float]] = [:]
        for input in inputs {
            blobs[input.name] = try known(input, in: values).map { Float($0) }
        }
        for layer in layers {
            blobs[layer.output] = layer.run(blobs)
        }
        for output in outputs {
            values[output.name] = (blobs[output.blob] ?? []).map { Double($0) }
        }
    }
}
