import Foundation
import XCTest

@testable import NovinModels

/// What Python answered: one file for each model.
struct Golden: Decodable {
    let tolerance: Float
    let requests: [Case]
    /// Signals of several channels, of a model that takes them.
    let signals: [Signal]?
    let rows: [Case]
    let decisions: [Decision]
    /// Answers to each event of a stream, of a model that smooths them.
    let streams: [Stream]?
    /// Events and times of homes, of a monitor.
    let monitored: [Monitored]?

    /// A request with its answers, or rows of features with theirs.
    struct Case: Decodable {
        let name: String
        /// The request as it was sent.
        let json: String?
        /// Whether the request continues the history that the model came with.
        let continued: Bool?
        let answers: [Answer]
    }

    /// Float32 numbers as bits.
    struct Signal: Decodable {
        let name: String
        let sampleRate: UInt32
        let channels: [String: [UInt32]]
        let answers: [Answer]

        enum CodingKeys: String, CodingKey {
            case name, channels, answers
            case sampleRate = "sample_rate"
        }
    }

    /// A request with the probabilities after each event, and after the silence that follows it.
    struct Stream: Decodable {
        let name, json: String
        let answers, afterSilence: [[Float]]

        enum CodingKeys: String, CodingKey {
            case name, json, answers
            case afterSilence = "after_silence"
        }
    }

    /// The steps of a home, each an event or a time, and the rows after it.
    struct Monitored: Decodable {
        let name: String
        /// Whether it continues what the model came with.
        let continued: Bool
        let steps: [Step]

        struct Step: Decodable {
            let json: String?
            let advance: Double?
            let rows: [Row]
        }

        struct Row: Decodable {
            let kind: String
            let time: Int
            let unit: Int
            let sensor: String
            /// The bits of float32 numbers.
            let values: [UInt32]
            let score: Double
            let isAlarm: Bool
            let isUnproven: Bool
            let close: Bool

            enum CodingKeys: String, CodingKey {
                case kind, time, unit, sensor, values, score, close
                case isAlarm = "is_alarm"
                case isUnproven = "is_unproven"
            }
        }
    }

    struct Answer: Decodable {
        /// The bits of float32 numbers.
        let features: [UInt32]
        /// Probabilities in the order of the labels, or the score and the decision of a detector.
        let numbers: [Float]
        let label: String?
        let alarm: String?
        let outcome: String?
        let isAlarm: Bool?
        /// Whether another answer is within the tolerance, so that only the numbers must agree.
        let close: Bool
        let reasons: [Reason]

        enum CodingKeys: String, CodingKey {
            case features, numbers, label, alarm, outcome, close, reasons
            case isAlarm = "is_alarm"
        }

        var row: [Float] { features.map { Float(bitPattern: $0) } }
    }

    struct Reason: Decodable {
        let feature: String
        let contribution: Float
        /// Whether another reason is as good as this one.
        let tied: Bool
        let key, text, german: String
    }

    /// What follows from given numbers; float32 as bits.
    struct Decision: Decodable {
        let thresholds: [String: UInt32]?
        let abstainBelow: UInt32?
        let conformalCut: UInt32?
        let rows: [Row]?
        let offset: UInt32?
        let scores: [Score]?

        enum CodingKeys: String, CodingKey {
            case thresholds, rows, offset, scores
            case abstainBelow = "abstain_below"
            case conformalCut = "conformal_cut"
        }

        struct Row: Decodable {
            let probabilities: [UInt32]
            let label: String
            let alarm: String?
            let known: Bool
            let possible: [String]?
        }

        struct Score: Decodable {
            let score: UInt32
            let isAlarm: Bool

            enum CodingKeys: String, CodingKey {
                case score
                case isAlarm = "is_alarm"
            }
        }
    }

    /// Reads the golden vectors of a model.
    static func of(_ model: BundledModel) throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: file("\(model.name).json"))
    }

    /// Names of the models that there are golden vectors of.
    static func names() throws -> [String] {
        struct Index: Decodable {
            struct Entry: Decodable { let name: String }
            let models: [Entry]
        }
        return try JSONDecoder().decode(Index.self, from: file("index.json")).models.map(\.name)
    }

    private static func file(_ name: String) throws -> Data {
        let folder = Bundle.module.resourceURL ?? Bundle.module.bundleURL
        return try Data(contentsOf: folder.appendingPathComponent("Golden/\(name)"))
    }
}

/// The bits of numbers, with one for all NaN.
func bits(_ row: [Float]) -> [UInt32] {
    row.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
}

/// Answers as given, to hold what is decided by them.
struct FixedBackend: ModelBackend {
    let isCoreML = false
    let metadata: [String: String]
    let answers: [[Float]]

    func probabilities(
        of rows: [[Float]], names: [String], labels: [String]
    ) throws -> [[Float]] { answers }

    func numbers(_ output: String, of rows: [[Float]], names: [String]) throws -> [Float] {
        answers.map { $0[0] }
    }
}
