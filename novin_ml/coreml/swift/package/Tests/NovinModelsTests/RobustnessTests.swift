import Foundation
import NovinFeatures
import XCTest

@testable import NovinModels

/// What no reader lets through must end in an error or a missing feature, never in a crash.
final class RobustnessTests: XCTestCase {
    private let odd: [Double] = [.nan, .infinity, -.infinity, 1e300, -1e300]

    func testTimesThatAreNoneDoNotCrash() throws {
        for time in odd {
            let events = [
                Event(homeID: "home", type: "doorbell", timestamp: 0),
                Event(homeID: "home", type: "motion", timestamp: time),
            ]
            XCTAssertEqual(DeliveryFeatures.compute(events).count, 2)
            XCTAssertEqual(DeliveryFeatures.compute(events, window: -1).count, 2)
            XCTAssertFalse(Chain.chains(of: events).isEmpty)
            XCTAssertThrowsError(try ChainFeatures.compute(Chain(events: events))) {
                XCTAssert($0 is FeatureError)
            }
            var history = BehaviorHistory()
            for event in events { _ = try? history.update(with: event) }
            XCTAssertGreaterThan(history.eventCount, 0)
            var activity = ActivityHistory()
            _ = try activity.update(with: events[0])
            XCTAssertThrowsError(try activity.update(with: events[1])) {
                XCTAssert($0 is FeatureError)
            }
            XCTAssertThrowsError(try activity.advance(to: time)) { XCTAssert($0 is FeatureError) }
            let long = Event(
                type: "door", timestamp: 1, utcOffset: Float(time), duration: Float(time), end: time
            )
            XCTAssertEqual(try activity.update(with: long).count, 1)
        }
    }

    func testARowOfAnotherLengthIsRefused() throws {
        for model in BundledModel.all where model.family == MotionPredictor.family {
            let motion = try MotionPredictor(try model.open())
            if motion.channels != nil { continue }
            XCTAssertThrowsError(try motion.classifier.predictions(features: [[0, 0]])) {
                XCTAssertEqual(
                    $0 as? ModelError,
                    .otherWidth(expected: motion.classifier.featureNames.count, got: 2))
            }
            XCTAssertThrowsError(try motion.prediction(for: [0.5], sampleRate: 0)) {
                XCTAssert($0 is FeatureError)
            }
        }
    }

    /// A threshold that could never fire is refused, and leaves all as it was.
    func testAWrongThresholdIsRefused() throws {
        let families = [
            DeliveryPredictor.family, MotionPredictor.family, EventChainPredictor.family,
        ]
        for model in BundledModel.all where families.contains(model.family) {
            var classifier = try makePredictor(of: model.family, try model.open()).classifier
            let label = classifier.labels[0]
            try classifier.setThreshold(0.25, for: label)
            let before = classifier.decisions
            XCTAssertEqual(before.thresholds[label], 0.25)
            XCTAssertThrowsError(try classifier.setThreshold(0.5, for: label + " ")) {
                XCTAssertEqual(
                    $0 as? ModelError, .noLabel(label: label + " ", known: classifier.labels))
            }
            XCTAssertThrowsError(try classifier.setThreshold(nil, for: "delivry"))
            for wrong: Float in [.nan, -0.5] {
                XCTAssertThrowsError(try classifier.setThreshold(wrong, for: label)) {
                    guard case .notThreshold? = $0 as? ModelError else { return XCTFail("\($0)") }
                }
            }
            XCTAssertThrowsError(
                try classifier.setDecisions(Decisions(thresholds: ["delivry": 0.5])))
            XCTAssertEqual(classifier.decisions, before)
            try classifier.setThreshold(nil, for: label)
            XCTAssertNil(classifier.decisions.thresholds[label])
        }
    }

    /// Not one bit of a model's file may differ from what the package was written with.
    func testAnAlteredModelDoesNotOpen() throws {
        for model in BundledModel.all {
            let content = try Data(contentsOf: try model.url())
            var places = Array(stride(from: 0, to: content.count, by: max(1, content.count / 7)))
            places.append(content.count - 1)
            for place in places {
                var altered = content
                altered[place] ^= 1
                XCTAssertThrowsError(
                    try BundledModel.check(altered, of: model.name, against: model.sha256)
                ) {
                    guard case .altered? = $0 as? ModelError else { return XCTFail("\($0)") }
                }
            }
            XCTAssertThrowsError(
                try BundledModel.check(content.dropLast(), of: model.name, against: model.sha256))
        }
    }

    func testAnEmptyChainIsRefused() {
        XCTAssertThrowsError(try Chain(events: [])) {
            XCTAssertEqual(
                $0.localizedDescription, "A chain must have an event. Got none. Give at least one.")
        }
    }

    func testARateThatIsNoneIsNoSignal() {
        for rate: Float in [0, -1, .nan] {
            XCTAssert(MotionFeatures.compute(raw: [0.5], sampleRate: rate).allSatisfy(\.isNaN))
            XCTAssert(SignalStatistics(raw: [0.5], sampleRate: rate).duration.isNaN)
        }
    }

    func testADamagedHistoryIsRefused() throws {
        var history = BehaviorHistory(homeID: "home")
        for second in 0..<3 {
            let event = Event(homeID: "home", type: "motion", timestamp: Double(1000 + second))
            _ = try history.update(with: event)
        }
        let text = String(decoding: try JSONEncoder().encode(history), as: UTF8.self)
        let kept = try JSONDecoder().decode(BehaviorHistory.self, from: Data(text.utf8))
        XCTAssertEqual(kept.eventCount, 3)
        let damaged = text.replacingOccurrences(of: "\"events\":3", with: "\"events\":\(Int.min)")
        XCTAssertNotEqual(damaged, text)
        XCTAssertThrowsError(
            try JSONDecoder().decode(BehaviorHistory.self, from: Data(damaged.utf8)))
    }

    func testADamagedActivityIsRefused() throws {
        var activity = ActivityHistory(homeID: "home")
        _ = try activity.update(with: Event(homeID: "home", type: "motion", timestamp: 1000))
        _ = try activity.advance(to: 100_000)
        let text = String(decoding: try JSONEncoder().encode(activity), as: UTF8.self)
        let kept = try JSONDecoder().decode(ActivityHistory.self, from: Data(text.utf8))
        XCTAssertEqual(kept.homeID, "home")
        for (right, wrong) in [
            ("\"n_activations\":0", "\"n_activations\":-1"), ("\"tick\"", "\"tock\""),
            ("\"tick_minutes\":60", "\"tick_minutes\":0"),
            ("\"time\":100000000", "\"time\":\(Int.min)"),
        ] {
            let damaged = text.replacingOccurrences(of: right, with: wrong)
            XCTAssertNotEqual(damaged, text)
            XCTAssertThrowsError(
                try JSONDecoder().decode(ActivityHistory.self, from: Data(damaged.utf8)), wrong)
        }
    }

    func testDeepTextsDoNotExhaustTheStackOfAThread() {
        let done = expectation(description: "read")
        let thread = Thread {
            for depth in [120, 100_000] {
                let text =
                    String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                XCTAssertFalse(EventReader().read(Data(text.utf8)).refusals.isEmpty)
            }
            done.fulfill()
        }
        thread.stackSize = 512 * 1024  // that of the threads of iOS
        thread.start()
        wait(for: [done], timeout: 60)
    }
}
