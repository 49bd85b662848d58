// ISO 8601 texts and the local time of a home: the twin of novin_ml/events/timestamps.py.

import Foundation

/// A time as it was sent.
struct Moment1970 {
    /// Seconds since 1970, in UTC; in local time if `isLocal`.
    var seconds: Double
    /// Seconds that the local time is ahead of UTC, if that was told.
    var offset: Double?
    /// Whether neither an offset nor `Z` was told.
    var isLocal = false

    init(seconds: Double) { self.seconds = seconds }

    /// Reads `2024-05-01T12:00`, with seconds, a fraction of them, and `Z` or an offset if these are
    /// told.
    init?(iso text: String) {
        var rest = Scanner8601(text)
        guard let year = rest.number(digits: 4), rest.take("-"),
            let month = rest.number(digits: 2), rest.take("-"),
            let day = rest.number(digits: 2), rest.take("T") || rest.take(" "),
            let hour = rest.number(digits: 2), hour < 24, rest.take(":"),
            let minute = rest.number(digits: 2), minute < 60,
            year > 0, (1...12).contains(month), (1...daysOf(month, year)).contains(day)
        else { return nil }
        var second = 0
        if rest.take(":") {
            guard let told = rest.number(digits: 2), told < 60 else { return nil }
            second = told
        }
        let fraction = rest.fraction()
        let days = daysSince1970(year, month, day)
        var whole = days * 86_400 + hour * 3600 + minute * 60 + second
        if rest.take("Z") || rest.take("z") {
            // The instant, but not how the home's clock stood.
        } else if rest.isAtEnd {
            isLocal = true
        } else {
            let sign = rest.take("+") ? 1 : rest.take("-") ? -1 : 0
            guard sign != 0, let hours = rest.number(digits: 2), hours < 24 else { return nil }
            var minutes = 0
            if !rest.isAtEnd {
                _ = rest.take(":")
                guard let told = rest.number(digits: 2), told < 60 else { return nil }
                minutes = told
            }
            let ahead = sign * (hours * 3600 + minutes * 60)
            whole -= ahead
            offset = ahead == 0 ? nil : Double(ahead)  // as `Z`, for which programs write it
        }
        guard rest.isAtEnd, let fraction else { return nil }
        seconds = Double(whole) + fraction
    }
}

/// The clock of a time zone.
struct TimeZoneClock {
    private let timeZone: TimeZone

    init(_ timeZone: TimeZone) { self.timeZone = timeZone }

    /// Seconds that the clock is ahead of UTC at an instant.
    func offset(at seconds: Double) -> Double {
        Double(offset(at: Int(seconds.rounded(.down))))
    }

    /// The instant at which the clock shows a time. A time that it shows twice is its first; one that
    /// it skips is the end of what it skips. With `again` a time that it shows twice is its second.
    func utc(ofLocal local: Double, again: Bool = false) -> Double {
        let whole = local.rounded(.down)
        return Double(utc(ofLocal: Int(whole), again: again)) + (local - whole)
    }

    private func offset(at seconds: Int) -> Int {
        timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
    }

    private func utc(ofLocal local: Int, again: Bool) -> Int {
        let (before, after) = (offset(at: local - 86_400), offset(at: local + 86_400))
        let instants = [local - before, local - after].sorted()
        let found = instants.filter { $0 + offset(at: $0) == local }
        if let found = again ? found.last : found.first { return found }
        // Skipped: the clock changes between the two.
        var (low, high) = (instants[0], instants[1])
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}

/// Takes a text apart from its beginning to its end.
private struct Scanner8601 {
    private let bytes: [UInt8]
    private var place = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: letter) else { return false }
        place += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        guard place + digits <= bytes.count else { return nil }
        var number = 0
        for byte in bytes[place..<place + digits] {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        place += digits
        return number
    }

    /// A fraction of a second: 0 if there is none, nil if it has no digits.
    mutating func fraction() -> Double? {
        guard take(".") else { return 0 }
        let start = place
        while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
        guard place > start else { return nil }
        return Double("0." + String(decoding: bytes[start..<place], as: UTF8.self))
    }
}

private func daysOf(_ month: Int, _ year: Int) -> Int {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
}

private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let before = year - 1
    let leaps = before / 4 - before / 100 + before / 400
    let leapsTo1970 = 1969 / 4 - 1969 / 100 + 1969 / 400
    let months = (1..<month).reduce(0) { $0 + daysOf($1, year) }
    return (year - 1970) * 365 + leaps - leapsTo1970 + months + day - 1
}
