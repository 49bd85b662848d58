import Foundation

/// The texts of a language, and how numbers are written in it.
///
/// An app that speaks another language than English and German copies `NovinWords.xcstrings` of the
/// package into its target, translates it there, and makes a language of its bundle:
///
/// ```swift
/// reason.words.text(in: Language(bundle: .main, locale: .current))
/// ```
public struct Language: Sendable {
    private let lookup: @Sendable (String) -> String?
    private let category: @Sendable (Double) -> String
    private let decimal, thousands: String

    /// Makes a language of texts by key.
    ///
    /// - Parameters:
    ///   - decimal: What is between whole and decimal digits.
    ///   - thousands: What is between groups of three digits.
    ///   - category: Of a count the form that a noun takes, as Unicode names it: a text that differs
    ///     by the count has keys that end with it, such as `events.one` and `events.other`.
    ///   - lookup: The text of a key, with `%1$@`, `%2$@` ... for the values; nil if it has none, then
    ///     the English text is taken.
    public init(
        decimal: String, thousands: String,
        category: @escaping @Sendable (Double) -> String = { $0 == 1 ? "one" : "other" },
        lookup: @escaping @Sendable (String) -> String?
    ) {
        self.decimal = decimal
        self.thousands = thousands
        self.category = category
        self.lookup = lookup
    }

    /// Makes a language of a catalog in a bundle.
    ///
    /// - Parameters:
    ///   - bundle: That of the app, in the language that the system chose for it.
    ///   - table: The name of the catalog, without its extension.
    ///   - locale: How numbers are written.
    ///   - category: As for `init(decimal:thousands:category:lookup:)`.
    public init(
        bundle: Bundle, table: String = "NovinWords", locale: Locale,
        category: @escaping @Sendable (Double) -> String = { $0 == 1 ? "one" : "other" }
    ) {
        self.init(
            decimal: locale.decimalSeparator ?? ".", thousands: locale.groupingSeparator ?? ",",
            category: category,
            lookup: { key in
                let text = bundle.localizedString(forKey: key, value: "", table: table)
                return text.isEmpty || text == key ? nil : text
            })
    }

    func text(of words: Words) -> String {
        var count = 0.0
        if case .number(let first)? = words.values.first { count = first }
        return filled(words.key, with: words.values.map(told), count: count)
    }

    private func filled(_ key: String, with told: [String], count: Double) -> String {
        let form = "\(key).\(category(count))"
        let english = EnglishWords.texts
        let plain = lookup(key) ?? lookup(form) ?? english[key]
        let text = plain ?? english[count == 1 ? "\(key).one" : "\(key).other"] ?? key
        return Self.fill(text, with: told)
    }

    /// Puts values where a text has `%1$@`, `%2$@` ...
    private static func fill(_ text: String, with told: [String]) -> String {
        var pieces = text.components(separatedBy: "%")
        for place in pieces.indices.dropFirst() {
            let piece = pieces[place]
            guard let number = piece.first?.wholeNumberValue, (1...told.count + 1).contains(number),
                piece.dropFirst().hasPrefix("$@"), number <= told.count
            else {
                pieces[place] = "%" + piece
                continue
            }
            pieces[place] = told[number - 1] + piece.dropFirst(3)
        }
        return pieces.joined()
    }

    private func told(_ value: Words.Value) -> String {
        switch value {
        case .number(let number): return local(WordNumbers.number(number))
        case .digits(let number): return local(WordNumbers.twoDigits(number))
        case .span(let seconds): return span(seconds)
        case .clock(let minutes): return WordNumbers.clock(minutes)
        case .text(let text): return text
        case .words(let words): return text(of: words)
        case .any(let list):
            let texts = list.map(text(of:))
            return texts.dropFirst().reduce(texts.first ?? "") {
                filled("or", with: [$0, $1], count: 0)
            }
        }
    }

    private func span(_ seconds: Double) -> String {
        if seconds < 0 { return "-\(span(-seconds))" }
        let parts = WordNumbers.spanParts(seconds).map { unit, number in
            filled("unit.\(unit)", with: [local(number)], count: number == "1" ? 1 : 0)
        }
        return parts.joined(separator: " ")
    }

    private func local(_ number: String) -> String {
        number.map { $0 == "." ? decimal : $0 == "," ? thousands : String($0) }.joined()
    }
}

extension Language {
    /// As Python's `explain` tells reasons.
    public static let english = Language(decimal: ".", thousands: ",") { EnglishWords.texts[$0] }
    /// The language that came first after English.
    public static let german = Language(decimal: ",", thousands: ".") { GermanWords.texts[$0] }
}
