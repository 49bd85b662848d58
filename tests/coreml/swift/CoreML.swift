// The declarations of Core ML that the package uses, as Apple documents them, without what they do:
// Core ML exists on Apple's systems only, and elsewhere the code that calls it is at least compiled.

import Foundation

public protocol MLFeatureProvider {
    var featureNames: Set<String> { get }
    func featureValue(for featureName: String) -> MLFeatureValue?
}

public class MLFeatureValue {
    public init(double: Double) {}
    public var doubleValue: Double { 0 }
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
}

public struct MLModelMetadataKey: RawRepresentable, Hashable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public static let creatorDefinedKey = MLModelMetadataKey(rawValue: "creatorDefined")
}

public class MLModelDescription {
    public var metadata: [MLModelMetadataKey: Any] { [:] }
}

public class MLModel {
    public init(contentsOf url: URL, configuration: MLModelConfiguration) throws {}
    public var modelDescription: MLModelDescription { MLModelDescription() }
    public static func compileModel(at modelURL: URL) throws -> URL { modelURL }
    public func predictions(fromBatch inputBatch: any MLBatchProvider) throws -> any MLBatchProvider {
        fatalError("a stub")
    }
}
