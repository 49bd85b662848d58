import Foundation

/// Numbers in English, rounded as Python does it: the twin of novin_ml/estimators/words/_numbers.py.
enum WordNumbers {
    /// A time span as units and numbers: to 0.1 s below a minute, to 1 s below an hour, then to a
    /// minute; a million days are the longest.
    static func spanParts(_ seconds: Double) -> [(unit: String, number: String)] {
        if seconds > 0 && seconds < 0.05 { return [("short", "0.1")] }
        let tenths = Double(String(format: "%.1f", seconds)) ?? seconds
        if tenths < 60 { return [("s", String(format: "%g", tenths))] }
        let whole = seconds.rounded(.toNearestOrEven)
        if whole < 3600 { return parts(whole, [("min", 60), ("s", 1)]) }
        if seconds >= 86_400e6 { return [("long", "1,000,000")] }
        let minutes = (seconds / 60).rounded(.toNearestOrEven)
        let days: [(String, Double)] = minutes < 2880 ? [] : [("d", 1440)]
        return parts(minutes, days + [("h", 60), ("min", 1)])
    }

    private static func parts(
        _ value: Double, _ units: [(String, Double)]
    ) -> [(unit: String, number: String)] {
        var rest = value
        return units.compactMap { unit, size in
            let whole = (rest / size).rounded(.down)
            rest -= whole * size
            return whole == 0 ? nil : (unit, grouped(whole))
        }
    }

    /// A number to three significant digits; whole ones below a million in full.
    static func number(_ value: Double) -> String {
        if value == value.rounded() && abs(value) < 1e6 { return String(Int(value)) }
        let text = String(format: "%.3g", value)
        return abs(value) < 999.5 ? text : grouped(Double(text) ?? value)
    }

    /// A positive number to two significant digits.
    static func twoDigits(_ value: Double) -> String {
        let rounded = Double(String(format: "%.1e", value)) ?? value
        return rounded >= 10 ? grouped(rounded) : String(format: "%g", rounded)
    }

    /// A time of day, to the nearest minute: "03:10".
    static func clock(_ minutes: Double) -> String {
        let minute = Int(minutes.rounded(.toNearestOrEven)) % 1440
        return String(format: "%02d:%02d", minute / 60, minute % 60)
    }

    /// The number that bits are the logarithm of, linear between powers of two.
    static func times(_ bits: Double) -> Double {
        guard bits.isFinite else { return .infinity }
        let whole = bits.rounded(.down)
        return scalbn(1 + (bits - whole), Int(min(whole, 1000)))
    }

    /// The part of a turn of a point on the circle, from 0 to 1; nil if it is not on the circle.
    static func turn(_ sine: Double, _ cosine: Double) -> Double? {
        guard abs(hypot(sine, cosine) - 1) < 1e-3 else { return nil }
        let part = atan2(sine, cosine) / (2 * Double.pi)
        return part < 0 ? part + 1 : part
    }

    private static func grouped(_ whole: Double) -> String {
        let text = String(format: "%.0f", whole)
        let digits = text.drop { $0 == "-" }
        var grouped = ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place) % 3 == 0 { grouped += "," }
            grouped.append(digit)
        }
        return text.hasPrefix("-") ? "-" + grouped : grouped
    }
}
