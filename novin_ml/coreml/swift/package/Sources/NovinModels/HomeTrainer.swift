#if canImport(CoreML)
    import CoreML
    import Foundation
    import NovinUpdates

    #if canImport(UIKit) && !os(tvOS) && !os(watchOS)
        import UIKit
    #endif

    /// A row of a home, and what is true of it.
    public struct HomeExample: Sendable, Equatable {
        /// In the order of the model's inputs; NaN is a missing value.
        public var features: [Float]
        /// Of a classifier; an autoencoder learns from the features alone.
        public var label: String

        public init(features: [Float], label: String = "") {
            self.features = features
            self.label = label
        }
    }

    /// How far a training is.
    public struct TrainingProgress: Sendable, Equatable {
        /// How many epochs are done.
        public let epochs: Int
        /// The mean loss in the last of them.
        public let loss: Double
    }

    /// Trains an updatable model on the rows of a home, without sending any of them.
    ///
    /// It begins with the weights that every home was given, and writes an update file: the weights
    /// after the training and the number of rows.
    public final class HomeTrainer: @unchecked Sendable {
        /// What each weight of the model is.
        public let manifest: WeightsManifest
        private let compiled: URL
        private let names: [String]
        private let hasIntegerLabels: Bool
        private let batchSize: Int?

        /// Opens the model that all homes begin with: the first, or a newer one with its manifest.
        ///
        /// - Parameters:
        ///   - url: A `.mlmodel` file, or a compiled `.mlmodelc`.
        ///   - manifest: Its `NAME.weights.json`.
        ///   - identifier: As for `CoreMLBackend`.
        /// - Throws: `UpdateError.otherModel` if the weights of the model are not those of the
        ///   manifest, as Core ML has them.
        public init(
            contentsOf url: URL, manifest: WeightsManifest, identifier: String? = nil
        ) throws {
            self.manifest = manifest
            compiled = try CoreMLBackend.compiled(url, identifier: identifier)
            let model = try MLModel(contentsOf: compiled, configuration: Self.configuration())
            let description = model.modelDescription
            let entries = description.metadata[.creatorDefinedKey] as? [String: String] ?? [:]
            let order = Data((entries["novin_ml.feature_order"] ?? "").utf8)
            guard let names = try? JSONDecoder().decode([String].self, from: order) else {
                throw ModelError.noEntry(key: "feature_order")
            }
            let wanted = manifest.target?.name ?? Self.label
            guard let truth = description.trainingInputDescriptionsByName[wanted] else {
                throw ModelError.otherModel(
                    expected: "the training input \(wanted)",
                    got: description.trainingInputDescriptionsByName.keys.sorted())
            }
            self.names = names
            hasIntegerLabels = truth.type == .int64
            let size = description.parameterDescriptionsByKey[.miniBatchSize]?.defaultValue
            batchSize = (size as? NSNumber)?.intValue
            let hash = try manifest.hash(of: Self.weights(of: model, manifest))
            guard hash == manifest.weightsHash else {
                throw UpdateError.otherModel(
                    expected: SHA256.hexadecimal(manifest.weightsHash),
                    got: SHA256.hexadecimal(hash))
            }
        }

        /// Trains on the rows of the home, and writes the update file.
        ///
        /// Cancel the Swift task to stop it: nothing is written then. The device is asked before the
        /// training and after each epoch.
        ///
        /// - Parameters:
        ///   - examples: Rows with their true labels.
        ///   - file: Where to write the update.
        ///   - epochs: Fewer than the model says, if not nil.
        ///   - learningRate: Another than the model says, if not nil.
        ///   - conditions: When the device may train.
        ///   - trainedModel: Where to keep the trained model, a `.mlmodelc`, for this home alone.
        ///   - device: What the device is like now.
        ///   - progress: Called after each epoch, on a thread of Core ML.
        /// - Returns: The update that was written.
        /// - Throws: `CancellationError`, or an `UpdateError` that says why.
        @discardableResult
        public func train(
            on examples: [HomeExample], to file: URL, epochs: Int? = nil,
            learningRate: Double? = nil, conditions: TrainingConditions = TrainingConditions(),
            trainedModel: URL? = nil,
            device: @escaping @Sendable () async -> DeviceState = { await DeviceState.current() },
            progress: (@Sendable (TrainingProgress) -> Void)? = nil
        ) async throws -> UpdateFile {
            try conditions.check(await device())
            let rows = try batch(examples)
            let configuration = Self.configuration()
            configuration.parameters = parameters(
                examples.count, epochs: epochs, learningRate: learningRate)
            let run = TrainingRun()
            let compiled = compiled, manifest = manifest
            let values = try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    run.begin(continuation) {
                        let handlers = MLUpdateProgressHandlers(
                            forEvents: .epochEnd,
                            progressHandler: { context in
                                Self.report(context, to: progress)
                                Task {
                                    do {
                                        try conditions.check(await device())
                                    } catch {
                                        run.stop(error)
                                    }
                                }
                            },
                            completionHandler: { context in
                                run.finish {
                                    try Self.trained(context, manifest, keptAt: trainedModel)
                                }
                            })
                        do {
                            return try MLUpdateTask(
                                forModelAt: compiled, trainingData: rows,
                                configuration: configuration, progressHandlers: handlers)
                        } catch {
                            throw UpdateError.trainingFailed(error.localizedDescription)
                        }
                    }
                }
            } onCancel: {
                run.stop(CancellationError())
            }
            let update = try UpdateFile(
                manifest: manifest, exampleCount: UInt64(examples.count), values: values)
            try update.write(to: file)
            return update
        }

        private static let label = "label"

        private static func configuration() -> MLModelConfiguration {
            let configuration = MLModelConfiguration()
            configuration.computeUnits = .cpuOnly  // in 32 bits
            return configuration
        }

        private func batch(_ examples: [HomeExample]) throws -> MLArrayBatchProvider {
            guard !examples.isEmpty else { throw UpdateError.noExamples }
            let rows = try examples.map { example in
                guard example.features.count == names.count else {
                    throw UpdateError.badExample(
                        "\(example.features.count) numbers for \(names.count) inputs")
                }
                var values = Dictionary(
                    uniqueKeysWithValues: zip(names, example.features).map {
                        ($0, MLFeatureValue(double: Double($1)))
                    })
                if let target = manifest.target {
                    values[target.name] = try Self.array(target.values(of: example.features))
                } else if !hasIntegerLabels {
                    values[Self.label] = MLFeatureValue(string: example.label)
                } else if let number = Int64(example.label) {
                    values[Self.label] = MLFeatureValue(int64: number)
                } else {
                    throw UpdateError.badExample("the label \(example.label), which is no integer")
                }
                return try MLDictionaryFeatureProvider(dictionary: values)
            }
            return MLArrayBatchProvider(array: rows)
        }

        private static func array(_ values: [Float]) throws -> MLFeatureValue {
            guard values.allSatisfy(\.isFinite) else {
                throw UpdateError.badExample("a number that is missing or infinite")
            }
            let count = NSNumber(value: values.count)
            let array = try MLMultiArray(shape: [count], dataType: .double)
            for (place, value) in values.enumerated() { array[place] = NSNumber(value: value) }
            return MLFeatureValue(multiArray: array)
        }

        private func parameters(
            _ count: Int, epochs: Int?, learningRate: Double?
        ) -> [MLParameterKey: Any] {
            var parameters: [MLParameterKey: Any] = [:]
            if let epochs { parameters[.epochs] = epochs }
            if let learningRate { parameters[.learningRate] = learningRate }
            if let batchSize, count < batchSize {
                // The model allows powers of two up to its own size: the largest that is filled.
                parameters[.miniBatchSize] = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
            }
            return parameters
        }

        private static func report(
            _ context: MLUpdateContext, to progress: ((TrainingProgress) -> Void)?
        ) {
            let epoch = (context.metrics[.epochIndex] as? NSNumber)?.intValue ?? 0
            let loss = (context.metrics[.lossValue] as? NSNumber)?.doubleValue ?? .nan
            progress?(TrainingProgress(epochs: epoch + 1, loss: loss))
        }

        /// The weights of a model that was trained, which is kept if it is to be.
        private static func trained(
            _ context: MLUpdateContext, _ manifest: WeightsManifest, keptAt url: URL?
        ) throws -> [Float] {
            if let error = context.task.error {
                throw UpdateError.trainingFailed(error.localizedDescription)
            }
            guard context.task.state != .failed else {
                throw UpdateError.trainingFailed("a task that failed")
            }
            let values = try weights(of: context.model, manifest)
            if let url { try context.model.write(to: url) }
            return values
        }

        private static func weights(
            of model: MLModel, _ manifest: WeightsManifest
        ) throws -> [Float] {
            try manifest.tensors.flatMap { tensor in
                let key = tensor.role == .weight ? MLParameterKey.weights : MLParameterKey.biases
                let value = try model.parameterValue(for: key.scoped(to: tensor.layer))
                guard let array = value as? MLMultiArray, array.count == tensor.count else {
                    throw UpdateError.badManifest(
                        "\(tensor.count) values of \(tensor.layer), of which the model has others")
                }
                return (0..<array.count).map { array[$0].floatValue }
            }
        }
    }

    /// One training, which ends once: by its end, by an error, or because it was stopped.
    private final class TrainingRun: @unchecked Sendable {
        private let lock = NSLock()
        private var continuation: CheckedContinuation<[Float], any Error>?
        private var task: MLUpdateTask?
        private var failure: (any Error)?

        func begin(
            _ continuation: CheckedContinuation<[Float], any Error>,
            _ make: () throws -> MLUpdateTask
        ) {
            lock.lock()
            do {
                if let failure { throw failure }
                let task = try make()
                (self.task, self.continuation) = (task, continuation)
                lock.unlock()
                task.resume()
            } catch {
                lock.unlock()
                continuation.resume(throwing: error)
            }
        }

        func finish(_ values: () throws -> [Float]) {
            guard let waiting = taken() else { return }
            waiting.resume(with: Result(catching: values))
        }

        func stop(_ error: any Error) {
            lock.lock()
            failure = failure ?? error
            let task = task
            lock.unlock()
            task?.cancel()
            taken()?.resume(throwing: error)
        }

        private func taken() -> CheckedContinuation<[Float], any Error>? {
            lock.lock()
            defer { lock.unlock() }
            let waiting = continuation
            continuation = nil
            return waiting
        }
    }

    extension DeviceState {
        /// What the device is like now.
        public static func current() async -> DeviceState {
            let process = ProcessInfo.processInfo
            var state = DeviceState(savesPower: process.isLowPowerModeEnabled)
            switch process.thermalState {
            case .nominal: state.heat = .nominal
            case .fair: state.heat = .fair
            case .serious: state.heat = .serious
            default: state.heat = .critical
            }
            #if canImport(UIKit) && !os(tvOS) && !os(watchOS)
                await readBattery(&state)
            #endif
            return state
        }

        #if canImport(UIKit) && !os(tvOS) && !os(watchOS)
            @MainActor
            private static func readBattery(_ state: inout DeviceState) {
                let device = UIDevice.current
                let wasMonitoring = device.isBatteryMonitoringEnabled
                device.isBatteryMonitoringEnabled = true
                defer { device.isBatteryMonitoringEnabled = wasMonitoring }
                // Below 0 if it is not known, as in a simulator.
                state.batteryLevel = device.batteryLevel < 0 ? nil : device.batteryLevel
                state.isCharging = device.batteryState == .charging || device.batteryState == .full
            }
        #endif
    }

    extension BundledModel {
        /// Opens the model to train it; nil if no phone can.
        public func trainer() throws -> HomeTrainer? {
            guard let manifest = try weights() else { return nil }
            return try HomeTrainer(
                contentsOf: try url(), manifest: manifest, identifier: String(sha256.prefix(16)))
        }
    }
#endif
