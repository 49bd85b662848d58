// A chain that grows event by event: the twin of novin_ml/estimators/chain_stream.py.

/// Follows one home, and gives the features of its chain after each event.
///
/// The events make chains as `Chain.chains(of:)` makes separate ones: an event later than `window`
/// after the first of the chain begins the next one. An event may come late, as long as it is not
/// older than the first of the current chain: it takes its place.
///
/// It is `Codable`: keep it between launches of the app. Of what was before the chain it keeps the last
/// two events, the latest of each sensor and zone, and what has not ended, for models with columns of
/// these.
///
/// ```swift
/// var stream = ChainStream()
/// let features = try stream.add(event)
/// // When nothing has followed for `stream.silence` seconds:
/// let features = try stream.featuresAfterSilence()
/// ```
public struct ChainStream: Sendable {
    /// Longest time from a chain's first event to its last, in seconds.
    public let window: Double
    /// How long after the last event `featuresAfterSilence` is asked, in seconds.
    public let silence: Double
    /// Longest chain; of more events the latest are kept.
    public let maxEvents: Int

    /// The chain so far, watched until its last event; nil before the first one.
    public private(set) var chain: Chain?
    /// The answer to the chain before, and that after the latest event, for a model that smooths.
    public private(set) var answerBefore, latestAnswer: [Float]?

    /// Follows a home from now on.
    ///
    /// - Precondition: The lengths are positive, and `maxEvents` is from 1 to 100.
    public init(
        window: Double = Chain.window,
        silence: Double = Chain.silence,
        maxEvents: Int = Chain.maxEvents
    ) {
        precondition(window > 0 && silence > 0 && (1...Chain.maxEvents).contains(maxEvents))
        self.window = window
        self.silence = silence
        self.maxEvents = maxEvents
    }

    init(
        window: Double, silence: Double, maxEvents: Int, chain: Chain?, answerBefore: [Float]?,
        latestAnswer: [Float]?
    ) {
        (self.window, self.silence, self.maxEvents) = (window, silence, maxEvents)
        (self.chain, self.answerBefore, self.latestAnswer) = (chain, answerBefore, latestAnswer)
    }

    /// Whether an event would begin the next chain.
    public func beginsNext(_ event: Event) -> Bool {
        guard let chain else { return true }
        let since = wholeMilliseconds(event.timestamp) - wholeMilliseconds(chain.start)
        return Double(since) > milliseconds(ofWindow: window)
    }

    /// Takes an event, and computes the features of the chain so far.
    ///
    /// - Parameter memory: Of a model with columns of sensors and zones.
    /// - Throws: `FeatureError` if the event is of another home, or older than the first event of
    ///   the current chain. The chain is then as it was.
    public mutating func add(_ event: Event, memory: ChainMemory? = nil) throws -> [Float] {
        let (next, isNew) = try chainWith(event)
        let features = try ChainFeatures.compute(next, memory: memory)
        chain = next
        if isNew { answerBefore = latestAnswer }
        return features
    }

    /// Smooths the answer to the chain after an event was added, and keeps it for the next chain.
    public mutating func smoothed(_ probabilities: [Float], by smoothing: MarkovSmoothing)
        -> [Float]
    {
        let answer = smoothing.step(answerBefore, probabilities)
        latestAnswer = answer
        return answer
    }

    /// Computes the features of the chain so far when no event has followed for `silence` seconds.
    ///
    /// - Throws: `FeatureError` if no event has come yet.
    public func featuresAfterSilence(memory: ChainMemory? = nil) throws -> [Float] {
        guard let chain else {
            throw FeatureError("A chain must have an event. Got none so far. Add one first.")
        }
        return try ChainFeatures.compute(chain.watched(forSeconds: silence), memory: memory)
    }

    /// The current chain with an event in its place, or the next one begun with it.
    private func chainWith(_ event: Event) throws -> (chain: Chain, isNew: Bool) {
        guard let chain else { return (try Chain(events: [event]), false) }
        guard chain.homeID.utf8.elementsEqual(event.homeID.utf8) else {
            throw FeatureError(
                "The events of a stream must be of one home. Got one of '\(event.homeID)' after "
                    + "those of '\(chain.homeID)'. Make a ChainStream for each home."
            )
        }
        guard event.timestamp >= chain.start else {
            throw FeatureError(
                "An event of a stream must not be older than the first event of the current chain, "
                    + "at \(chain.start). Got one at \(event.timestamp). Leave it out, or make the "
                    + "chains of a whole log with Chain.chains(of:)."
            )
        }
        if beginsNext(event) {
            let log = chain.before + chain.events.map { LoggedEvent($0) }
            let next = Chain(
                events: [event], start: event.timestamp, observedUntil: event.timestamp,
                consent: event.consent, leftOutCount: 0,
                before: remembered(Array(log), from: event.timestamp)[...]
            )
            return (next, true)
        }
        var events = chain.events
        let place = events.firstIndex { Event.isBeforeInChain(event, $0) } ?? events.count
        events.insert(event, at: place)
        let overflow = max(events.count - maxEvents, 0)
        var before = chain.before
        for event in events.prefix(overflow) {
            let place = before.firstIndex { Event.isBeforeInChain(event, $0.event) }
            before.insert(LoggedEvent(event), at: place ?? before.endIndex)
        }
        events.removeFirst(overflow)
        let longer = Chain(
            events: events, start: chain.start, observedUntil: events[events.count - 1].timestamp,
            consent: chain.consent && event.consent, leftOutCount: chain.leftOutCount + overflow,
            before: before
        )
        return (longer, false)
    }
}

extension Chain {
    /// The same chain, watched for some seconds after its last event.
    public func watched(forSeconds seconds: Double) -> Chain {
        watched(until: events[events.count - 1].timestamp + seconds)
    }

    /// The same chain, watched until a time, in seconds since 1970.
    public func watched(until time: Double) -> Chain {
        Chain(
            events: events, start: start, observedUntil: time, consent: consent,
            leftOutCount: leftOutCount, before: before
        )
    }
}
