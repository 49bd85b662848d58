import Foundation

/// One column of features, or several that are told as one: a point on the clock, a zone.
public struct Factor: Sendable {
    /// The name of the column, or of what the columns mean together.
    public let name: String
    /// The unit of the value.
    public let unit: String
    /// The positions of the columns in a row.
    public let columns: [Int]

    private enum Form: Sendable {
        case hour, weekday, zone
        case column(FeatureSpec, [PhraseCase]?)
    }

    private let form: Form
    private let window: Double
    private let places: [String: Int]

    /// The factors of the columns of a family, in the order of their first columns.
    ///
    /// - Parameters:
    ///   - specs: What the columns are.
    ///   - family: The family that words them.
    ///   - window: The seconds before an event in which others count; nil if the family has none.
    public static func factors(
        of specs: [FeatureSpec], family: String, window: Double? = nil
    ) -> [Factor] {
        let places = Dictionary(
            specs.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        let joined: [([String], String, String, Form)] = [
            (["hour_sin", "hour_cos"], "hour", "h", .hour),
            (["weekday_sin", "weekday_cos"], "weekday", "d", .weekday),
            (["zone_risk", "zone_kind"], "zone", "1", .zone),
        ]
        var factors: [Factor] = []
        var taken: Set<Int> = []
        for (names, name, unit, form) in joined {
            let columns = names.compactMap { places[$0] }
            guard columns.count == names.count, columns.allSatisfy({ specs[$0].unit != "" }) else {
                continue
            }
            taken.formUnion(columns)
            factors.append(
                Factor(
                    name: name, unit: unit, columns: columns, form: form, window: .nan,
                    places: places))
        }
        let phrases = Phrasebooks.all[family] ?? [:]
        for (place, spec) in specs.enumerated() where !taken.contains(place) {
            let phrase = spec.unit == "" ? nil : phrases[spec.name]
            factors.append(
                Factor(
                    name: spec.name, unit: spec.unit, columns: [place],
                    form: .column(spec, phrase), window: window ?? .nan, places: places))
        }
        return factors.sorted { $0.columns[0] < $1.columns[0] }
    }

    /// The value in a row, and what it is in words.
    ///
    /// - Returns: The value is nil if it is missing.
    public func describe(_ row: [Float]) -> (value: Double?, words: Words) {
        let values = columns.map { Double(row[$0]) }
        switch form {
        case .hour:
            guard let turn = WordNumbers.turn(values[0], values[1]) else {
                return (nil, Words("hour.missing"))
            }
            return (turn * 1440 / 60, Words("hour", [.clock(turn * 1440)]))
        case .weekday:
            guard let turn = WordNumbers.turn(values[0], values[1]) else {
                return (nil, Words("weekday.missing"))
            }
            let minute = Int((turn * 10080).rounded(.toNearestOrEven)) % 10080
            return (turn * 10080 / 1440, Words(WordZones.days[minute / 1440]))
        case .zone: return (known(values[0]), zone(risk: values[0], kind: values[1]))
        case .column(let spec, let phrase):
            return (known(values[0]), words(values[0], spec, phrase, row))
        }
    }

    private func known(_ value: Double) -> Double? { value.isNaN ? nil : value }

    private func words(
        _ value: Double, _ spec: FeatureSpec, _ phrase: [PhraseCase]?, _ row: [Float]
    ) -> Words {
        if let phrase {
            let home = HomeRarities { name in places[name].map { Double(row[$0]) } ?? .nan }
            // Rounded as it stands in the meaning of the column in Python.
            let window = Double(String(format: "%g", window)) ?? .nan
            let context = PhraseContext(value: value, spec: spec, window: window, home: home)
            return context.say(phrase)
        }
        if value.isNaN { return Words("column.missing", [.text(spec.name)]) }
        if spec.unit == "s" { return Words("column.span", [.text(spec.name), .span(value)]) }
        if spec.unit == "" || spec.unit == "1" {
            return Words("column", [.text(spec.name), .number(value)])
        }
        return Words("column.unit", [.text(spec.name), .number(value), .text(spec.unit)])
    }

    private func zone(risk: Double, kind: Double) -> Words {
        let known = WordZones.all.first { zone in
            zone.risk == risk && zone.kind.map { Double($0) == kind } ?? kind.isNaN
        }
        if let known { return Words("place.\(known.name)") }
        let none = HomeRarities { _ in .nan }
        let context = PhraseContext(value: kind, spec: nil, window: .nan, home: none)
        let place = context.say(WordZones.kind)
        return risk.isNaN ? place : Words("zone_with_risk", [.words(place), .number(risk)])
    }
}
