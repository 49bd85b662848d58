/// A field of an event, as the table of fields in Python has it; `Tables.swift` lists them.
struct EventField: Sendable {
    enum FieldType { case text, number, time, samples, flag }

    let name: String
    /// Its place in the JSON object, such as `metadata.location`.
    let path: String
    let type: FieldType
    /// What a value must be: the words of every refusal.
    let expected: String
    let isRequired: Bool
    let low: Double
    let high: Double
    let maxLength: Int?
    /// The only texts accepted, if any.
    let choices: [String]
    /// Other keys, looked at where `path` is missing.
    let aliases: [String]
    var defaultText: String?
    var defaultNumber: Double?
    /// Whether a blank text and a word such as `NA` count as missing.
    var hasNullWords = false

    /// Whether a number is within the limits; NaN never is.
    func holds(_ number: Double) -> Bool { number >= low && number <= high }

    /// Whether a text says that the field is missing.
    func isAbsent(_ text: JSONText) -> Bool {
        if text.length == 0 { return true }
        guard hasNullWords, text.broken == nil else { return false }
        return Limits.nullWords.contains { JSONText($0) == text }
            || text.string.unicodeScalars.allSatisfy { " \t\r\n\u{a0}".unicodeScalars.contains($0) }
    }
}

/// The fields of one event, checked one by one: the twin of novin_ml/events/files/validation.py.
struct CheckedFields {
    private(set) var texts: [String: String] = [:]
    private(set) var numbers: [String: Float] = [:]
    private(set) var samples: [Float]?
    private(set) var consent = false
    private(set) var moment: Moment1970?
    private(set) var end: Moment1970?
    /// Path, what was expected, what was got.
    private(set) var breaches: [(field: String, expected: String, got: String)] = []

    private let event: JSONObject
    private let metadata: JSONObject

    init(_ event: JSONObject, timeZone: TimeZoneClock) {
        self.event = event
        switch event["metadata"] {
        case nil:
            metadata = JSONObject(members: [])
        case .object(let object):
            metadata = object
        case .doubled(let key):
            metadata = JSONObject(members: [])
            breaches.append(("metadata.\(key.string)", Limits.object, saidTwice(key)))
        case let other?:
            metadata = JSONObject(members: [])
            breaches.append(("metadata", Limits.object, other.shown))
        }
        for field in EventField.all {
            check(field)
        }
        placeInTime(timeZone)
    }

    /// The first value that is told of those places where it may stand: in the metadata, beside
    /// it under its path or its name, or under another name.
    private func sent(_ field: EventField) -> JSONValue? {
        var places = [event[field.path]]
        if field.path.hasPrefix("metadata.") {
            let key = String(field.path.dropFirst("metadata.".count))
            places = [metadata[key], event[field.path], event[field.name]]
        }
        let told = (places + field.aliases.map { event[$0] }).compactMap { $0 }
        return told.first { value in
            guard field.type == .text, case .text(let text) = value else { return true }
            return !field.isAbsent(text)
        } ?? told.first
    }

    private mutating func refuse(_ field: EventField, _ got: String) {
        breaches.append((field.path, field.expected, got))
    }

    private mutating func refuse(_ field: EventField, _ value: JSONValue?) {
        refuse(field, (value ?? .null).shown)
    }

    private mutating func check(_ field: EventField) {
        let value = sent(field)
        switch field.type {
        case .text: checkText(value, field)
        case .number: checkNumber(value, field)
        case .time where field.isRequired: moment = checkedTime(value, field)
        case .time: end = value == nil ? nil : checkedTime(value, field)
        case .samples: checkSamples(value, field)
        case .flag:
            if case .flag(true) = value { consent = true }
            if case .text(let text) = value, Self.saysTrue(text) { refuse(field, value) }
        }
    }

    /// Whether a text is the word true: it is no boolean, and consent is never guessed.
    private static func saysTrue(_ text: JSONText) -> Bool {
        let blanks = " \t\r\n\u{a0}".unicodeScalars
        let word = text.string.unicodeScalars.drop { blanks.contains($0) }.reversed()
            .drop { blanks.contains($0) }.reversed()
        return String(String.UnicodeScalarView(word)).lowercased() == "true"
    }

