import Foundation

/// A tree ensemble: the sum of the leaves that a row reaches and of the base prediction.
///
/// Inputs are float32 and are compared with the Double of the model; leaves are added in Double,
/// tree by tree from the shallowest to the deepest.
struct TreeEnsemble: Stage {
    /// `TreeEnsemblePostEvaluationTransform` of `TreeEnsemble.proto`.
    private enum Transform: Int {
        case none = 0
        case softmax = 1
        case logistic = 2
    }

    let classLabels: [String]?
    let probabilitiesName: String?
    private let inputs: [ModelDescription.Feature]
    private let output: String
    private let forest: Forest
    private let transform: Transform

    /// Reads a `TreeEnsembleRegressor` message, whose output may be a vector.
    init(regressor reader: WireReader, _ description: ModelDescription) throws {
        try self.init(reader, description, isClassifier: false)
    }

    /// Reads a `TreeEnsembleClassifier` message.
    init(classifier reader: WireReader, _ description: ModelDescription) throws {
        try self.init(reader, description, isClassifier: true)
    }

    private init(_ reader: WireReader, _ description: ModelDescription, isClassifier: Bool) throws {
        var reader = reader
        var parameters: WireReader?
        var labels: [String]?
        var transformNumber = 0
        while let (number, value) = try reader.next() {
            switch number {
            case 1: parameters = try reader.message(value)
            case 2: transformNumber = try reader.integer(value)
            case 100, 101:
                labels = try readLabels(reader.message(value), areText: number == 100)
            default: throw ReferenceError.unsupported("a tree ensemble with field \(number)")
            }
        }
        guard let parameters else { throw ReferenceError.damaged("a tree ensemble without trees") }
        guard let transform = Transform(rawValue: transformNumber) else {
            throw ReferenceError.unsupported("a tree ensemble of transform \(transformNumber)")
        }
        let width = description.inputs.reduce(0) { $0 + $1.width }
        let forest = try Forest(parameters, width: width)
        if isClassifier {
            let count = labels?.count ?? 0
            let isBinary = count == 2 && forest.base.count == 1 && transform == .logistic
            let isMulticlass = count > 1 && forest.base.count == count && transform != .logistic
            guard isBinary || isMulticlass else {
                throw ReferenceError.unsupported(
                    "a tree ensemble of \(count) labels and \(forest.base.count) sums")
            }
            output = description.predictedProbabilitiesName
        } else {
            guard transform == .none else {
                throw ReferenceError.unsupported("a tree regressor with a transform")
            }
            output = description.predictedFeatureName
        }
        classLabels = labels
        probabilitiesName = isClassifier ? output : nil
        inputs = description.inputs
        self.forest = forest
        self.transform = transform
    }

    func run(_ values: inout Values) throws {
        var row: [Double] = []
        row.reserveCapacity(inputs.count)
        for input in inputs {
            row += try known(input, in: values)
        }
        let sums = forest.sums(row)
        switch transform {
        case .none: values[output] = sums
        case .softmax: values[output] = softmax(sums)
        case .logistic:
            let second = logistic(sums[0])
            values[output] = [1 - second, second]
        }
    }
}

/// 1 / (1 + exp(-x)), without an overflow on either side.
private func logistic(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// Exponentials, divided by their sum.
private func softmax(_ values: [Double]) -> [Double] {
    let most = values.max() ?? 0
    let powers = values.map { exp($0 - most) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}
