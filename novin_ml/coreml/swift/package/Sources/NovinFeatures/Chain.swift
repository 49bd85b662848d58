// Chains from events: the twin of novin_ml/events/chains/windows.py.

/// What happened in one home within a minute.
public struct Chain: Sendable {
    /// How events are gathered into chains.
    public enum Windows: Sendable {
        /// Every event is in one chain; a chain begins with the home's first event that is in none.
        case separate
        /// One chain for each event, of it and of the home's events of the window before.
        case trailing
    }

    /// A chain holds at most as many events as a request does.
    public static let maxEvents = 100
    /// How long a chain lasts at most, in seconds.
    public static let window = 60.0
    /// How long a home is watched after a chain's last event, in seconds.
    public static let silence = 20.0

    /// The home whose events these are.
    public let homeID: String
    /// The events, at least one, in the order of their timestamps; of equal ones in that of kind,
    /// zone and confidence, without one last.
    public let events: [Event]
    /// The time of the first event, of those too that were left out, in seconds since 1970.
    public let start: Double
    /// Until when the home was watched, in seconds since 1970.
    public let observedUntil: Double
    /// Whether all its events may be trained on.
    public let consent: Bool
    /// Events that the chain was too long for.
    public let leftOutCount: Int
    /// What the home reported before these events, in order; a stream keeps only what may be needed.
    let before: ArraySlice<LoggedEvent>

    /// Gathers the events of homes into chains.
    ///
    /// Windows are measured in whole milliseconds, both ends included.
    ///
    /// - Parameters:
    ///   - events: In any order, homes interleaved.
    ///   - windows: How they are gathered.
    ///   - window: Longest time from a chain's first event to its last, in seconds.
    ///   - silence: How long a home is watched after a chain's last event, in seconds.
    ///   - maxEvents: Longest chain, 1 to 100; of more events the latest are kept.
    /// - Precondition: The lengths are positive, and `maxEvents` is within its limits.
    /// - Returns: The chains by `start`, then `homeID`, then time of the last event.
    public static func chains(
        of events: [Event],
        windows: Windows = .separate,
        window: Double = Chain.window,
        silence: Double = Chain.silence,
        maxEvents: Int = Chain.maxEvents
    ) -> [Chain] {
        precondition(window > 0 && silence > 0 && (1...Chain.maxEvents).contains(maxEvents))
        var chains: [Chain] = []
        for log in logsByHome(events) {
            let logged = log.map { LoggedEvent($0) }
            for range in ranges(of: log, windows, milliseconds(ofWindow: window)) {
                let kept = max(range.lowerBound, range.upperBound - maxEvents)..<range.upperBound
                let before = logged[..<kept.lowerBound]
                chains.append(Chain(log, range, keeping: kept, silence: silence, before: before))
            }
        }
        // Homes are in order, and Swift keeps the order of what is equal.
        return chains.enumerated()
            .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
            .map(\.element)
    }

    /// Makes a chain of events of one home, in any order.
    ///
    /// - Parameters:
    ///   - events: At least one.
    ///   - observedUntil: Until when the home was watched; by default until the last event.
    ///   - leftOutCount: Earlier events of the chain that are not among these.
    /// - Throws: `FeatureError` if there is no event.
    public init(events: [Event], observedUntil: Double? = nil, leftOutCount: Int = 0) throws {
        guard !events.isEmpty else {
            throw FeatureError("A chain must have an event. Got none. Give at least one.")
        }
        let events = events.sorted(by: Event.isBeforeInChain)
        self.init(
            events: events, start: events[0].timestamp,
            observedUntil: observedUntil ?? events[events.count - 1].timestamp,
            consent: events.allSatisfy(\.consent), leftOutCount: leftOutCount
        )
    }

    init(
        events: [Event], start: Double, observedUntil: Double, consent: Bool, leftOutCount: Int,
        before: ArraySlice<LoggedEvent> = []
    ) {
        homeID = events[0].homeID
        self.events = events
        self.start = start
        self.observedUntil = observedUntil
        self.consent = consent
        self.leftOutCount = leftOutCount
        self.before = before
    }

