#if canImport(CoreML)
    import CoreML
    import Foundation

    /// Evaluates models with Core ML.
    public final class CoreMLBackend: ModelBackend, @unchecked Sendable {
        public let isCoreML = true
        public let metadata: [String: String]
        private let model: MLModel
        // An MLModel may be used by one thread at a time.
        private let lock = NSLock()

        /// Opens a `.mlmodel` file, compiling it first, or a compiled `.mlmodelc`.
        ///
        /// - Parameters:
        ///   - url: The model.
        ///   - identifier: Names the content of the file. The compiled model is kept under it in the
        ///     app's caches, in the place of an earlier one of the file's name; without one it is
        ///     compiled each time, into the temporary folder, which the system empties.
        ///   - computeUnits: The CPU alone unless told otherwise: it computes in float32, as Python
        ///     did when the model was certified, while the GPU and the Neural Engine compute in 16
        ///     bits; and models as small as these are answered sooner than those are woken.
        public init(
            contentsOf url: URL, identifier: String? = nil, computeUnits: MLComputeUnits = .cpuOnly
        ) throws {
            let configuration = MLModelConfiguration()
            configuration.computeUnits = computeUnits
            let kept = try Self.compiled(url, identifier: identifier)
            do {
                model = try MLModel(contentsOf: kept, configuration: configuration)
            } catch {
                // What was kept may be of an older system, or damaged.
                guard url.pathExtension != "mlmodelc" else { throw error }
                try? FileManager.default.removeItem(at: kept)
                let fresh = try Self.compiled(url, identifier: identifier)
                model = try MLModel(contentsOf: fresh, configuration: configuration)
            }
            let entries = model.modelDescription.metadata[.creatorDefinedKey] as? [String: String]
            metadata = entries ?? [:]
        }

        public func probabilities(
            of rows: [[Float]], names: [String], labels: [String]
        ) throws -> [[Float]] {
            try answers(to: rows, names: names).map { answer in
                let value = answer.featureValue(for: "classProbability")
                var byLabel: [String: Float] = [:]
                for (label, probability) in value?.dictionaryValue ?? [:] {
                    byLabel["\(label)"] = Float(truncating: probability)
                }
                return try labels.map { label in
                    guard let probability = byLabel[label] else {
                        throw ModelError.otherModel(
                            expected: "the label \(label)", got: byLabel.keys.sorted())
                    }
                    return probability
                }
            }
        }

        public func numbers(
            _ output: String, of rows: [[Float]], names: [String]
        ) throws -> [Float] {
            try answers(to: rows, names: names).map { answer in
                guard let value = answer.featureValue(for: output) else {
                    throw ModelError.otherModel(
                        expected: "the output \(output)", got: answer.featureNames.sorted())
                }
                // An updatable model has arrays of one number.
                return value.multiArrayValue.map { $0[0].floatValue } ?? Float(value.doubleValue)
            }
        }

        private func answers(
            to rows: [[Float]], names: [String]
        ) throws -> [any MLFeatureProvider] {
            let inputs = try rows.map { row in
                // Each Double is a float32 exactly: trees compare what they compared in Python.
                let values = zip(names, row).map { ($0, MLFeatureValue(double: Double($1))) }
                return try MLDictionaryFeatureProvider(
                    dictionary: Dictionary(uniqueKeysWithValues: values))
            }
            lock.lock()
            defer { lock.unlock() }
            let outputs = try model.predictions(fromBatch: MLArrayBatchProvider(array: inputs))
            return (0..<outputs.count).map { outputs.features(at: $0) }
        }

        /// The compiled model of a `.mlmodel` file, kept in the app's caches if it has an identifier.
        static func compiled(_ url: URL, identifier: String?) throws -> URL {
            guard url.pathExtension != "mlmodelc" else { return url }
            guard let identifier else { return try MLModel.compileModel(at: url) }
            let files = FileManager.default
            let folder = try files.url(
                for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true
            )
            // On macOS apps may share the folder of caches.
            .appendingPathComponent(
                Bundle.main.bundleIdentifier ?? "NovinModels", isDirectory: true
            )
            .appendingPathComponent("NovinModels", isDirectory: true)
            .appendingPathComponent(
                url.deletingPathExtension().lastPathComponent, isDirectory: true)
            let kept = folder.appendingPathComponent("\(identifier).mlmodelc")
            if files.fileExists(atPath: kept.path) { return kept }
            let fresh = try MLModel.compileModel(at: url)
            try files.createDirectory(at: folder, withIntermediateDirectories: true)
            do {
                try files.moveItem(at: fresh, to: kept)
            } catch {
                // Somebody else may have been quicker; if not, the fresh one serves this time.
                return files.fileExists(atPath: kept.path) ? kept : fresh
            }
            // Those of earlier versions of the app would lie there for good.
            let name = kept.lastPathComponent
            for old in (try? files.contentsOfDirectory(atPath: folder.path)) ?? []
            where old != name {
                try? files.removeItem(at: folder.appendingPathComponent(old))
            }
            return kept
        }
    }
#endif
