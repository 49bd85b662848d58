/// Puts its inputs side by side, in the order of its list.
struct FeatureVectorizer: Stage {
    private var columns: [ModelDescription.Feature] = []
    private let output: String

    init(_ reader: WireReader, _ description: ModelDescription) throws {
        output = try description.onlyOutput(of: "a featureVectorizer")
        let widths = Dictionary(
            description.inputs.map { ($0.name, $0.width) }, uniquingKeysWith: { first, _ in first })
        var reader = reader
        while let (number, value) = try reader.next() {
            guard number == 1 else { continue }
            var column = try reader.message(value)
            var name = "", width = 0
            while let (number, value) = try column.next() {
                switch number {
                case 1: name = try column.string(value)
                case 2: width = try column.integer(value)
                default: break
                }
            }
            guard widths[name] == width else {
                throw ReferenceError.damaged("a featureVectorizer without an input \(name)")
            }
            columns.append(ModelDescription.Feature(name: name, width: width))
        }
    }

    func run(_ values: inout Values) throws {
        var row: [Double] = []
        row.reserveCapacity(columns.count)
        for column in columns {
            row += try known(column, in: values)
        }
        values[output] = row
    }
}

/// Takes one element of its input.
struct ArrayFeatureExtractor: Stage {
    private let input: ModelDescription.Feature
    private let output: String
    private let index: Int

    init(_ reader: WireReader, _ description: ModelDescription) throws {
        input = try description.onlyInput(of: "an arrayFeatureExtractor")
        output = try description.onlyOutput(of: "an arrayFeatureExtractor")
        var indexes: [Int] = []
        var reader = reader
        while let (number, value) = try reader.next() {
            guard number == 1 else { continue }
            try reader.appendIntegers(value, to: &indexes)
        }
        guard indexes.count == 1, (0..<input.width).contains(indexes[0]) else {
            throw ReferenceError.unsupported("an arrayFeatureExtractor of elements \(indexes)")
        }
        index = indexes[0]
    }

    func run(_ values: inout Values) throws {
        values[output] = [try known(input, in: values)[index]]
    }
}

/// Puts a typical value in the place of each missing one.
struct Imputer: Stage {
    private let input: ModelDescription.Feature
    private let output: String
    private var replacements: [Double] = []

    init(_ reader: WireReader, _ description: ModelDescription) throws {
        input = try description.onlyInput(of: "an imputer")
        output = try description.onlyOutput(of: "an imputer")
        var missing: Double?
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 4:
                var vector = try reader.message(value)
                while let (number, value) = try vector.next() {
                    guard number == 1 else { continue }
                    try vector.appendDoubles(value, to: &replacements)
                }
            case 11: missing = try reader.double(value)
            default: throw ReferenceError.unsupported("an imputer with field \(number)")
            }
        }
        guard let missing, missing.isNaN, replacements.count == input.width else {
            throw ReferenceError.unsupported("an imputer of anything but NaN in each column")
        }
    }

    func run(_ values: inout Values) throws {
        values[output] = zip(try known(input, in: values), replacements).map { value, replacement in
            value.isNaN ? replacement : value
        }
    }
}

/// `scale * (x + shift)`, in Double.
struct Scaler: Stage {
    private let input: ModelDescription.Feature
    private let output: String
    private var shifts: [Double] = []
    private var scales: [Double] = []

    init(_ reader: WireReader, _ description: ModelDescription) throws {
        input = try description.onlyInput(of: "a scaler")
        output = try description.onlyOutput(of: "a scaler")
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 1: try reader.appendDoubles(value, to: &shifts)
            case 2: try reader.appendDoubles(value, to: &scales)
            default: throw ReferenceError.unsupported("a scaler with field \(number)")
            }
        }
        guard shifts.count == input.width, scales.count == input.width else {
            throw ReferenceError.unsupported("a scaler without a value for each column")
        }
    }

    func run(_ values: inout Values) throws {
        let row = try known(input, in: values)
        values[output] = row.indices.map { scales[$0] * (row[$0] + shifts[$0]) }
    }
}
