import Foundation
import NovinFeatures

/// `novin-tool read [TIME ZONE]`: what a reader makes of texts, line by line.
///
/// A line is a text in base 64, so that it can hold any bytes: JSON Lines, or with the word `json`
/// before it one JSON text. The answer is `{"events": [...], "refusals": [...], "read": N}`, with
/// the bits of floating-point numbers, float64 in time and float32 else.
enum ReadCommand {
    static func run(_ arguments: [String]) throws {
        let name = arguments.first ?? "UTC"
        guard let timeZone = TimeZone(identifier: name) else {
            throw ToolError("The time zone must be a name of the IANA database. Got \(name).")
        }
        let reader = EventReader(timeZone: timeZone)
        let encoder = JSONEncoder()
        while let line = readLine() {
            let isOne = line.hasPrefix("json ")
            guard let data = Data(base64Encoded: isOne ? String(line.dropFirst(5)) : line) else {
                throw ToolError("A line must be in base 64. Got \(line).")
            }
            let result = isOne ? reader.read(data) : reader.readLines(data)
            print(String(decoding: try encoder.encode(Answer(result)), as: UTF8.self))
        }
    }

    private struct Answer: Encodable {
        let events: [EventForm]
        let refusals: [RefusalForm]
        let read: Int

        init(_ result: EventReader.Result) {
            events = result.events.map(EventForm.init)
            refusals = result.refusals.map(RefusalForm.init)
            read = result.readCount
        }
    }

    private struct RefusalForm: Encodable {
        let line: Int
        let field, expected, got: String

        init(_ refusal: EventRefusal) {
            line = refusal.line
            (field, expected, got) = (refusal.field, refusal.expected, refusal.got)
        }
    }

    private struct EventForm: Encodable {
        let home_id, type, kind, zone: String
        let sensor: Int
        let location, home_mode, state: String?
        let timestamp, end: UInt64
        let utc_offset, confidence, duration, energy, sample_rate: UInt32
        let raw: [UInt32]?
        let consent: Bool

        init(_ event: Event) {
            (home_id, type) = (event.homeID, event.type)
            (kind, zone) = (event.kind.name, event.zone.name)
            sensor = event.sensor
            (location, home_mode) = (event.location, event.homeMode?.name)
            state = event.state?.name
            (timestamp, end) = (event.timestamp.bitPattern, event.end.bitPattern)
            (utc_offset, confidence) = (event.utcOffset.bitPattern, event.confidence.bitPattern)
            (duration, energy) = (event.duration.bitPattern, event.energy.bitPattern)
            sample_rate = event.sampleRate.bitPattern
            raw = event.raw?.bits
            consent = event.consent
        }
    }
}
