// What else happened in the home around each event: the twin of novin_ml/features/context.py.

/// What a home reported around one of its events.
public struct EventContext: Equatable, Sendable {
    /// Seconds since the home's last doorbell, NaN if none in the window.
    public var secondsSinceDoorbell = Float.nan
    /// Seconds since the home's last vehicle, NaN if none in the window.
    public var secondsSinceVehicle = Float.nan
    /// Seconds until the home's next event at the same zone, at most the silence that is waited for.
    public var silenceAfter = Float.nan
    /// Events of the home in the window, this one included.
    public var eventsInWindow = Float.nan

    /// Looks around each event.
    ///
    /// Events of one home with equal timestamps are simultaneous: none comes before another for
    /// `silenceAfter`, and each is in the window of the others.
    ///
    /// - Parameters:
    ///   - events: All events of their homes, in any order.
    ///   - window: How far back to look, in seconds, both ends included.
    ///   - silence: How long to wait after an event for the next one, in seconds.
    /// - Returns: A context for each event, in their order.
    public static func around(
        _ events: [Event], window: Double = 60, silence: Double = 20
    ) -> [EventContext] {
        var contexts = [EventContext](repeating: EventContext(), count: events.count)
        for track in tracks(of: events, by: { Track(homeID: $0.homeID, zone: nil) }) {
            lookBack(along: track, of: events, window, &contexts)
        }
        for track in tracks(of: events, by: { Track(homeID: $0.homeID, zone: $0.zone) }) {
            lookAhead(along: track, of: events, silence, &contexts)
        }
        return contexts
    }

    private static func lookBack(
        along track: [Int], of events: [Event], _ window: Double, _ contexts: inout [EventContext]
    ) {
        var (doorbell, vehicle): (Double?, Double?)
        func since(_ last: Double?, _ now: Double) -> Float {
            guard let last, now - last <= window else { return .nan }
            return Float(now - last)
        }
        var start = 0
        for instant in instants(of: track, events) {
            let now = events[track[instant.lowerBound]].timestamp
            // Those of the instant itself count.
            for place in instant {
                switch events[track[place]].kind {
                case .doorbell: doorbell = now
                case .vehicle: vehicle = now
                default: break
                }
            }
            while start < instant.lowerBound, now - events[track[start]].timestamp > window {
                start += 1
            }
            for place in instant {
                contexts[track[place]].secondsSinceDoorbell = since(doorbell, now)
                contexts[track[place]].secondsSinceVehicle = since(vehicle, now)
                contexts[track[place]].eventsInWindow = Float(instant.upperBound - start)
            }
        }
    }

    private static func lookAhead(
        along track: [Int], of events: [Event], _ silence: Double, _ contexts: inout [EventContext]
    ) {
        for instant in instants(of: track, events) {
            let now = events[track[instant.lowerBound]].timestamp
            var quiet = silence
            if instant.upperBound < track.count {
                quiet = min(events[track[instant.upperBound]].timestamp - now, silence)
            }
            for place in instant { contexts[track[place]].silenceAfter = Float(quiet) }
        }
    }
}

/// Whose events follow each other.
private struct Track: Hashable {
    let homeID: String
    let zone: Zone?

    // Scalar by scalar, as in Python.
    static func == (left: Track, right: Track) -> Bool {
        left.zone == right.zone && left.homeID.utf8.elementsEqual(right.homeID.utf8)
    }
}

/// Positions of events, track by track, in the order of time.
private func tracks(of events: [Event], by track: (Event) -> Track) -> [[Int]] {
    Dictionary(grouping: events.indices) { track(events[$0]) }.values.map { places in
        places.sorted { events[$0].timestamp < events[$1].timestamp }
    }
}

/// The ranges of a track whose events are simultaneous.
private func instants(of track: [Int], _ events: [Event]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for place in track.indices
    where place + 1 == track.count
        || events[track[place + 1]].timestamp != events[track[place]].timestamp
    {
        ranges.append(start..<place + 1)
        start = place + 1
    }
    return ranges
}
