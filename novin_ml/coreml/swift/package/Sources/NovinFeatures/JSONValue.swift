/// A JSON value that keeps what refusals must name: whole numbers of any length, whether a flag or a
/// number was sent, keys that stand twice, and halves of surrogate pairs. Foundation's decoders lose
/// each of these.
indirect enum JSONValue: Sendable {
    case null
    case flag(Bool)
    /// A whole number, its digits as Python writes them.
    case whole(String)
    case number(Double)
    case text(JSONText)
    case list([JSONValue])
    case object(JSONObject)
    /// An object in which a key stands twice.
    case doubled(JSONText)

    /// The value as a number; nil if it is none.
    var asNumber: Double? {
        switch self {
        // The zero of whole numbers has no sign.
        case .whole(let digits): digits == "0" ? 0 : Double(digits)
        case .number(let number): number
        default: nil
        }
    }

    var isNull: Bool {
        if case .null = self { return true }
        return false
    }
}

/// A text of JSON. It may have halves of surrogate pairs, which no `String` holds.
struct JSONText: Hashable, Sendable {
    /// The text; halves of pairs are written as `\ud800`.
    let string: String
    /// The code points, where one of them is half of a pair.
    let broken: [UInt32]?

    /// The text is that of a program.
    init(_ string: String) {
        (self.string, broken) = (string, nil)
    }

    init(codePoints: [UInt32]) {
        let scalars = codePoints.map { Unicode.Scalar($0) }
        if scalars.contains(nil) {
            broken = codePoints
            string = zip(codePoints, scalars).map { code, scalar in
                scalar.map { String($0) } ?? "\\u" + hexadecimal(code, digits: 4)
            }.joined()
        } else {
            broken = nil
            var text = String.UnicodeScalarView()
            text.append(contentsOf: scalars.compactMap { $0 })
            string = String(text)
        }
    }

    /// Whether it has these letters, each a code point.
    static func == (left: JSONText, right: JSONText) -> Bool {
        left.broken == right.broken && left.string.utf8.elementsEqual(right.string.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }

    var length: Int { broken?.count ?? string.unicodeScalars.count }
}

/// The keys of an object, each once, with their values, in their order.
struct JSONObject: Sendable {
    let members: [(key: JSONText, value: JSONValue)]

    /// The value of a key; nil if there is none, or null.
    subscript(key: String) -> JSONValue? {
        for member in members
        where member.key.broken == nil && member.key.string.utf8.elementsEqual(key.utf8) {
            return member.value.isNull ? nil : member.value
        }
        return nil
    }

    func has(_ key: String) -> Bool {
        members.contains { $0.key == JSONText(key) }
    }
}

/// A number in hexadecimal, with leading zeros.
func hexadecimal(_ number: UInt32, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
