// The declarations of Core ML that the package uses, as Apple documents them, without what they do:
// Core ML exists on Apple's systems only, and elsewhere the code that calls it is at least compiled.

import Foundation

public protocol MLFeatureProvider {
    var featureNames: Set<String> { get }
    func featureValue(for featureName: String) -> MLFeatureValue?
}

public class MLFeatureValue {
    public init(double: Double) {}
    public init(string: String) {}
    public init(int64: Int64) {}
    public init(multiArray: MLMultiArray) {}
    public var doubleValue: Double { 0 }
    public var multiArrayValue: MLMultiArray? { nil }
    public var dictionaryValue: [AnyHashable: NSNumber] { [:] }
}

public class MLDictionaryFeatureProvider: MLFeatureProvider {
    public init(dictionary: [String: Any]) throws {}
    public var featureNames: Set<String> { [] }
    public func featureValue(for featureName: String) -> MLFeatureValue? { nil }
}

public protocol MLBatchProvider {
    var count: Int { get }
    func features(at index: Int) -> any MLFeatureProvider
}

public class MLArrayBatchProvider: MLBatchProvider {
    public init(array: [any MLFeatureProvider]) {}
    public var count: Int { 0 }
    public func features(at index: Int) -> any MLFeatureProvider { fatalError("a stub") }
}

public enum MLComputeUnits: Int {
    case cpuOnly, cpuAndGPU, all
}

public class MLModelConfiguration {
    public init() {}
    public var computeUnits: MLComputeUnits = .all
    public var parameters: [MLParameterKey: Any]?
}

public struct MLModelMetadataKey: RawRepresentable, Hashable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let creatorDefinedKey = MLModelMetadataKey(rawValue: "creatorDefined")
}

public class MLModelDescription {
    public var metadata: [MLModelMetadataKey: Any] { [:] }
    public var trainingInputDescriptionsByName: [String: MLFeatureDescription] { [:] }
    public var parameterDescriptionsByKey: [MLParameterKey: MLParameterDescription] { [:] }
}

public enum MLFeatureType: Int {
    case invalid, int64, double, string
}

public class MLFeatureDescription {
    public var type: MLFeatureType { .invalid }
}

public class MLParameterDescription {
    public var defaultValue: Any { 0 }
}

public class MLParameterKey: NSObject {
    public static let weights = MLParameterKey()
    public static let biases = MLParameterKey()
    public static let epochs = MLParameterKey()
    public static let learningRate = MLParameterKey()
    public static let miniBatchSize = MLParameterKey()
    public func scoped(to scope: String) -> MLParameterKey { self }
}

public enum MLMultiArrayDataType: Int {
    case double = 65600
    case float32 = 65568
}

public class MLMultiArray {
    public init(shape: [NSNumber], dataType: MLMultiArrayDataType) throws {}
    public var count: Int { 0 }
    public subscript(index: Int) -> NSNumber {
        get { 0 }
        set {}
    }
}

public class MLModel {
    public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {}
    public var modelDescription: MLModelDescription { MLModelDescription() }
    public func parameterValue(for key: MLParameterKey) throws -> Any { 0 }
    public static func compileModel(at modelURL: URL) throws -> URL { modelURL }
    public func predictions(fromBatch inputBatch: any MLBatchProvider) throws -> any MLBatchProvider {
        fatalError("a stub")
    }
}

public protocol MLWritable {
    func write(to url: URL) throws
}

public enum MLTaskState: Int {
    case suspended = 1, running, cancelling, completed, failed
}

public class MLTask {
    public var state: MLTaskState { .failed }
    public var error: (any Error)? { nil }
    public func resume() {}
    public func cancel() {}
}

public class MLUpdateTask: MLTask {
    public init(
        forModelAt modelURL: URL, trainingData: any MLBatchProvider,
        configuration: MLModelConfiguration?, progressHandlers: MLUpdateProgressHandlers
    ) throws {}
}

public struct MLUpdateProgressEvent: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let trainingBegin = MLUpdateProgressEvent(rawValue: 1)
    public static let epochEnd = MLUpdateProgressEvent(rawValue: 2)
}

public class MLUpdateProgressHandlers {
    public init(
        forEvents interestedEvents: MLUpdateProgressEvent,
        progressHandler: ((MLUpdateContext) -> Void)?,
        completionHandler: @escaping (MLUpdateContext) -> Void
    ) {}
}

public class MLMetricKey: NSObject {
    public static let lossValue = MLMetricKey()
    public static let epochIndex = MLMetricKey()
}

public class MLUpdateContext {
    public var task: MLUpdateTask { fatalError("a stub") }
    public var model: MLModel & MLWritable { fatalError("a stub") }
    public var metrics: [MLMetricKey: Any] { [:] }
}

// Foundation has these on Apple's systems only.
extension ProcessInfo {
    public enum ThermalState: Int {
        case nominal, fair, serious, critical
    }

    public var thermalState: ThermalState { .nominal }
    public var isLowPowerModeEnabled: Bool { false }
}
