import Foundation
import NovinFeatures

/// Answers to the events of one home as usual or unusual, in the order of their times, though they may
/// come in any order.
///
/// An event may come at most `lateness` seconds after its time, and is answered to so long after it. The
/// answers are those of `BehaviorPredictor.update(with:)` to the sorted log. The history of a home goes
/// forward only: after a clock that was ahead is set right, events are refused until its time is reached
/// again. Daylight saving and a home that moves to another time zone do not matter to the order; the
/// hours of an event are those of its own offset from UTC.
public actor BehaviorStream {
    /// An event with its answer.
    public struct Answer: Sendable {
        /// The place of the event among all that were added, from 0.
        public let number: Int
        public let event: Event
        public let prediction: BehaviorPrediction
    }

    /// What a stream keeps between launches of an app.
    public struct State: Codable, Sendable {
        var queue: EventQueue
        /// What the home reported so far.
        public internal(set) var history: BehaviorHistory
        var latest: Double?

        /// - Parameters:
        ///   - history: What the home reported before.
        ///   - lateness: How long after its time an event may come, in seconds.
        /// - Precondition: The lateness is finite and not negative.
        public init(history: BehaviorHistory = BehaviorHistory(), lateness: Double = 5) {
            self.history = history
            queue = EventQueue(lateness: lateness)
        }

        /// How many events wait for their answers.
        public var waitingCount: Int { queue.waiting.count }
    }

    /// What to keep between launches of the app.
    public private(set) var state: State
    private var predictor: BehaviorPredictor
    private let clock: any StreamClock
    private let reasons: Int
    private var waiter = Waiter()

    /// Follows a home.
    ///
    /// - Parameters:
    ///   - backend: The model of the home.
    ///   - state: That of a stream before, or a new one.
    ///   - clock: What tells the time.
    ///   - reasons: The most reasons of an answer.
    /// - Throws: `ModelError` if the model is of another family or takes other features.
    public init(
        _ backend: any ModelBackend, state: State = State(), clock: any StreamClock = SystemClock(),
        reasons: Int = 3
    ) throws {
        predictor = try BehaviorPredictor(backend, history: state.history)
        self.state = state
        self.clock = clock
        self.reasons = reasons
    }

    /// Takes an event.
    ///
    /// - Throws: `FeatureError` if it comes too late, its time is none, or the history is beyond it.
    /// - Returns: Its place among all that were added.
    @discardableResult
    public func add(_ event: Event) throws -> Int {
        if let latest = state.latest, event.timestamp < latest {
            throw FeatureError(
                "An event of a stream must not be older than what was answered to, at \(latest). "
                    + "Got one at \(event.timestamp). Leave it out.")
        }
        let number = try state.queue.add(event, at: clock.now.timeIntervalSince1970)
        waiter.look(at: nextDue)
        return number
    }

    /// When the next answer is due; nil if no event waits.
    public var nextDue: Date? {
        state.queue.waiting.first.map {
            Date(timeIntervalSince1970: $0.event.timestamp + state.queue.lateness)
        }
    }

    /// The answers that are due, in the order of the events' times.
    ///
    /// - Throws: `FeatureError` if an event is of another home. The others are answered to the next time.
    public func due() throws -> [Answer] {
        state.queue.observe(clock.now.timeIntervalSince1970)
        var (queue, next) = (state.queue, predictor)
        var answers: [Answer] = []
        for entry in queue.take() {
            do {
                let prediction = try next.update(with: entry.event, reasons: reasons)
                answers.append(
                    Answer(number: entry.number, event: entry.event, prediction: prediction))
            } catch let error as FeatureError {
                state.queue.remove(entry.number)
                throw error
            }
        }
        predictor = next
        state.queue = queue
        state.history = next.history
        state.latest = answers.last?.event.timestamp ?? state.latest
        return answers
    }

    /// Waits until answers are due, and returns them.
    ///
    /// - Throws: `CancellationError` if the task is cancelled, and what `due()` throws.
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
