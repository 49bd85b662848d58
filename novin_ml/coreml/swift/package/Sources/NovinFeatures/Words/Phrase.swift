/// A text for the values that pass a test: the twin of novin_ml/estimators/words/_phrases.py.
struct PhraseCase: Sendable {
    enum Test: Sendable {
        case always, missing, equals, from, below, high
        case ratioBelow, ratioFrom, ratioAbove, absoluteRatioBelow
        case code, risk, first, never, new
    }

    let key: String
    let parts: [PhrasePart]
    let test: Test
    let limit: Double

    init(_ key: String, _ test: Test, _ limit: Double = 0, _ parts: [PhrasePart] = []) {
        self.key = key
        self.parts = parts
        self.test = test
        self.limit = limit
    }
}

/// A value within a text.
struct PhrasePart: Sendable {
    enum Kind: Sendable { case number, digits, span, name, new, cases, words, zones }
    enum Source: Sendable { case value, ratio, absoluteRatio, high, window, more, constant }

    let kind: Kind
    let source: Source
    let scale, shift: Double
    let names: [Words]
    let cases: [PhraseCase]

    init(
        _ kind: Kind, _ source: Source = .value, scale: Double = 1, shift: Double = 0,
        names: [Words] = [], cases: [PhraseCase] = []
    ) {
        self.kind = kind
        self.source = source
        self.scale = scale
        self.shift = shift
        self.names = names
        self.cases = cases
    }
}

/// A value with all that a phrase asks about it.
struct PhraseContext {
    let value: Double
    let spec: FeatureSpec?
    let window: Double
    let home: HomeRarities

    /// The words of the first case that holds.
    func say(_ cases: [PhraseCase]) -> Words {
        guard let chosen = cases.first(where: { holds($0.test, $0.limit) }) else {
            return Words("")
        }
        return Words(chosen.key, chosen.parts.map(value))
    }

    private func holds(_ test: PhraseCase.Test, _ limit: Double) -> Bool {
        switch test {
        case .always: return true
        case .missing: return value.isNaN
        case .equals: return value == limit
        case .from: return value >= limit
        case .below: return value < limit
        case .high: return value >= spec?.high ?? .infinity
        case .ratioBelow: return WordNumbers.times(value) < limit
        case .ratioFrom: return WordNumbers.times(value) >= limit
        case .ratioAbove: return WordNumbers.times(value) > limit
        case .absoluteRatioBelow: return WordNumbers.times(abs(value)) < limit
        case .code: return value >= 0 && value < limit && value == value.rounded()
        case .risk: return WordZones.all.contains { $0.risk == value }
        case .first: return home.isFirst
        case .never: return home.isNever(value)
        case .new: return Double(home.new.count) >= limit
        }
    }

    private func value(_ part: PhrasePart) -> Words.Value {
        switch part.kind {
        case .words: return .words(part.names[0])
        case .new: return .words(part.names[home.new[0]])
        case .zones:
            return .any(
                WordZones.all.filter { $0.risk == value }.map { Words("zone.\($0.name)") })
        case .name: return .words(part.names[Int(number(part))])
        case .cases:
            let other = PhraseContext(value: number(part), spec: spec, window: window, home: home)
            return .words(other.say(part.cases))
        case .number: return .number(number(part))
        case .digits: return .digits(number(part))
        case .span: return .span(number(part))
        }
    }

    private func number(_ part: PhrasePart) -> Double {
        let number: Double
        switch part.source {
        case .value: number = value
        case .ratio: number = WordNumbers.times(value)
        case .absoluteRatio: number = WordNumbers.times(abs(value))
        case .high: number = spec?.high ?? .nan
        case .window: number = window
        case .more: number = Double(home.new.count - 1)
        case .constant: number = 0
        }
        return number * part.scale + part.shift
    }
}

/// What the rarities of a row tell together: a single one cannot tell "never seen" from "rare".
struct HomeRarities {
    private static let neverBits = 2.0
    private static let rounding = 1e-4

    let isFirst: Bool
    private let bits: Double?
    /// The places of the rarities of what the home never saw.
    let new: [Int]

    /// - Parameter value: The value of a feature of the row, by its name; NaN if it has none.
    init(_ value: (String) -> Double) {
        let rarities = ["place_rarity", "hour_rarity", "mode_rarity", "order_rarity"].map(value)
        let isFirst = value("gap") == 0
        let unseen = value("unseen")
        var bits: Double? = isFirst ? 0 : nil
        if !isFirst && unseen > 0 {
            bits =
                (1...rarities.count).lazy.map { (Double($0), unseen / Double($0)) }.first {
                    let never = $0.1 + Self.neverBits
                    return Double(rarities.filter { abs($0 - never) < Self.rounding }.count) == $0.0
                }?.1
        }
        self.isFirst = isFirst
        self.bits = bits
        new =
            bits.map { known in
                rarities.indices.filter {
                    abs(rarities[$0] - known - Self.neverBits) < Self.rounding
                }
            } ?? []
    }

    func isNever(_ value: Double) -> Bool {
        bits.map { abs(value - $0 - Self.neverBits) < Self.rounding } ?? false
    }
}