    /// Cuts a chain out of a home's log.
    private init(
        _ log: [Event], _ range: Range<Int>, keeping kept: Range<Int>, silence: Double,
        before: ArraySlice<LoggedEvent>
    ) {
        let silent = log[range.upperBound - 1].timestamp + silence
        let following = range.upperBound < log.count ? log[range.upperBound].timestamp : .infinity
        // What sets `observedUntil` is told by the next events; they must have consent too.
        let next = log[range.upperBound...].prefix {
            $0.timestamp == following && following < silent
        }
        self.init(
            events: Array(log[kept]),
            start: log[range.lowerBound].timestamp,
            observedUntil: min(following, silent),
            consent: log[range].allSatisfy(\.consent) && next.allSatisfy(\.consent),
            leftOutCount: kept.lowerBound - range.lowerBound, before: before
        )
    }

    /// The latest known offset from UTC, in seconds; NaN if no event tells one.
    public var utcOffset: Float {
        events.last { !$0.utcOffset.isNaN }?.utcOffset ?? .nan
    }

    /// The latest known mode of the home.
    public var homeMode: HomeMode? {
        events.last { $0.homeMode != nil }?.homeMode
    }
}

extension Event {
    /// The order of events in a chain: by time, and of simultaneous ones by all else that could tell
    /// them apart, so that it does not depend on the order in which they came.
    static func isBeforeInChain(_ one: Event, _ other: Event) -> Bool {
        if one.timestamp != other.timestamp {
            return one.timestamp < other.timestamp
        }
        let (rank, otherRank) = (one.rankOfSimultaneous, other.rankOfSimultaneous)
        if rank != otherRank { return rank < otherRank }
        let (sender, otherSender) = (one.senderRank, other.senderRank)
        if sender != otherSender { return sender.lexicographicallyPrecedes(otherSender) }
        return (one.stateCode, one.endRank) < (other.stateCode, other.endRank)
    }

    /// Sensors of the vocabulary are in its order, others in that of their names.
    private var senderRank: [UInt8] { Vocabulary.sensors.isEmpty ? sender : [] }

    private var endRank: Double { end.isNaN ? -1 : end }

    private var rankOfSimultaneous: (Int, Int, Float, Float, Int, Int) {
        (
            kind.rawValue, zone.rawValue,
            confidence.isNaN ? 2 : confidence, utcOffset.isNaN ? 2 : utcOffset,
            homeMode?.rawValue ?? -1, (consent ? Vocabulary.sensors.count + 1 : 0) + sensor
        )
    }
}

/// Rounds seconds to the milliseconds in which windows are measured.
///
/// A time that no reader lets through, which an app may have given, is the nearest one that a Double
/// tells to the millisecond, and NaN is 0: it must not end the app.
func wholeMilliseconds(_ seconds: Double) -> Int {
    let limit = 9_007_199_254_740_992.0
    guard !seconds.isNaN else { return 0 }
    return Int(min(max((seconds * 1000).rounded(.toNearestOrEven), -limit), limit))
}

/// A window in milliseconds; three decimals, so that 0.29 s are 290 ms.
func milliseconds(ofWindow seconds: Double) -> Double {
    (seconds * 1_000_000).rounded(.toNearestOrEven) / 1000
}

/// Divides events by their homes, in the order of the names, each log in order.
private func logsByHome(_ events: [Event]) -> [[Event]] {
    // As UTF-8, since Swift takes texts for equal that differ in their characters.
    let byHome = Dictionary(grouping: events) { Array($0.homeID.utf8) }
    return byHome.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        .map { $0.value.sorted(by: Event.isBeforeInChain) }
}

/// The events of each window: from the first to before the last one.
private func ranges(of log: [Event], _ windows: Chain.Windows, _ length: Double) -> [Range<Int>] {
    let times = log.map { wholeMilliseconds($0.timestamp) }
    var ranges: [Range<Int>] = []
    switch windows {
    case .separate:
        var first = 0
        for event in times.indices where Double(times[event] - times[first]) > length {
            ranges.append(first..<event)
            first = event
        }
        if !times.isEmpty { ranges.append(first..<times.count) }
    case .trailing:
        var (first, stop) = (0, 0)
        for time in times {
            while Double(time - times[first]) > length { first += 1 }
            while stop < times.count && times[stop] <= time { stop += 1 }
            ranges.append(first..<stop)
        }
    }
    return ranges
}
