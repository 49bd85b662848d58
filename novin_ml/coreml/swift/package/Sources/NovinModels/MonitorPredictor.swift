import Foundation
import NovinFeatures

/// Watches one home: unusual events, silences, and what stays on, each kind with alarms of its own.
///
/// ```swift
/// var monitor = try MonitorPredictor(contentsOf: url, history: history, activity: activity)
/// let alarms = try monitor.update(with: event).filter(\.isAlarm)
/// let rows = try monitor.advance(to: Date().timeIntervalSince1970)  // at least each hour
/// ```
///
/// Rows of a kind with the same `unit` are one alarm: a clock hour of events, a whole silence, a
/// whole activation of a sensor.
public struct MonitorPredictor: Sendable {
    /// The family of models that it takes.
    public static let family = "monitor"

    /// What the home reported so far. Keep it between launches of the app: it is `Codable`.
    public private(set) var history: BehaviorHistory
    /// What went on in the home so far. Keep it, too.
    public private(set) var activity: ActivityHistory
    /// Names of the forest's features, in the order of a row.
    public let featureNames: [String]
    /// What evaluates the forest.
    public let backend: any ModelBackend

    private let info: MonitorInfo
    private let reasons: Reasons

    /// Makes a predictor of a model that is already open.
    ///
    /// - Parameters:
    ///   - backend: The model of the home.
    ///   - history: What the home reported before; without it everything is new.
    ///   - activity: What went on in the home before.
    /// - Throws: `ModelError` if the model is of another family or takes other features.
    public init(
        _ backend: any ModelBackend, history: BehaviorHistory = BehaviorHistory(),
        activity: ActivityHistory = ActivityHistory()
    ) throws {
        let model = try ModelInfo(backend.metadata)
        guard model.family == Self.family else {
            throw ModelError.otherFamily(expected: Self.family, got: model.family)
        }
        let features = FeatureSpecs.monitor.map(\.name)
        guard model.featureOrder == features else {
            throw ModelError.otherModel(
                expected: "the features \(features)", got: model.featureOrder)
        }
        guard let text = backend.metadata["novin_ml.monitor"],
            let info = try? JSONDecoder().decode(MonitorInfo.self, from: Data(text.utf8)),
            info.isWhole
        else { throw ModelError.noEntry(key: "monitor") }
        self.info = info
        reasons = Reasons(
            factors: Factor.factors(of: FeatureSpecs.monitor, family: Self.family),
            typical: model.typical)
        featureNames = features
        self.backend = backend
        self.history = history
        self.activity = activity
    }

    /// Opens a model: with Core ML where that exists.
    public init(
        contentsOf url: URL, identifier: String? = nil,
        history: BehaviorHistory = BehaviorHistory(),
        activity: ActivityHistory = ActivityHistory()
    ) throws {
        try self.init(
            try DefaultBackend.open(url, identifier: identifier), history: history,
            activity: activity)
    }

    /// Answers to the ticks up to the home's next event, and to the event.
    ///
    /// - Parameter reasons: The most reasons of an event that is an alarm; each feature costs an
    ///   evaluation of the model.
    /// - Throws: `FeatureError` if the event is of another home or earlier than what was seen. The
    ///   predictor is then as it was.
    public mutating func update(with event: Event, reasons: Int = 3) throws -> [MonitorRow] {
        var (history, activity) = (history, activity)
        let found = try activity.update(with: event)
        let columns = try history.update(with: event)
        let rows = try found.map { row in
            guard row.kind == .event else { return answer(to: row, score: Double(row.values[0])) }
            return try answer(to: row, event, columns + row.values[2...3], reasons)
        }
        (self.history, self.activity) = (history, activity)
        return rows
    }

    /// Answers to all ticks since, without an event.
    ///
    /// - Parameter to: Seconds since 1970.
    /// - Throws: `FeatureError` if it goes back in time, or is no time.
    public mutating func advance(to: Double) throws -> [MonitorRow] {
        try activity.advance(to: to).map { answer(to: $0, score: Double($0.values[0])) }
    }

    /// The anomaly scores of the forest for rows of its features.
    ///
    /// - Throws: `ModelError` if a row is of another length than `featureNames`.
    public func forestScores(features rows: [[Float]]) throws -> [Float] {
        try requireWidth(of: rows, featureNames.count)
        guard !rows.isEmpty else { return [] }
        return try backend.numbers("anomalyScore", of: rows, names: featureNames)
    }

    private func answer(
        to row: ActivityRow, _ event: Event, _ columns: [Float], _ count: Int
    ) throws -> MonitorRow {
        let forest = try forestScores(features: [columns])[0]
        let byForest = info.curves["forest"]?.rarity(of: Double(forest)) ?? 0
        let habits = Double(row.values[2]) + info.hourWeight * Double(row.values[3])
        let byHabits = info.curves["transition"]?.rarity(of: habits) ?? 0
        let answer = answer(to: row, event, score: max(byForest, byHabits))
        guard answer.isAlarm else { return answer }
        let why = try reasons.find(for: columns, own: forest, count: count, ask: forestScores)
        return self.answer(to: row, event, score: answer.score, why)
    }

    private func answer(
        to row: ActivityRow, _ event: Event? = nil, score: Double, _ why: [Reason] = []
    ) -> MonitorRow {
        let kind = info.kinds[row.kind.rawValue]
        return MonitorRow(
            event: event, kind: row.kind, time: Double(row.time) / 1000, unit: row.unit,
            sensor: row.sensor,
            score: score, isAlarm: score > (kind?.threshold ?? .infinity),
            isUnproven: kind?.state != "ready", reasons: why, values: row.values)
    }
}

/// An event, or a tick of a silence or of what is still on.
public struct MonitorRow: Equatable, Sendable {
    /// The event that it is of; nil of a silence and of what is still on.
    public let event: Event?
    /// What it is about.
    public let kind: AlarmKind
    /// Seconds since 1970.
    public let time: Double
    /// Rows of a kind with the same unit are one alarm.
    public let unit: Int
    /// The sensor; empty for a silence.
    public let sensor: String
    /// How rare it is, in bits.
    public let score: Double
    /// Whether it is an alarm.
    public let isAlarm: Bool
    /// Whether nothing proves yet how often such alarms come: show it as a hint, not as an alarm.
    public let isUnproven: Bool
    /// What makes an event that is an alarm unusual to the forest, the strongest reason first.
    public let reasons: [Reason]
    /// The columns of its kind.
    public let values: [Float]
}
