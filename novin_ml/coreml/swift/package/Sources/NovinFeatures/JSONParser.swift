/// Reads JSON as Python's `json` does: with NaN, Infinity and -Infinity, and nothing after the value.
struct JSONParser {
    /// Python reads no whole number of more digits.
    private static let mostDigits = 4300

    private struct Failure: Error {}

    private let bytes: [UInt8]
    private var place = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a value; nil if the text, which must be valid UTF-8, is no JSON.
    static func parse(_ text: [UInt8]) -> JSONValue? {
        var parser = JSONParser(text)
        guard let value = try? parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        return parser.place == text.count ? value : nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            place += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        place += 1
        return true
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let end = place + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let found = word.withUTF8Buffer { bytes[place..<end].elementsEqual($0) }
        if found { place = end }
        return found
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        skipSpace()
        switch next {
        // So that no text can exhaust a thread's stack, which has 512 KiB but on the main thread.
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard depth < Limits.nesting else { throw Failure() }
            return next == UInt8(ascii: "{") ? try object(depth: depth) : try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t") where take("true"): return .flag(true)
        case UInt8(ascii: "f") where take("false"): return .flag(false)
        case UInt8(ascii: "n") where take("null"): return .null
        case UInt8(ascii: "N") where take("NaN"): return .number(.nan)
        case UInt8(ascii: "I") where take("Infinity"): return .number(.infinity)
        case UInt8(ascii: "-") where take("-Infinity"): return .number(-.infinity)
        default: return try number()
        }
    }

    private mutating func list(depth: Int) throws -> JSONValue {
        place += 1
        var values: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list(values) }
        while true {
            values.append(try value(depth: depth + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return .list(values) }
            guard take(UInt8(ascii: ",")) else { throw Failure() }
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        place += 1
        var members: [(key: JSONText, value: JSONValue)] = []
        var known: Set<JSONText> = []
        var doubled: JSONText?
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object(JSONObject(members: members)) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw Failure() }
            let key = try text()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw Failure() }
            members.append((key, try value(depth: depth + 1)))
            if !known.insert(key).inserted, doubled == nil { doubled = key }
            skipSpace()
            if take(UInt8(ascii: "}")) { break }
            guard take(UInt8(ascii: ",")) else { throw Failure() }
        }
        return doubled.map(JSONValue.doubled) ?? .object(JSONObject(members: members))
    }

    private mutating func number() throws -> JSONValue {
        let start = place
        _ = take(UInt8(ascii: "-"))
        let first = place
        guard digits() > 0 else { throw Failure() }
        if bytes[first] == UInt8(ascii: "0") { place = first + 1 }
        var isWhole = true
        let whole = place
        if take(UInt8(ascii: ".")) {
            if digits() > 0 { isWhole = false } else { place = whole }
        }
        let fraction = place
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            if digits() > 0 { isWhole = false } else { place = fraction }
        }
        let literal = String(decoding: bytes[start..<place], as: UTF8.self)
        if isWhole {
            guard place - first <= JSONParser.mostDigits else { throw Failure() }
            return .whole(literal == "-0" ? "0" : literal)
        }
        guard let number = Double(literal) else { throw Failure() }
        return .number(number)
    }

    /// Passes digits, and tells how many.
    private mutating func digits() -> Int {
        let start = place
        while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
        return place - start
    }

    private mutating func text() throws -> JSONText {
        place += 1
        let start = place
        // Nearly always there is nothing to be replaced.
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20
        {
            place += 1
        }
        if take(UInt8(ascii: "\"")) {
            return JSONText(String(decoding: bytes[start..<place - 1], as: UTF8.self))
        }
        place = start
        return try textWithEscapes()
    }

    private mutating func textWithEscapes() throws -> JSONText {
        var codes: [UInt32] = []
        while let byte = next {
            if take(UInt8(ascii: "\"")) { return JSONText(codePoints: codes) }
            guard byte >= 0x20 else { throw Failure() }
            if take(UInt8(ascii: "\\")) {
                codes.append(try escaped())
                continue
            }
            let start = place
            while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"),
                byte >= 0x20
            {
                place += 1
            }
            let plain = String(decoding: bytes[start..<place], as: UTF8.self)
            codes.append(contentsOf: plain.unicodeScalars.map(\.value))
        }
        throw Failure()
    }

    private mutating func escaped() throws -> UInt32 {
        guard let byte = next else { throw Failure() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): break
        default: throw Failure()
        }
        let first = try fourHexadecimals()
        guard (0xD800...0xDBFF).contains(first), take("\\u") else { return first }
        let after = place
        let second = try fourHexadecimals()
        guard (0xDC00...0xDFFF).contains(second) else {
            place = after - 2  // The second stands for itself.
            return first
        }
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private mutating func fourHexadecimals() throws -> UInt32 {
        guard place + 4 <= bytes.count else { throw Failure() }
        var code: UInt32 = 0
        for byte in bytes[place..<place + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw Failure() }
            code = code << 4 + UInt32(digit)
        }
        place += 4
        return code
    }
}
