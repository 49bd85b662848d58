/// The numbers that are known so far, by name: inputs of the model, and outputs of its stages.
///
/// What is float32 in Core ML is held here too, exactly: each float32 is a Double.
typealias Values = [String: [Double]]

/// A part of a model that computes numbers from others.
protocol Stage: Sendable {
    /// Labels in the order of the probabilities, of a classifier.
    var classLabels: [String]? { get }
    /// The name under which a classifier's probabilities are; nil for other stages.
    var probabilitiesName: String? { get }
    func run(_ values: inout Values) throws
}

extension Stage {
    var classLabels: [String]? { nil }
    var probabilitiesName: String? { nil }
}

/// Reads the stage of a `Model` message of `Model.proto`.
///
/// - Parameter depth: How many pipelines it is in.
func readStage(
    _ reader: WireReader, depth: Int = 0
) throws -> (stage: any Stage, description: ModelDescription) {
    guard depth < 4 else { throw ReferenceError.unsupported("pipelines within pipelines") }
    var reader = reader
    var description = ModelDescription()
    var kind = 0
    var body: WireReader?
    while let (number, value) = try reader.next() {
        switch number {
        case 1, 10: break  // the version of the specification; whether the phone may train it
        case 2: description = try ModelDescription(reader.message(value))
        default:
            kind = number
            body = try reader.message(value)
        }
    }
    guard let body else { throw ReferenceError.damaged("a model without a type") }
    switch kind {
    case 200: return (try Pipeline(wrapped: body, description, depth: depth), description)
    case 202: return (try Pipeline(body, description, depth: depth), description)
    case 302: return (try TreeEnsemble(regressor: body, description), description)
    case 402: return (try TreeEnsemble(classifier: body, description), description)
    case 403: return (try NeuralNetwork(classifier: body, description), description)
    case 500: return (try NeuralNetwork(body, description), description)
    case 601: return (try Imputer(body, description), description)
    case 602: return (try FeatureVectorizer(body, description), description)
    case 604: return (try Scaler(body, description), description)
    case 609: return (try ArrayFeatureExtractor(body, description), description)
    default: throw ReferenceError.unsupported(modelTypes[kind] ?? "a model of type \(kind)")
    }
}

/// Some of the model types that novin_ml does not export, to call them by name.
private let modelTypes = [
    201: "a pipelineRegressor", 300: "a glmRegressor", 301: "a supportVectorRegressor",
    303: "a neuralNetworkRegressor", 400: "a glmClassifier", 401: "a supportVectorClassifier",
    404: "a kNearestNeighborsClassifier", 502: "an mlProgram", 555: "a customModel",
    600: "a oneHotEncoder", 603: "a dictVectorizer", 606: "a categoricalMapping",
    607: "a normalizer", 900: "an identity",
]

/// Looks up what an earlier stage computed, as long as the stage that uses it says it is.
func known(_ feature: ModelDescription.Feature, in values: Values) throws -> [Double] {
    guard let found = values[feature.name], found.count == feature.width else {
        throw ReferenceError.damaged(
            "a stage that uses \(feature.width) numbers \(feature.name), which no other computes")
    }
    return found
}

/// Reads a `StringVector` or an `Int64Vector`, the labels of a classifier, as text.
func readLabels(_ reader: WireReader, areText: Bool) throws -> [String] {
    var reader = reader
    var labels: [String] = []
    var numbers: [Int] = []
    while let (number, value) = try reader.next() {
        guard number == 1 else { continue }
        if areText {
            labels.append(try reader.string(value))
        } else {
            try reader.appendIntegers(value, to: &numbers)
        }
    }
    return areText ? labels : numbers.map(String.init)
}
