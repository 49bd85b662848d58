import Foundation

/// Reads events with the limits of the SDK. What breaks a rule is left out and named; it stops
/// nothing, and no valid event is lost. JSON may have 128 levels.
///
/// ```swift
/// let result = EventReader(timeZone: .current).read(data)
/// for refusal in result.refusals { print(refusal) }
/// ```
public struct EventReader: Sendable {
    /// What reading gave.
    public struct Result: Equatable, Sendable {
        /// The valid events, in their order.
        public var events: [Event] = []
        /// Every rule that was broken, in the order of lines.
        public var refusals: [EventRefusal] = []
        /// Events read. A line that cannot be read, or a request refused as a whole, counts as one.
        public var readCount = 0
    }

    /// Time zone of the home, for events that tell no offset from UTC.
    public var timeZone: TimeZone

    public init(timeZone: TimeZone = .utc) { self.timeZone = timeZone }

    /// Reads one JSON text: an event, a request of up to 100 events and 100,000 bytes, or a list of
    /// events.
    public func read(_ json: Data) -> Result {
        var collector = Collector(timeZone)
        let text = stripped(withoutMark(Array(json)))
        if case .list(let values)? = isUTF8(text) ? JSONParser.parse(text) : nil {
            for (number, value) in values.enumerated() {
                collector.add(value, line: 1, place: "[\(number)].", byteCount: nil)
            }
        } else {
            collector.add(text, line: 1)
        }
        return collector.result
    }

    /// Reads JSON Lines: in each line an event or a request.
    public func readLines(_ lines: Data) -> Result {
        var collector = Collector(timeZone)
        let bytes = withoutMark(Array(lines))
        let all = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (number, line) in all.enumerated() {
            let text = stripped(line)
            if !text.isEmpty { collector.add(text, line: number + 1) }
        }
        return collector.result
    }

    /// The text without the byte order mark that some editors write before it.
    private func withoutMark(_ text: [UInt8]) -> ArraySlice<UInt8> {
        text.starts(with: [0xEF, 0xBB, 0xBF]) ? text[3...] : text[...]
    }

    private func stripped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = text.firstIndex { !isSpace($0) } ?? text.endIndex
        let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return Array(text[start..<end])
    }
}

private func isUTF8(_ text: [UInt8]) -> Bool {
    // What is no UTF-8 is decoded with U+FFFD in its place.
    String(decoding: text, as: UTF8.self).utf8.elementsEqual(text)
}

/// Gathers the events of lines and requests, and what is refused: the twin of novin_ml/events/files/json_text.py.
private struct Collector {
    private let clock: TimeZoneClock
    private var events: [Event] = []
    private var refused: [EventRefusal] = []
    private var broken: [EventRefusal] = []
    private var refusedCount = 0
    private var brokenCount = 0

    init(_ timeZone: TimeZone) { clock = TimeZoneClock(timeZone) }

    var result: EventReader.Result {
        // Of one line, what is refused as a whole stands first.
        let all = (refused + broken).enumerated().sorted {
            ($0.element.line, $0.offset) < ($1.element.line, $1.offset)
        }
        return EventReader.Result(
            events: events, refusals: all.map(\.element),
            readCount: events.count + refusedCount + brokenCount)
    }

    /// Decodes a text, which has no space around it, and adds what it holds.
    mutating func add(_ text: [UInt8], line: Int) {
        guard isUTF8(text) else {
            return refuse(line, "line", "text in UTF-8", shownBytes(text))
        }
        guard let value = JSONParser.parse(text) else {
            let shown = JSONText(String(decoding: text, as: UTF8.self)).shown
            return refuse(line, "line", Limits.event, "\(shown), \(Limits.noJSON)")
        }
        add(value, line: line, place: "", byteCount: text.count)
    }

    /// Adds an event, or a request's events if its bytes are within the limit.
    mutating func add(_ value: JSONValue, line: Int, place: String, byteCount: Int?) {
        let name = place.isEmpty ? "line" : String(place.dropLast())
        switch value {
        case .doubled(let key):
            refuse(line, place + key.string, Limits.object, saidTwice(key))
        case .object(let object) where !object.has("events"):
            check(object, line, place)
        case .object(let object):
            if let key = object.members.first(where: { Limits.chainKeys.contains($0.key.string) })?
                .key
            {
                // Its home and its label would be lost.
                refuse(line, name, Limits.request, "one with a \(key.string)")
            } else {
                addRequest(object["events"] ?? .null, line, place, byteCount)
            }
        default:
            refuse(line, name, Limits.event, value.shown)
        }
    }

    private mutating func addRequest(
        _ value: JSONValue, _ line: Int, _ place: String, _ byteCount: Int?
    ) {
        let name = "\(place)events"
        guard case .list(let values) = value else {
            return refuse(line, name, Limits.events, value.shown)
        }
        guard values.count <= Limits.requestEvents else {
            return refuse(line, name, Limits.events, "\(withCommas(values.count)) events")
        }
        if let byteCount, byteCount > Limits.requestBytes {
            return refuse(line, name, Limits.requestOfBytes, "\(withCommas(byteCount)) bytes")
        }
        for (number, event) in values.enumerated() {
            if case .object(let object) = event, object.has("events") {
                refuse(line, "\(name)[\(number)]", Limits.event, "a request within a request")
            } else {
                add(event, line: line, place: "\(name)[\(number)].", byteCount: nil)
            }
        }
    }

    private mutating func check(_ object: JSONObject, _ line: Int, _ place: String) {
        let fields = CheckedFields(object, timeZone: clock)
        if let event = fields.checked {
            events.append(event)
            return
        }
        brokenCount += 1
        for breach in fields.breaches {
            broken.append(
                EventRefusal(
                    line: line, field: place + breach.field, expected: breach.expected,
                    got: breach.got))
        }
    }

    private mutating func refuse(_ line: Int, _ field: String, _ expected: String, _ got: String) {
        refused.append(EventRefusal(line: line, field: field, expected: expected, got: got))
        refusedCount += 1
    }
}
