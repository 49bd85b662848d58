/// What is said of a feature: a key with typed values, which each language has a text for.
///
/// ```swift
/// reason.words.text  // "20.8 s after a vehicle"
/// reason.words.text(in: .german)  // "20,8 s nach einem Fahrzeug"
/// ```
public struct Words: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The key of the text: the same in Python, and in the catalog `NovinWords.xcstrings`.
    public let key: String
    /// What the text is filled with.
    public let values: [Value]

    /// A typed value within words.
    public indirect enum Value: Hashable, Sendable {
        /// Told to three significant digits; a whole number in full.
        case number(Double)
        /// Told to two significant digits.
        case digits(Double)
        /// Seconds.
        case span(Double)
        /// Minutes since midnight.
        case clock(Double)
        /// A name, told as it is.
        case text(String)
        case words(Words)
        /// One of these.
        case any([Words])
    }

    public init(_ key: String, _ values: [Value] = []) {
        self.key = key
        self.values = values
    }

    /// The words in English, as Python's `explain` says them.
    public var text: String { text(in: .english) }

    /// The words in a language.
    public func text(in language: Language) -> String { language.text(of: self) }

    public var description: String { text }
}

extension Words.Value: Codable {
    private enum CodingKeys: String, CodingKey {
        case number, digits, span, clock, text, words, any
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "A value must have one kind. Got \(container.allKeys.count).")
            )
        }
        switch key {
        case .number: self = .number(try container.decode(Double.self, forKey: key))
        case .digits: self = .digits(try container.decode(Double.self, forKey: key))
        case .span: self = .span(try container.decode(Double.self, forKey: key))
        case .clock: self = .clock(try container.decode(Double.self, forKey: key))
        case .text: self = .text(try container.decode(String.self, forKey: key))
        case .words: self = .words(try container.decode(Words.self, forKey: key))
        case .any: self = .any(try container.decode([Words].self, forKey: key))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .number(let number): try container.encode(number, forKey: .number)
        case .digits(let number): try container.encode(number, forKey: .digits)
        case .span(let seconds): try container.encode(seconds, forKey: .span)
        case .clock(let minutes): try container.encode(minutes, forKey: .clock)
        case .text(let text): try container.encode(text, forKey: .text)
        case .words(let words): try container.encode(words, forKey: .words)
        case .any(let list): try container.encode(list, forKey: .any)
        }
    }
}
