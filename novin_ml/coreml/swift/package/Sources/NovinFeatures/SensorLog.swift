// What was before a chain: the twin of novin_ml/events/chains/sensor_log.py, and of what
// novin_ml/estimators/_stream_event.py keeps of it.

/// An event of a home's log, with what is known of its end.
struct LoggedEvent: Sendable {
    let event: Event
    /// When what began ended, in seconds since 1970; NaN if it is not told.
    let end: Double
    /// The same, as far as events with consent tell it.
    let endByConsent: Double

    init(_ event: Event) {
        self.init(event, end: event.end, endByConsent: event.end)
    }

    init(_ event: Event, end: Double, endByConsent: Double) {
        self.event = event
        self.end = end
        self.endByConsent = endByConsent
    }
}

extension Event {
    /// The name of the sensor, in UTF-8: that of the vocabulary if it names any, or else what it is,
    /// and where.
    var sender: [UInt8] {
        if !Vocabulary.sensors.isEmpty {
            let known = Vocabulary.sensors.indices.contains(sensor)
            return Array((known ? Vocabulary.sensors[sensor].name : "unseen").utf8)
        }
        let what = type.isEmpty ? "event" : type
        guard let location, !location.isEmpty else { return Array(what.utf8) }
        return Array("\(what) at \(location)".utf8)
    }

    /// 1 for on and open, 0 for off and closed, -1 if it is not told.
    var stateCode: Int {
        switch state {
        case .on, .open: 1
        case .off, .closed: 0
        case nil: -1
        }
    }
}

/// When each activation of a log ended, from the ends that events tell and later states.
///
/// A sensor that says it is on and tells no end lasts until it says next that it is on or off, or
/// for ever.
///
/// - Parameter byConsent: Whether the log is of events with consent, and counts only what they tell.
func lastEnds(_ log: [LoggedEvent], byConsent: Bool) -> [Double] {
    var ends = log.map { byConsent ? $0.endByConsent : $0.end }
    var open: [[UInt8]: [Int]] = [:]
    for (number, each) in log.enumerated() where each.event.stateCode >= 0 {
        let sender = each.event.sender
        for before in open.removeValue(forKey: sender) ?? [] { ends[before] = each.event.timestamp }
        if each.event.stateCode == 1 && ends[number].isNaN {
            ends[number] = .infinity
            open[sender, default: []].append(number)
        }
    }
    return ends
}

/// The events of a home that chains from a time on still need.
///
/// These are the last two, the latest of each sensor and zone with consent and without, and what has
/// not ended before. Ends that other events told are written into them.
func remembered(_ log: [LoggedEvent], from start: Double) -> [LoggedEvent] {
    let ends = lastEnds(log, byConsent: false)
    let consenting = log.indices.filter { log[$0].event.consent }
    var endsByConsent = ends
    let known = lastEnds(consenting.map { log[$0] }, byConsent: true)
    for (number, end) in zip(consenting, known) { endsByConsent[number] = end }
    var kept = log.indices.map { ends[$0] >= start || endsByConsent[$0] >= start }
    for rows in [consenting, Array(log.indices)] {
        var (zones, senders) = (Set<Zone>(), Set<[UInt8]>())
        for (count, number) in rows.reversed().enumerated() {
            let event = log[number].event
            let isNewZone = zones.insert(event.zone).inserted
            let isNewSender = event.stateCode != 0 && senders.insert(event.sender).inserted
            if count < ChainMemory.sensorsBefore || isNewZone || isNewSender { kept[number] = true }
        }
    }
    return log.indices.filter { kept[$0] }.map { number in
        var event = log[number].event
        event.raw = nil
        return LoggedEvent(
            event, end: ends[number].isFinite ? ends[number] : .nan,
            endByConsent: endsByConsent[number].isFinite ? endsByConsent[number] : .nan)
    }
}
