// Values in messages: the twin of `show` in novin_ml/events/_chunk.py.

private let longest = 60  // code points of a value in a message
private let gap = "..."

extension JSONValue {
    /// The value in at most a line: as JSON, its middle left out if it is long.
    var shown: String { isNull ? "nothing" : shortened(written) }

    /// The value as JSON.
    private var written: String {
        switch self {
        case .null: "null"
        case .flag(let flag): flag ? "true" : "false"
        case .whole(let digits): digits
        case .number(let number): pythonRepresentation(of: number)
        case .text(let text): text.quoted
        case .list(let values): "[" + values.map(\.written).joined(separator: ", ") + "]"
        case .object(let object):
            "{"
                + object.members.map { "\($0.key.quoted): \($0.value.written)" }
                .joined(separator: ", ") + "}"
        case .doubled(let key): JSONText(saidTwice(key)).quoted
        }
    }
}

extension JSONText {
    /// The text in at most a line: quoted, its middle left out if it is long.
    var shown: String { shortened(quoted) }

    /// The text as JSON.
    fileprivate var quoted: String {
        let codes = broken ?? string.unicodeScalars.map(\.value)
        return "\"" + codes.map(escaped).joined() + "\""
    }

    private func escaped(_ code: UInt32) -> String {
        switch code {
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x08: "\\b"
        case 0x0C: "\\f"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        default:
            if code >= 0x20, let scalar = Unicode.Scalar(code) {
                String(scalar)
            } else {
                "\\u" + hexadecimal(code, digits: 4)
            }
        }
    }
}

/// Says that a key stands twice in an object.
func saidTwice(_ key: JSONText) -> String { "the key \(key.shown) twice" }

/// A text of bytes that are no UTF-8, these as `\xff`.
func shownBytes(_ bytes: [UInt8]) -> String {
    var codes: [UInt32] = []
    var parser = Unicode.UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var place = 0
    while true {
        switch parser.parseScalar(from: &rest) {
        case .valid(let encoded):
            codes.append(Unicode.UTF8.decode(encoded).value)
            place += encoded.count
        case .error(let length):
            for byte in bytes[place..<place + length] {
                codes.append(
                    contentsOf: "\\x\(hexadecimal(UInt32(byte), digits: 2))".unicodeScalars.map(
                        \.value))
            }
            place += length
        case .emptyInput:
            return JSONText(codePoints: codes).shown
        }
    }
}

/// A number with commas between thousands.
func withCommas(_ number: Int) -> String {
    var text = String(number)
    var place = text.count - 3
    while place > 0 {
        text.insert(",", at: text.index(text.startIndex, offsetBy: place))
        place -= 3
    }
    return text
}

private func shortened(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count > longest else { return text }
    let head = (longest - gap.count) / 2
    var short = String.UnicodeScalarView()
    short.append(contentsOf: scalars[..<head])
    short.append(contentsOf: gap.unicodeScalars)
    short.append(contentsOf: scalars[(scalars.count - (longest - gap.count - head))...])
    return String(short)
}

/// A number as Python writes it. Both languages find the same shortest digits, but put the point in
/// other places.
func pythonRepresentation(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return number.sign == .minus ? "-0.0" : "0.0" }
    let parts = "\(number.magnitude)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(mantissa[0])
    var digits = Array(whole + (mantissa.count > 1 ? mantissa[1] : ""))
    // The number is 0.DIGITS times ten to the power of `point`.
    var point = whole.count + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
    while digits.count > 1, digits.last == "0" { digits.removeLast() }
    while digits.count > 1, digits.first == "0" {
        digits.removeFirst()
        point -= 1
    }
    let sign = number < 0 ? "-" : ""
    if point > 16 || point < -3 {
        let exponent = point - 1
        let rest = digits.count > 1 ? "." + String(digits[1...]) : ""
        let size = String(abs(exponent))
        return sign + String(digits[0]) + rest + (exponent < 0 ? "e-" : "e+")
            + (size.count < 2 ? "0" + size : size)
    }
    if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + String(digits) }
    if digits.count <= point {
        return sign + String(digits) + String(repeating: "0", count: point - digits.count) + ".0"
    }
    return sign + String(digits[..<point]) + "." + String(digits[point...])
}
