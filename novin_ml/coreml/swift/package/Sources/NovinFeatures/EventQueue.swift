/// Puts events in order that come late, or in any order.
///
/// An event may come until `lateness` seconds after its time, as the clock tells it. Nothing is
/// given out before everything that could come before it has come.
///
/// The clock may be changed. Set ahead, what waits is given out at once, as if the time had passed. Set
/// back by more than the lateness, the queue goes on from the new time; what was given out stays so.
public struct EventQueue: Codable, Sendable {
    /// An event, and its place among all that were added.
    public struct Entry: Sendable, Codable {
        public let number: Int
        public let event: Event
    }

    /// How long after its time an event may come, in seconds.
    public let lateness: Double
    /// The events that wait, in the order of their times, then in that in which they came.
    public private(set) var waiting: [Entry] = []
    /// How many events were added.
    public private(set) var count = 0
    /// The latest time that the clock told, in seconds since 1970; nil before the first.
    public private(set) var time: Double?

    /// - Precondition: The lateness is finite and not negative.
    public init(lateness: Double) {
        precondition(lateness >= 0 && lateness.isFinite)
        self.lateness = lateness
    }

    /// Notes what the clock tells.
    public mutating func observe(_ now: Double) {
        guard now.isFinite else { return }
        guard let time, now < time, now >= time - lateness else {
            time = now
            return
        }
    }

    /// Takes an event.
    ///
    /// - Parameter now: What the clock tells, in seconds since 1970.
    /// - Throws: `FeatureError` if it comes too late, or its time is none.
    /// - Returns: Its place among all that were added.
    @discardableResult
    public mutating func add(_ event: Event, at now: Double) throws -> Int {
        observe(now)
        guard event.timestamp.isFinite else {
            throw FeatureError(
                "The time of an event must be finite. Got \(event.timestamp). Leave the event out.")
        }
        let present = time ?? now
        guard event.timestamp + lateness >= present else {
            throw FeatureError(
                "An event of a stream must come at most \(lateness) s after its time. Got one of "
                    + "\(event.timestamp) at \(present). Leave it out, or allow more lateness.")
        }
        let entry = Entry(number: count, event: event)
        count += 1
        let place = waiting.firstIndex { $0.event.timestamp > event.timestamp } ?? waiting.count
        waiting.insert(entry, at: place)
        return entry.number
    }

    /// Forgets an event that waits.
    public mutating func remove(_ number: Int) {
        waiting.removeAll { $0.number == number }
    }

    /// Gives out the events whose time is a while ago.
    ///
    /// - Parameter seconds: How long ago, besides the lateness.
    public mutating func take(after seconds: Double = 0) -> [Entry] {
        guard let time else { return [] }
        let ready = waiting.prefix { $0.event.timestamp + seconds + lateness <= time }
        waiting.removeFirst(ready.count)
        return Array(ready)
    }
}
