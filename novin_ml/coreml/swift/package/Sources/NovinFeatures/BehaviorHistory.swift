// What one home reported so far: the twin of novin_ml/features/behavior/_history.py.

/// What one home reported so far: features of its events one by one, as they come.
///
/// Its size does not grow with the log: counts of what happened where and when, the minutes of the
/// last day, and what the last event was. Keep it between launches of the app by encoding it:
///
/// ```swift
/// var history = BehaviorHistory(homeID: "home-1")
/// let features = try history.update(with: event)
/// try JSONEncoder().encode(history).write(to: file)
/// ```
///
/// Python writes the same form of a home's log that a model was trained on, so that the phone
/// continues where the training ended.
public struct BehaviorHistory: Sendable {
    /// The home; events of another are refused. Of nil none is.
    public let homeID: String?
    /// How many events there were.
    public internal(set) var eventCount = 0

    /// Events of the present instant; they do not see each other.
    var present: [Seen] = []
    /// Of the present instant, in milliseconds since 1970.
    var time = -1
    /// How many events there were before it.
    var countBefore = 0
    var counts: [Cell: Int] = [:]
    var first = 0
    var last = 0
    var lastOfKind: [EventKind: Int] = [:]
    var previous: KindAtZone?
    /// Of the last 8 events, in sixteenths of a bit.
    var rarities: [Int] = []
    /// Numbers of events by minute, of the minutes of the last day that had any.
    var minutes: [MinuteCount] = []

    /// Starts with a home of which nothing is known.
    public init(homeID: String? = nil) {
        self.homeID = homeID
    }

    /// Starts from a home's log.
    ///
    /// - Parameters:
    ///   - homeID: The home; by default that of the first event.
    ///   - events: Events of the home, in any order.
    /// - Throws: `FeatureError` if an event is of another home.
    public init(homeID: String? = nil, events: [Event]) throws {
        self.init(homeID: homeID ?? events.first?.homeID)
        for event in events.sorted(by: { $0.timestamp < $1.timestamp }) {
            _ = try look(at: event)
        }
    }

    /// Computes the features of the home's next event, in the order of `FeatureSpecs.behavior`, and
    /// remembers it.
    ///
    /// - Throws: `FeatureError` if the event is of another home, or earlier than one before it. The
    ///   history is then as it was.
    public mutating func update(with event: Event) throws -> [Float] {
        try look(at: event).columns
    }

    private mutating func look(at event: Event) throws -> Past {
        let now = wholeMilliseconds(event.timestamp)
        try check(event, at: now)
        if now > time {
            closeInstant()
            time = now
        }
        let offset = event.utcOffset.isNaN ? 0 : wholeMilliseconds(Double(event.utcOffset))
        var seen = Seen(
            pair: KindAtZone(kind: event.kind, zone: event.zone), mode: event.homeMode,
            offset: offset
        )
        let past = past(of: seen)
        seen.rarity = past.rarity
        present.append(seen)
        eventCount += 1
        return past
    }

    private func check(_ event: Event, at now: Int) throws {
        if let homeID, event.homeID != Event.unknownHome,
            !homeID.utf8.elementsEqual(event.homeID.utf8)
        {
            throw FeatureError(
                "An event of a history must be of its home, '\(homeID)'. Got one of "
                    + "'\(event.homeID)'. Make one history for each home."
            )
        }
        if now < time {
            throw FeatureError(
                "The events of a history must come in the order of time, the next at "
                    + "\(Double(time) / 1000) s or later. Got one at \(Double(now) / 1000) s. "
                    + "Start again from the whole log with BehaviorHistory(homeID:events:)."
            )
        }
    }

    /// What the home reported before an event of the present instant.
    private func past(of event: Seen) -> Past {
        let moment = Moment(time: time, offset: event.offset)
        let (pair, mode, hour) = (event.pair, event.mode, moment.hour)
        let (before, after) = ((hour + 23) % 24, (hour + 1) % 24)
        func count(_ cell: Cell) -> Int { counts[cell] ?? 0 }
        /// In quarters: half of the hour is lent to the hours beside it.
        func around(_ cell: (Int) -> Cell) -> Int {
            2 * count(cell(hour)) + count(cell(before)) + count(cell(after))
        }
        let start = countBefore > 0 ? first : time
        return Past(
            minuteOfDay: moment.minuteOfDay,
            events: countBefore,
            pair: count(.pair(pair)),
            pairAroundHour: around { .pairHour(pair, hour: $0) },
            pairMode: count(.pairMode(pair, mode)),
            modeAroundHour: around { .pairModeHour(pair, mode, hour: $0) },
            week: count(.week(pair.zone, isWeekend: moment.isWeekend, hour: hour)),
            previous: count(.previous(previous)),
            order: count(.order(previous: previous, pair)),
            hour: count(.hour(hour)),
            hourBefore: count(.hour(before)),
            inHour: eventsWithin(minutes: 60),
            inDay: eventsWithin(minutes: MinuteCount.remembered),
            elapsed: time - start,
            gap: countBefore > 0 ? time - last : 0,
            gapKind: time - (lastOfKind[pair.kind] ?? start),
            recent: rarities.reduce(0, +)
        )
    }

    /// Counts the events in the minute of the present instant and in those before it.
    private func eventsWithin(minutes number: Int) -> Int {
        let oldest = time / Moment.minute - number
        return minutes.reversed().prefix { $0.minute > oldest }.reduce(0) { $0 + $1.count }
    }

    /// Lets the events of the present instant become the past.
    private mutating func closeInstant() {
        if present.isEmpty { return }
        if countBefore == 0 { first = time }
        // Told apart by what they are, so that the order in which they came does not matter.
        present.sort { $0.rank < $1.rank }
        for seen in present {
            for cell in seen.cells(at: time, after: previous) {
                counts[cell, default: 0] += 1
            }
            lastOfKind[seen.pair.kind] = time
            rarities.append(seen.rarity)
        }
        rarities.removeFirst(max(rarities.count - Past.recentCount, 0))
        let minute = time / Moment.minute
        if minutes.last?.minute == minute {
            minutes[minutes.count - 1].count += present.count
        } else {
            let old = minutes.prefix { $0.minute <= minute - MinuteCount.remembered }.count
            minutes.removeFirst(old)
            minutes.append(MinuteCount(minute: minute, count: present.count))
        }
        last = time
        previous = present[present.count - 1].pair
        countBefore = eventCount
        present.removeAll()
    }
}

/// An event of the present instant.
struct Seen: Sendable {
    let pair: KindAtZone
    let mode: HomeMode?
    /// Milliseconds that the local time is ahead.
    let offset: Int
    /// In sixteenths of a bit.
    var rarity = 0

    /// The order of simultaneous events.
    var rank: (Int, Int, Int, Int) {
        let mode = mode?.rawValue ?? HomeMode.allCases.count
        return (pair.kind.rawValue, pair.zone.rawValue, mode, offset)
    }

    /// The cells in which the event is counted.
    func cells(at time: Int, after previous: KindAtZone?) -> [Cell] {
        let moment = Moment(time: time, offset: offset)
        let hour = moment.hour
        return [
            .pair(pair), .pairHour(pair, hour: hour),
            .pairMode(pair, mode), .pairModeHour(pair, mode, hour: hour),
            .hour(hour), .week(pair.zone, isWeekend: moment.isWeekend, hour: hour),
            .previous(previous), .order(previous: previous, pair),
        ]
    }
}

/// How many events there were in a minute since 1970.
struct MinuteCount: Sendable {
    /// For how many minutes they are remembered: those of a day.
    static let remembered = 1440

    let minute: Int
    var count: Int
}
