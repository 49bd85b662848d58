import Foundation
import NovinFeatures
import XCTest

@testable import NovinModels

/// Streams answer as Python does to the whole log, whatever the order in which events come.
final class StreamTests: XCTestCase {
    private let lateness = 7.0

    /// Events of a log with the times at which they come: out of order, none too late.
    private func arrivals(_ events: [Event]) -> [(number: Int, event: Event, at: Double)] {
        var generator = Seeded(state: UInt64(events.count))
        return events.enumerated()
            .map { (number: $0, event: $1, at: $1.timestamp + generator.next(upTo: lateness)) }
            .sorted { ($0.at, $0.number) < ($1.at, $1.number) }
    }

    private func known(_ features: [Float?]) -> [Float] { features.map { $0 ?? .nan } }

    private func date(_ time: Double) -> Date { Date(timeIntervalSince1970: time) }

    /// A state after it was written and read, as when an app is suspended and ended.
    private func kept<State: Codable>(_ state: State) throws -> State {
        try JSONDecoder().decode(State.self, from: JSONEncoder().encode(state))
    }

    private func forEach(
        _ family: String, _ work: (BundledModel, Golden, Golden.Case, [Event]) async throws -> Void
    ) async throws {
        for model in BundledModel.all where model.family == family {
            let golden = try Golden.of(model)
            for request in golden.requests {
                let events = try Event.read(Data((request.json ?? "").utf8))
                try await work(model, golden, request, events)
            }
        }
    }

    private func compare(
        _ features: [Float?], _ numbers: [Float], with right: Golden.Answer, _ golden: Golden,
        _ place: String
    ) {
        XCTAssertEqual(bits(known(features)), bits(right.row), place)
        for (number, expected) in zip(numbers, right.numbers) {
            XCTAssertEqual(number, expected, accuracy: golden.tolerance, place)
        }
    }

    func testDeliveriesAreAnsweredAsInAWholeLog() async throws {
        try await forEach(DeliveryPredictor.family) { model, golden, request, events in
            let predictor = try DeliveryPredictor(try model.open())
            let clock = ManualClock(date(0))
            var state = DeliveryStream.State(lateness: lateness)
            var answers: [DeliveryStream.Answer] = []
            let arrivals = arrivals(events)
            for (number, arrival) in arrivals.enumerated() {
                clock.set(to: date(arrival.at))
                let stream = DeliveryStream(predictor, state: state, clock: clock, reasons: 0)
                let given = try await stream.add(arrival.event)
                XCTAssertEqual(given, number)
                for answer in try await stream.due() {
                    XCTAssertGreaterThanOrEqual(
                        arrival.at, answer.event.timestamp + predictor.silence + lateness)
                    answers.append(answer)
                }
                state = try kept(await stream.state)
            }
            clock.set(to: date((arrivals.last?.at ?? 0) + predictor.silence + lateness))
            answers += try await DeliveryStream(
                predictor, state: state, clock: clock, reasons: 0
            ).due()
            XCTAssertEqual(Set(answers.map(\.number)), Set(events.indices), request.name)
            for answer in answers {
                let right = request.answers[arrivals[answer.number].number]
                let numbers = predictor.classifier.labels.map {
                    answer.prediction.probabilities[$0] ?? .nan
                }
                compare(
                    answer.prediction.features, numbers, with: right, golden,
                    "\(model.name), \(request.name), \(answer.number)")
            }
        }
    }

    func testBehaviorIsAnsweredAsInAWholeLog() async throws {
        try await forEach(BehaviorPredictor.family) { model, golden, request, events in
            let history = request.continued == true ? try model.history() : nil
            let clock = ManualClock(date(0))
            var state = BehaviorStream.State(
                history: history ?? BehaviorHistory(), lateness: lateness)
            var answers: [BehaviorStream.Answer] = []
            for arrival in arrivals(events) {
                clock.set(to: date(arrival.at))
                let stream = try BehaviorStream(
                    try model.open(), state: state, clock: clock, reasons: 0)
                try await stream.add(arrival.event)
                answers += try await stream.due()
                state = try kept(await stream.state)
            }
            clock.set(to: date(clock.now.timeIntervalSince1970 + lateness))
            let last = try BehaviorStream(try model.open(), state: state, clock: clock, reasons: 0)
            answers += try await last.due()
            XCTAssertEqual(answers.count, events.count)
            // Simultaneous events may come in any order.
            let ordered = request.answers.map { (bits($0.row), $0) }
            var left = ordered
            for answer in answers {
                let own = bits(known(answer.prediction.features))
                guard let place = left.firstIndex(where: { $0.0 == own }) else {
                    return XCTFail("\(model.name), \(request.name), \(answer.number)")
                }
                compare(
                    answer.prediction.features, [answer.prediction.anomalyScore],
                    with: left.remove(at: place).1, golden, "\(model.name), \(request.name)")
            }
        }
    }

