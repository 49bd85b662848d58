import Foundation

/// One event of a home, checked: what a sensor reported.
///
/// Events come from `Event.read` or an `EventReader`; those that an app makes itself must keep the
/// limits that a reader checks.
public struct Event: Sendable {
    /// The home of events that name none.
    public static let unknownHome = "unknown_home"

    /// The home whose event it is.
    public var homeID: String
    /// What happened, in the vendor's words.
    public var type: String
    /// The kind of event that the type tells.
    public var kind: EventKind
    /// When it happened, in seconds since 1970, UTC.
    public var timestamp: Double
    /// Seconds that the home's local time is ahead of UTC; NaN if unknown.
    public var utcOffset: Float
    /// The sensor's own confidence, from 0 to 1; NaN if it told none.
    public var confidence: Float
    /// Where it happened, in the vendor's words.
    public var location: String?
    /// The zone that the location means.
    public var zone: Zone
    /// The code of the sensor that sends type and location: its place in `Vocabulary.sensors`, whose
    /// number is the code of all others.
    public var sensor: Int
    /// The mode of the alarm system.
    public var homeMode: HomeMode?
    /// How long the motion lasted, in seconds; NaN if not reported.
    public var duration: Float
    /// RMS of the intensity signal, clipped at 1; NaN if not reported.
    public var energy: Float
    /// The intensity signal, from 0 to 1, NaN where a sample is missing; nil if there is none.
    public var raw: [Float]?
    /// Samples of the signal in a second.
    public var sampleRate: Float
    /// Whether the home lets the event be trained on.
    public var consent: Bool
    /// What the sensor says of itself; nil if not reported.
    public var state: SensorState?
    /// When what began at `timestamp` ended, in seconds since 1970, UTC; NaN if not reported.
    public var end: Double

    /// Makes an event; kind and zone are found from `type` and `location`.
    public init(
        homeID: String = Event.unknownHome,
        type: String,
        timestamp: Double,
        utcOffset: Float = .nan,
        confidence: Float = .nan,
        location: String? = nil,
        homeMode: HomeMode? = nil,
        duration: Float = .nan,
        energy: Float = .nan,
        raw: [Float]? = nil,
        sampleRate: Float = 10,
        consent: Bool = false,
        state: SensorState? = nil,
        end: Double = .nan
    ) {
        self.homeID = homeID
        self.type = type
        kind = EventKind(ofType: type)
        self.timestamp = timestamp
        self.utcOffset = utcOffset
        self.confidence = confidence
        self.location = location
        zone = Zone(ofLocation: location)
        sensor = Sensor.code(ofType: type, location: location)
        self.homeMode = homeMode
        self.duration = duration
        self.energy = energy
        self.raw = raw
        self.sampleRate = sampleRate
        self.consent = consent
        self.state = state
        self.end = end
    }

    /// Reads an event, a request of up to 100 events, or a list of events.
    ///
    /// - Parameters:
    ///   - json: The JSON text, in UTF-8.
    ///   - timeZone: Time zone of the home, for events that tell no offset from UTC.
    /// - Throws: `EventError` at the first rule that is broken. An `EventReader` keeps the valid
    ///   events of such a request.
    public static func read(_ json: Data, timeZone: TimeZone = .utc) throws -> [Event] {
        let result = EventReader(timeZone: timeZone).read(json)
        if let refusal = result.refusals.first { throw EventError(refusal: refusal) }
        return result.events
    }
}

extension TimeZone {
    /// Coordinated Universal Time.
    public static let utc = TimeZone(secondsFromGMT: 0)!
}

/// What a feature is: one column of a family's features.
public struct FeatureSpec: Equatable, Sendable {
    /// Name of the model's input.
    public let name: String
    /// Unit of the values; "1" for plain numbers, "code" for ordinal codes.
    public let unit: String
    /// The smallest and the largest value; may be infinite.
    public let low, high: Double
    /// The formula in one line, and when the value is missing.
    public let meaning: String
}
