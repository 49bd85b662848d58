/// Models one after the other; features are passed on by name.
struct Pipeline: Stage {
    private(set) var classLabels: [String]?
    private(set) var probabilitiesName: String?
    private var stages: [any Stage] = []

    /// Reads a `Pipeline` message.
    init(_ reader: WireReader, _ description: ModelDescription, depth: Int) throws {
        var reader = reader
        var names = Set(description.inputs.map(\.name))
        while let (number, value) = try reader.next() {
            guard number == 1 else { continue }  // 2: names of the models
            let (stage, inner) = try readStage(reader.message(value), depth: depth + 1)
            for input in inner.inputs where !names.contains(input.name) {
                throw ReferenceError.damaged("a stage that uses \(input.name), which is not known")
            }
            names.formUnion(inner.outputs.map(\.name))
            stages.append(stage)
            classLabels = stage.classLabels ?? classLabels
            probabilitiesName = stage.probabilitiesName ?? probabilitiesName
        }
        for output in description.outputs where !names.contains(output.name) {
            throw ReferenceError.damaged("an output \(output.name) that no stage computes")
        }
    }

    /// Reads a `PipelineClassifier` message, which holds a `Pipeline` message.
    init(wrapped reader: WireReader, _ description: ModelDescription, depth: Int) throws {
        var reader = reader
        while let (number, value) = try reader.next() {
            guard number == 1 else { continue }
            self = try Pipeline(reader.message(value), description, depth: depth)
            return
        }
        throw ReferenceError.damaged("a pipelineClassifier without a pipeline")
    }

    func run(_ values: inout Values) throws {
        for stage in stages {
            try stage.run(&values)
        }
    }
}
