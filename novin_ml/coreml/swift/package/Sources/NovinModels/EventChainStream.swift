import Foundation
import NovinFeatures

/// Answers to the chains of one home while they grow, and once they are whole; events may come in any
/// order.
///
/// An event may come at most `lateness` seconds after its time. So long after it comes an answer to the
/// chain so far, as `EventChainPredictor.prediction(afterAdding:to:)` gives it. A chain is whole when an
/// event begins the next one, or its window and the silence after its last event are over; its answer is
/// that of the whole log, by `Chain.chains(of:)`.
///
/// Neither daylight saving nor another time zone of the home divides a chain. A clock that is set back
/// ends it: the events after it begin a new one.
public actor EventChainStream {
    /// A chain with an answer.
    public struct Answer: Sendable {
        /// The chain, with the events that it is of.
        public let chain: Chain
        /// Whether nothing can be added to it any more.
        public let isWhole: Bool
        public let prediction: Prediction
    }

    /// What a stream keeps between launches of an app.
    public struct State: Codable, Sendable {
        var queue: EventQueue
        var chains: ChainStream
        var isWhole = true

        /// - Parameters:
        ///   - lateness: How long after its time an event may come, in seconds.
        ///   - chains: How chains are made.
        /// - Precondition: The lateness is finite and not negative.
        public init(lateness: Double = 5, chains: ChainStream = ChainStream()) {
            queue = EventQueue(lateness: lateness)
            self.chains = chains
        }

        /// How many events wait for their answers.
        public var waitingCount: Int { queue.waiting.count }

        /// From when on nothing can be added to the chain, in seconds since 1970.
        var wholeAt: Double? {
            guard let chain = chains.chain, let last = chain.events.last, !isWhole else {
                return nil
            }
            // Windows are measured in whole milliseconds.
            let window = chain.start + chains.window + 0.001
            return max(window, last.timestamp + chains.silence) + queue.lateness
        }
    }

    /// What to keep between launches of the app.
    public private(set) var state: State
    /// The model, and what is decided by its answers.
    public var predictor: EventChainPredictor
    private let clock: any StreamClock
    private let reasons: Int
    private var waiter = Waiter()

    /// Follows a home.
    ///
    /// - Parameters:
    ///   - predictor: The model.
    ///   - state: That of a stream before, or a new one.
    ///   - clock: What tells the time.
    ///   - reasons: The most reasons of an answer.
    public init(
        _ predictor: EventChainPredictor, state: State = State(),
        clock: any StreamClock = SystemClock(), reasons: Int = 3
    ) {
        self.predictor = predictor
        self.state = state
        self.clock = clock
        self.reasons = reasons
    }

    /// Takes an event.
    ///
    /// - Throws: `FeatureError` if it comes too late, or its time is none.
    /// - Returns: Its place among all that were added.
    @discardableResult
    public func add(_ event: Event) throws -> Int {
        let number = try state.queue.add(event, at: clock.now.timeIntervalSince1970)
        waiter.look(at: nextDue)
        return number
    }

    /// When the next answer is due; nil if nothing is waited for.
    public var nextDue: Date? {
        let first = state.queue.waiting.first.map { $0.event.timestamp + state.queue.lateness }
        return [first, state.wholeAt].compactMap { $0 }.min().map {
            Date(timeIntervalSince1970: $0)
        }
    }

    /// The answers that are due, in the order of time.
    ///
    /// - Throws: `FeatureError` if an event is of another home. The others are answered to the next time.
    public func due() throws -> [Answer] {
        state.queue.observe(clock.now.timeIntervalSince1970)
        var next = state
        var answers: [Answer] = []
        for entry in next.queue.take() {
            do {
                answers += try answersTo(entry.event, &next)
            } catch let error as FeatureError {
                state.queue.remove(entry.number)
                throw error
            }
        }
        if let wholeAt = next.wholeAt, let now = next.queue.time, now >= wholeAt,
            let chain = next.chains.chain
        {
            answers.append(try whole(chain.watched(forSeconds: next.chains.silence)))
            next.isWhole = true
        }
        state = next
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

    private func answersTo(_ event: Event, _ next: inout State) throws -> [Answer] {
        var answers: [Answer] = []
        if let chain = next.chains.chain, let last = chain.events.last {
            let isBefore = event.timestamp < chain.start
            if !next.isWhole, isBefore || next.chains.beginsNext(event) {
                let silent = last.timestamp + next.chains.silence
                let until = isBefore ? silent : min(event.timestamp, silent)
                answers.append(try whole(chain.watched(until: until)))
            }
            if isBefore {
                // The clock was set back.
                let (window, silence) = (next.chains.window, next.chains.silence)
                next.chains = ChainStream(
                    window: window, silence: silence, maxEvents: next.chains.maxEvents)
            }
        }
        let prediction = try predictor.prediction(
            afterAdding: event, to: &next.chains, reasons: reasons)
        next.isWhole = false
        if let chain = next.chains.chain {
            answers.append(Answer(chain: chain, isWhole: false, prediction: prediction))
        }
        return answers
    }

    private func whole(_ chain: Chain) throws -> Answer {
        Answer(
            chain: chain, isWhole: true,
            prediction: try predictor.prediction(for: chain, reasons: reasons))
    }
}