    func testChainsAreAnsweredAsInAWholeLog() async throws {
        try await forEach(EventChainPredictor.family) { model, golden, request, events in
            let predictor = try EventChainPredictor(try model.open())
            var answers: [EventChainStream.Answer] = []
            for (_, log) in Dictionary(grouping: events, by: { Array($0.homeID.utf8) }) {
                let clock = ManualClock(date(0))
                var state = EventChainStream.State(lateness: lateness)
                var soFar = 0
                for arrival in arrivals(log) {
                    clock.set(to: date(arrival.at))
                    let stream = EventChainStream(
                        predictor, state: state, clock: clock, reasons: 0)
                    try await stream.add(arrival.event)
                    let found = try await stream.due()
                    soFar += found.filter { !$0.isWhole }.count
                    answers += found.filter(\.isWhole)
                    state = try kept(await stream.state)
                }
                let stream = EventChainStream(predictor, state: state, clock: clock, reasons: 0)
                clock.set(to: date(clock.now.timeIntervalSince1970 + 100))
                let found = try await stream.due()
                soFar += found.filter { !$0.isWhole }.count
                answers += found.filter(\.isWhole)
                XCTAssertEqual(soFar, log.count, request.name)
                let nothing = await stream.nextDue
                XCTAssertNil(nothing)
            }
            XCTAssertEqual(answers.count, request.answers.count, request.name)
            let rows = Dictionary(grouping: request.answers) { bits($0.row) }
            for answer in answers {
                guard let right = rows[bits(known(answer.prediction.features))]?.first else {
                    XCTFail("\(model.name), \(request.name), the chain at \(answer.chain.start)")
                    continue
                }
                let numbers = predictor.classifier.labels.map {
                    answer.prediction.probabilities[$0] ?? .nan
                }
                compare(
                    answer.prediction.features, numbers, with: right, golden,
                    "\(model.name), \(request.name)")
            }
        }
    }

    private func delivery() throws -> DeliveryPredictor {
        guard let model = BundledModel.all.first(where: { $0.family == DeliveryPredictor.family })
        else { throw XCTSkip("no model of deliveries") }
        return try DeliveryPredictor(try model.open())
    }

    private func event(_ type: String, _ time: Double, offset: Float = 0) -> Event {
        Event(
            homeID: "home", type: type, timestamp: time, utcOffset: offset, location: "front_door")
    }

    func testAnswersComeWhenTheyAreDue() async throws {
        let predictor = try delivery()
        let clock = ManualClock(date(1_000))
        let stream = DeliveryStream(
            predictor, state: .init(lateness: lateness), clock: clock, reasons: 0)
        let waiting = Task { try await stream.next() }
        while clock.sleeperCount == 0 { await Task.yield() }
        try await stream.add(event("motion", 999))
        try await stream.add(event("doorbell", 998))
        let due = await stream.nextDue
        XCTAssertEqual(due, date(998 + predictor.silence + lateness))
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.set(to: date(998 + predictor.silence + lateness))
        let answers = try await waiting.value
        XCTAssertEqual(answers.map(\.event.type), ["doorbell"])
        // Its past is there although it was answered to.
        clock.set(to: date(2_000))
        let second = try await stream.next()
        XCTAssertEqual(second.map(\.number), [0])
        let place = try XCTUnwrap(
            predictor.classifier.featureNames.firstIndex(of: "seconds_since_doorbell"))
        XCTAssertEqual(second[0].prediction.features[place], 1)
        let forgotten = Task { try await stream.next() }
        while clock.sleeperCount == 0 { await Task.yield() }
        forgotten.cancel()
        do {
            _ = try await forgotten.value
            XCTFail("answered")
        } catch { XCTAssert(error is CancellationError) }
    }

    func testWhatComesTooLateIsRefused() async throws {
        let clock = ManualClock(date(1_000))
        let stream = DeliveryStream(
            try delivery(), state: .init(lateness: lateness), clock: clock, reasons: 0)
        for late in [1_000 - lateness - 0.001, .nan, .infinity] {
            do {
                try await stream.add(event("motion", late))
                XCTFail("\(late)")
            } catch { XCTAssert(error is FeatureError) }
        }
        try await stream.add(event("motion", 1_000 - lateness))
        let count = await stream.state.waitingCount
        XCTAssertEqual(count, 1)
    }