    private mutating func checkText(_ value: JSONValue?, _ field: EventField) {
        guard let value else {
            if field.isRequired { refuse(field, value) }
            texts[field.name] = field.defaultText
            return
        }
        guard case .text(let text) = value, text.broken == nil,
            !(field.isRequired && text.length == 0), text.length <= field.maxLength ?? .max,
            field.choices.isEmpty || text.length == 0
                || field.choices.contains(where: { JSONText($0) == text })
        else { return refuse(field, value) }
        texts[field.name] = field.isAbsent(text) ? field.defaultText : text.string
    }

    private mutating func checkNumber(_ value: JSONValue?, _ field: EventField) {
        guard let value else {
            numbers[field.name] = field.defaultNumber.map { Float($0) }
            return
        }
        guard let number = value.asNumber, field.holds(number) else { return refuse(field, value) }
        numbers[field.name] = Float(number)
    }

    private mutating func checkedTime(_ value: JSONValue?, _ field: EventField) -> Moment1970? {
        let found: Moment1970?
        if case .text(let text) = value {
            found = text.broken == nil ? Moment1970(iso: text.string) : nil
        } else {
            found = value?.asNumber.map { Moment1970(seconds: $0) }
        }
        guard let found, field.holds(found.seconds) else {
            refuse(field, value)
            return nil
        }
        return found
    }

    private mutating func checkSamples(_ value: JSONValue?, _ field: EventField) {
        guard let value else { return }
        guard case .list(let values) = value else { return refuse(field, value) }
        guard values.count <= field.maxLength ?? .max else {
            return refuse(field, "\(withCommas(values.count)) samples")
        }
        var found: [Float] = []
        found.reserveCapacity(values.count)
        for (number, value) in values.enumerated() {
            if value.isNull {
                found.append(.nan)
            } else if let sample = value.asNumber, field.holds(sample) {
                found.append(Float(sample))
            } else {
                return refuse(field, "\(value.shown) as sample \(number)")
            }
        }
        samples = found
    }

    /// Moves a local time to UTC, and finds the offset of a time that tells none.
    private mutating func placeInTime(_ timeZone: TimeZoneClock) {
        guard var moment, let field = EventField.all.first(where: { $0.type == .time }) else {
            return
        }
        let told = numbers["utc_offset"].map { Double($0) } ?? moment.offset
        if moment.isLocal {
            moment.seconds =
                told.map { moment.seconds - $0 } ?? timeZone.utc(ofLocal: moment.seconds)
        }
        numbers["utc_offset"] = Float(told ?? timeZone.offset(at: moment.seconds))
        self.moment = moment
        // By the local clock only it was within.
        if !field.holds(moment.seconds) { refuse(field, sent(field)) }
        placeEnd(from: moment.seconds, told, timeZone)
    }

    /// By the clock of the event; an end may be the second time that the clock shows an hour.
    private mutating func placeEnd(from begin: Double, _ told: Double?, _ timeZone: TimeZoneClock) {
        guard var end, let field = EventField.all.first(where: { $0.name == "end" }) else { return }
        if end.isLocal {
            let local = end.seconds
            end.seconds = told.map { local - $0 } ?? timeZone.utc(ofLocal: local)
            if told == nil && end.seconds < begin {
                end.seconds = timeZone.utc(ofLocal: local, again: true)
            }
        }
        self.end = end
        if end.seconds < begin || !field.holds(end.seconds) { refuse(field, sent(field)) }
    }

    /// The event, if nothing was refused.
    var checked: Event? {
        guard breaches.isEmpty, let moment, let type = texts["type"] else { return nil }
        return Event(
            homeID: texts["home_id"] ?? Event.unknownHome,
            type: type,
            timestamp: moment.seconds,
            utcOffset: numbers["utc_offset"] ?? .nan,
            confidence: numbers["confidence"] ?? .nan,
            location: texts["location"],
            homeMode: texts["home_mode"].flatMap { mode in
                HomeMode.allCases.first { $0.name == mode }
            },
            duration: numbers["duration"] ?? .nan,
            energy: numbers["energy"] ?? .nan,
            raw: samples,
            sampleRate: numbers["sample_rate"] ?? 10,
            consent: consent,
            state: texts["state"].flatMap { state in
                SensorState.allCases.first { $0.name == state }
            },
            end: end?.seconds ?? .nan)
    }
}
