import Foundation
import NovinFeatures

/// Answers to the events of homes as deliveries, as soon as each can be answered to.
///
/// An answer needs what the home reported in the minute before the event, and for `silence` seconds
/// after it. Events may come in any order, each at most `lateness` seconds after its time. An event
/// is answered to `silence + lateness` seconds after its time, with the same numbers as if the whole
/// log were given to `DeliveryPredictor.predictions(for:)`.
///
/// ```swift
/// let stream = DeliveryStream(predictor, state: kept)
/// try await stream.add(event)
/// for answer in try await stream.next() { print(answer.event.type, answer.prediction.label) }
/// let kept = await stream.state  // Codable: nothing is lost while the app is suspended
/// ```
///
/// Times are seconds since 1970, so neither daylight saving nor a home that moves to another time zone
/// changes what is due; hour and weekday of an event are those of its own offset from UTC. Of a clock
/// that is changed see `EventQueue`.
public actor DeliveryStream {
    /// An event with its answer.
    public struct Answer: Sendable {
        /// The place of the event among all that were added, from 0.
        public let number: Int
        public let event: Event
        public let prediction: Prediction
    }

    /// What a stream keeps between launches of an app.
    public struct State: Codable, Sendable {
        var queue: EventQueue
        /// Events that were answered to, as the past of others.
        var past: [EventQueue.Entry] = []

        /// - Parameter lateness: How long after its time an event may come, in seconds.
        /// - Precondition: The lateness is finite and not negative.
        public init(lateness: Double = 5) { queue = EventQueue(lateness: lateness) }

        /// How long after its time an event may come, in seconds.
        public var lateness: Double { queue.lateness }
        /// How many events wait for their answers.
        public var waitingCount: Int { queue.waiting.count }
    }

    /// What to keep between launches of the app.
    public private(set) var state: State
    /// The model, and what is decided by its answers.
    public var predictor: DeliveryPredictor
    private let clock: any StreamClock
    private let reasons: Int
    private var waiter = Waiter()

    /// Follows homes.
    ///
    /// - Parameters:
    ///   - predictor: The model.
    ///   - state: That of a stream before, or a new one.
    ///   - clock: What tells the time.
    ///   - reasons: The most reasons of an answer.
    public init(
        _ predictor: DeliveryPredictor, state: State = State(),
        clock: any StreamClock = SystemClock(),
        reasons: Int = 3
    ) {
        self.predictor = predictor
        self.state = state
        self.clock = clock
        self.reasons = reasons
    }

    /// Takes an event.
    ///
    /// - Throws: `FeatureError` if it comes too late, or its time is none. The stream goes on.
    /// - Returns: Its place among all that were added.
    @discardableResult
    public func add(_ event: Event) throws -> Int {
        let number = try state.queue.add(event, at: clock.now.timeIntervalSince1970)
        waiter.look(at: nextDue)
        return number
    }

    /// When the next answer is due; nil if no event waits.
    public var nextDue: Date? {
        state.queue.waiting.first.map {
            Date(timeIntervalSince1970: $0.event.timestamp + predictor.silence + state.lateness)
        }
    }

    /// The answers that are due, in the order of the events' times.
    public func due() throws -> [Answer] {
        let now = clock.now.timeIntervalSince1970
        state.queue.observe(now)
        var next = state
        let ready = next.queue.take(after: predictor.silence)
        guard let first = ready.first else { return [] }
        let seen = next.past.filter {
            $0.event.timestamp >= first.event.timestamp - predictor.window
        }
        let around = (seen + next.queue.waiting).map(\.event)
        let predictions = try predictor.predictions(
            for: ready.map(\.event), around: around, reasons: reasons)
        // The earliest event that waits, or that may still come, looks back from its own time.
        let earliest = min(next.queue.waiting.first?.event.timestamp ?? now, now - state.lateness)
        let oldest = earliest - predictor.window
        next.past = (next.past + ready).filter { $0.event.timestamp >= oldest }
        state = next
        return zip(ready, predictions).map {
            Answer(number: $0.number, event: $0.event, prediction: $1)
        }
    }

    /// Waits until answers are due, and returns them.
    ///
    /// - Throws: `CancellationError` if the task is cancelled.
    public func next() async throws -> [Answer] {
        while true {
            let found = try due()
            guard found.isEmpty else { return found }
            let task = waiter.begin(until: nextDue, clock)
            defer { waiter.end() }
            try await Waiter.wait(for: task)
        }
    }
}

extension DeliveryPredictor {
    /// Answers to events among others of their homes.
    func predictions(
        for events: [Event], around others: [Event], reasons: Int
    ) throws -> [Prediction] {
        let rows = try features(of: events + others).prefix(events.count)
        return try classifier.predictions(
            features: Array(rows), of: groups(of: events), reasons: reasons)
    }
}
