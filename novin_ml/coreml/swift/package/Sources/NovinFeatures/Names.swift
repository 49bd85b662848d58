// The kind and the zone that a vendor's words mean: the twin of novin_ml/events/kinds.py, zones.py
// and vocabulary/. All is compared scalar by scalar, as in Python: Swift's own comparison takes an "n" with
// an accent of its own for another letter than "n".

extension EventKind {
    /// The kind of event that a type tells by what it contains, whatever the vendor put around it.
    public init(ofType type: String) {
        if Vocabulary.isByWords {
            let words = words(of: type)
            let found = Set(Self.known.within(words).map(\.meaning))
            self =
                Self.known.exact(words) ?? Self.byPrecedence.first(where: found.contains) ?? .other
            return
        }
        let lowered = lowercased(type)
        self = EventKind.utf8Texts.first { contains(lowered, $0.text) }?.kind ?? .other
    }

    private static let known = Phrases(phrases)

    private static let utf8Texts = texts.map { (text: Array($0.text.utf8), kind: $0.kind) }
}

extension Zone {
    /// The zone that a location means: its exact name, an alias, or the first zone whose name it
    /// contains, in lower case and with `_` for spaces. Everything else is `unknown`. By words, the
    /// longest name in it counts, and the last of equally long ones.
    public init(ofLocation location: String?) {
        guard let location else {
            self = .unknown
            return
        }
        if Vocabulary.isByWords {
            let words = words(of: location)
            self = Self.known.exact(words) ?? Self.knownParts.longest(words) ?? .unknown
            return
        }
        let name = lowercased(location).map { $0 == UInt8(ascii: " ") ? UInt8(ascii: "_") : $0 }
        self =
            Zone.byName[name]
            ?? Zone.utf8Names.first { contains(name, $0.name) }?.zone
            ?? .unknown
    }

    private static let known = Phrases(phrases)
    private static let knownParts = Phrases(parts)

    private static let utf8Names = allCases.map { (name: Array($0.name.utf8), zone: $0) }

    private static let byName = Dictionary(
        allCases.flatMap { zone in ([zone.name] + zone.aliases).map { (Array($0.utf8), zone) } },
        uniquingKeysWith: { _, last in last })
}

/// A sensor that the vocabulary names, recognised by the texts that it sends.
public struct Sensor: Sendable, Equatable {
    /// Its name in Python.
    public let name: String
    /// What it sends, in lower case; nil if the text does not matter.
    let type, location: String?

    /// The code of the sensor that sends a type and a location; that of none is the number of
    /// sensors.
    static func code(ofType type: String, location: String?) -> Int {
        if Vocabulary.sensors.isEmpty { return 0 }
        let what = lowercased(type)
        let place = location.map(lowercased).flatMap { $0.isEmpty ? nil : $0 }
        return codes[Key(type: what, location: place)]
            ?? place.flatMap { codes[Key(type: nil, location: $0)] }
            ?? codes[Key(type: what, location: nil)]
            ?? Vocabulary.sensors.count
    }

    private struct Key: Hashable {
        let type, location: [UInt8]?
    }

    private static let codes = Dictionary(
        Vocabulary.sensors.enumerated().map { code, sensor in
            let type = sensor.type.map { Array($0.utf8) }
            return (Key(type: type, location: sensor.location.map { Array($0.utf8) }), code)
        }, uniquingKeysWith: { first, _ in first })
}

/// Texts by their words, each with what it means.
private struct Phrases<Meaning: Sendable>: Sendable {
    private let meanings: [[[UInt8]]: Meaning]
    private let longest: Int

    init(_ phrases: [(words: [String], meaning: Meaning)]) {
        let known = phrases.map { ($0.words.map { Array($0.utf8) }, $0.meaning) }
        meanings = Dictionary(known, uniquingKeysWith: { first, _ in first })
        longest = phrases.map(\.words.count).max() ?? 0
    }

    /// What these words mean, all of them together; an s at the end may be one too many.
    func exact(_ words: [[UInt8]]) -> Meaning? {
        if let meaning = meanings[words] { return meaning }
        guard let last = words.last, last.last == UInt8(ascii: "s") else { return nil }
        return meanings[words.dropLast() + [Array(last.dropLast())]]
    }

    /// The phrases in the words, with their lengths and places.
    func within(_ words: [[UInt8]]) -> [(length: Int, begin: Int, meaning: Meaning)] {
        var found: [(Int, Int, Meaning)] = []
        for begin in words.indices {
            for end in begin..<min(begin + longest, words.count) {
                if let meaning = exact(Array(words[begin...end])) {
                    found.append((end - begin + 1, begin, meaning))
                }
            }
        }
        return found
    }

    /// What the longest phrase in the words means; of equal ones the last counts.
    func longest(_ words: [[UInt8]]) -> Meaning? {
        within(words).max { ($0.length, $0.begin) < ($1.length, $1.begin) }?.meaning
    }
}

/// The words of a text in lower case: they end at all signs, at digits, and where a capital follows
/// a small letter. Characters beyond ASCII are letters.
private func words(of text: String) -> [[UInt8]] {
    let scalars = Array(text.unicodeScalars)
    func isCapital(_ at: Int) -> Bool { at < scalars.count && ("A"..."Z").contains(scalars[at]) }
    func isSmall(_ at: Int) -> Bool {
        at < scalars.count && (("a"..."z").contains(scalars[at]) || scalars[at].value >= 0x80)
    }
    func isDigit(_ at: Int) -> Bool { at < scalars.count && ("0"..."9").contains(scalars[at]) }
    var words: [[UInt8]] = []
    var place = 0
    while place < scalars.count {
        var end = place
        if isCapital(place) {
            while isCapital(end) { end += 1 }
            if isSmall(end) {
                end -= 1  // the last capital begins the next word
                if end == place {
                    end += 1
                    while isSmall(end) { end += 1 }
                }
            }
        } else if isSmall(place) {
            while isSmall(end) { end += 1 }
        } else if isDigit(place) {
            while isDigit(end) { end += 1 }
        }
        if end == place {
            place += 1
        } else {
            var word = String.UnicodeScalarView()
            word.append(contentsOf: scalars[place..<end])
            words.append(lowercased(String(word)))
            place = end
        }
    }
    return words
}

/// A text in lower case, in UTF-8.
func lowercased(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy({ $0 < 0x80 }) {
        return bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
    return text.unicodeScalars.flatMap { Array($0.properties.lowercaseMapping.utf8) }
}

/// Whether a text contains another, which is in ASCII and not empty.
private func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    guard text.count >= part.count else { return false }
    return (0...text.count - part.count).contains { start in
        text[start] == part[0] && text[start..<start + part.count].elementsEqual(part)
    }
}