    /// Set ahead, the clock makes everything due; set back, the stream goes on from there.
    func testClockChanges() async throws {
        let predictor = try delivery()
        let clock = ManualClock(date(10_000))
        let stream = DeliveryStream(
            predictor, state: .init(lateness: lateness), clock: clock, reasons: 0)
        try await stream.add(event("motion", 10_000))
        clock.set(to: date(13_600))
        let early = try await stream.due()
        XCTAssertEqual(early.count, 1)
        clock.set(to: date(13_600 - lateness))  // a small correction changes nothing
        do {
            try await stream.add(event("motion", 13_600 - lateness - 1))
            XCTFail("added")
        } catch { XCTAssert(error is FeatureError) }
        clock.set(to: date(10_010))
        try await stream.add(event("doorbell", 10_009))
        clock.set(to: date(10_010 + predictor.silence + lateness))
        let later = try await stream.due()
        XCTAssertEqual(later.map(\.event.type), ["doorbell"])

        let log = [event("motion", 20_000), event("motion", 20_100)]
        guard let model = BundledModel.all.first(where: { $0.family == BehaviorPredictor.family })
        else { return }
        let behavior = try BehaviorStream(try model.open(), clock: clock, reasons: 0)
        clock.set(to: date(20_100))
        for each in log.reversed() {
            do {
                try await behavior.add(each)
            } catch { XCTAssertEqual(each.timestamp, 20_000) }
        }
        clock.set(to: date(30_000))
        let answered = try await behavior.due()
        XCTAssertEqual(answered.count, 1)
        // A history goes forward only.
        clock.set(to: date(20_050))
        do {
            try await behavior.add(event("motion", 20_050))
            XCTFail("added")
        } catch { XCTAssert(error is FeatureError) }
        clock.set(to: date(20_110))
        try await behavior.add(event("motion", 20_110))
    }

    /// A clock that is set back ends a chain; the next events begin a new one.
    func testAClockThatIsSetBackEndsAChain() async throws {
        guard let model = BundledModel.all.first(where: { $0.family == EventChainPredictor.family })
        else { throw XCTSkip("no model of chains") }
        let clock = ManualClock(date(50_000))
        let stream = EventChainStream(
            try EventChainPredictor(try model.open()), state: .init(lateness: lateness),
            clock: clock,
            reasons: 0)
        try await stream.add(event("doorbell", 50_000))
        clock.set(to: date(50_010))
        let first = try await stream.due()
        XCTAssertEqual(first.map(\.isWhole), [false])
        clock.set(to: date(46_400))
        try await stream.add(event("motion", 46_400))
        clock.set(to: date(46_410))
        let second = try await stream.due()
        XCTAssertEqual(second.map(\.isWhole), [true, false])
        XCTAssertEqual(second.map { $0.chain.events.map(\.timestamp) }, [[50_000], [46_400]])
    }

    /// Summer time begins, and the home moves: what is due stays, and each event has its own hour.
    func testOtherTimeZonesChangeOnlyTheHours() async throws {
        let predictor = try delivery()
        let start = 1_743_296_400.0  // 30 March 2025, 01:00 UTC, when Europe goes to summer time
        let log = [
            event("doorbell", start - 10, offset: 3_600), event("motion", start + 5, offset: 7_200),
            event("motion", start + 50, offset: -18_000),
        ]
        let clock = ManualClock(date(start - 10))
        let stream = DeliveryStream(
            predictor, state: .init(lateness: 0), clock: clock, reasons: 0)
        var answers: [DeliveryStream.Answer] = []
        for each in log {
            clock.set(to: date(each.timestamp))
            try await stream.add(each)
            answers += try await stream.due()
        }
        clock.set(to: date(start + 500))
        answers += try await stream.due()
        let whole = try predictor.features(of: log)
        XCTAssertEqual(answers.map { bits(known($0.prediction.features)) }, whole.map(bits))
        let place = try XCTUnwrap(predictor.classifier.featureNames.firstIndex(of: "hour_sin"))
        XCTAssertNotEqual(whole[0][place], whole[1][place])
    }

    func testStatesThatAreNoneAreRefused() throws {
        let text = #"{"window":60,"silence":20,"maxEvents":0}"#
        XCTAssertThrowsError(try JSONDecoder().decode(ChainStream.self, from: Data(text.utf8)))
    }
}

/// The same numbers in each run.
private struct Seeded {
    var state: UInt64

    mutating func next(upTo most: Double) -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53 * most
    }
}
