import Foundation
import NovinFeatures

/// What a model says of itself in its metadata, read once.
struct ModelInfo: Sendable {
    /// What models of release 0.1 call a family, and its name.
    private static let formerFamilies = ["anomaly": "behavior"]

    let family: String
    /// The model's inputs, in the order of a row.
    let featureOrder: [String]
    /// Parameters of the features, by name, in seconds.
    let featureParameters: [String: Double]
    /// The channels of a model of signals of several channels.
    let channels: MotionChannels?
    /// The sensors and zones of a model of chains that has columns of them.
    let memory: ChainMemory?
    /// How the answers to a stream of chains take earlier ones into account.
    let smoothing: MarkovSmoothing?
    /// The median of each feature in the training data; NaN of one that never was known.
    let typical: [Float]
    let labels: [String]
    /// The kinds of event that the model was trained on; nil of one that does not tell.
    let trainedKinds: [EventKind]?
    let decisions: Decisions
    /// What is taken from the score of a detector.
    let offset: Float?
    /// Whether a detector was still learning when it was exported.
    let isLearning: Bool
    /// Whether its log was too short to prove the budget of its alarms.
    let isUnproven: Bool

    init(_ metadata: [String: String]) throws {
        let entries = Entries(metadata)
        let name = try entries.text("family")
        family = Self.formerFamilies[name] ?? name
        let names = try entries.optional("feature_names_of", ColumnNames.self)
        // Models of earlier releases tell no number: they take the features of 0.1.
        let told = metadata["novin_ml.feature_set"] ?? "1"
        let own = names == nil ? FeatureSpecs.featureSets[family].map(String.init) ?? told : "2"
        guard told == own else {
            throw ModelError.otherModel(
                expected: "the feature set \(own)", got: ["the set \(told)"])
        }
        featureOrder = try entries.json("feature_order", [String].self)
        featureParameters = try entries.json("feature_params", [String: Double].self)
        channels = try entries.optional("feature_channels", MotionChannels.self)
        memory = try names.map { [featureParameters] in
            try ChainMemory(
                sensors: $0.sensors, zones: $0.zones, halfAfter: featureParameters["memory"])
        }
        typical = try entries.json("feature_typical", [Float?].self).map { $0 ?? .nan }
        guard typical.count == featureOrder.count else {
            throw ModelError.noEntry(key: "feature_typical")
        }
        labels = try entries.optional("class_labels", [Label].self)?.map(\.text) ?? []
        trainedKinds = try entries.optional("trained_kinds", [String].self)?.map { name in
            guard let kind = EventKind.allCases.first(where: { $0.name == name }) else {
                throw ModelError.noEntry(key: "trained_kinds")
            }
            return kind
        }
        smoothing = try entries.optional("smoothing", MarkovSmoothing.self)
        if let smoothing, smoothing.labels != labels { throw ModelError.noEntry(key: "smoothing") }
        decisions = Decisions(
            thresholds: try entries.optional("thresholds", [String: Float].self) ?? [:],
            abstainBelow: try entries.float("abstain_below"),
            conformalCut: try entries.float("conformal_cut"))
        offset = try entries.float("offset")
        isLearning = metadata["novin_ml.state"] == "learning"
        isUnproven = metadata["novin_ml.state"] == "unproven"
    }

    private struct ColumnNames: Decodable {
        let sensors, zones: [String]
    }

    private struct Entries {
        let metadata: [String: String]

        init(_ metadata: [String: String]) { self.metadata = metadata }

        func text(_ key: String) throws -> String {
            guard let text = metadata["novin_ml." + key] else { throw ModelError.noEntry(key: key) }
            return text
        }

        func json<Value: Decodable>(_ key: String, _ type: Value.Type) throws -> Value {
            let text = try text(key)
            do {
                return try JSONDecoder().decode(type, from: Data(text.utf8))
            } catch {
                throw ModelError.noEntry(key: key)
            }
        }

        func optional<Value: Decodable>(_ key: String, _ type: Value.Type) throws -> Value? {
            metadata["novin_ml." + key] == nil ? nil : try json(key, type)
        }

        func float(_ key: String) throws -> Float? {
            guard let text = metadata["novin_ml." + key] else { return nil }
            // Written in full: read as Double or as Float it is the same float32.
            guard let number = Float(text) else { throw ModelError.noEntry(key: key) }
            return number
        }
    }

    /// A label that is text, or an integer.
    private struct Label: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }
    }
}
