import NovinFeatures
import XCTest

@testable import NovinModels

/// What an app keeps: events, answers and reasons, read again as they were written.
final class CodableTests: XCTestCase {
    private let request = Data(
        """
        {"events": [
          {"type": "motion", "timestamp": 1735689600, "metadata": {"location": "front door",
           "raw": [0.1, null, 0.9], "utc_offset": 3600, "home_mode": "night"}},
          {"type": "vehicle", "timestamp": 1735689610, "metadata": {"location": "street"}}
        ]}
        """.utf8)

    func testEvents() throws {
        let events = try Event.read(request)
        let data = try JSONEncoder().encode(events)
        XCTAssertFalse(String(decoding: data, as: UTF8.self).lowercased().contains("nan"))
        let read = try JSONDecoder().decode([Event].self, from: data)
        XCTAssertEqual(read, events)
        XCTAssertEqual(Set(read), Set(events))
        XCTAssertEqual(bits(read[0].raw ?? []), bits(events[0].raw ?? []))
        XCTAssert(read[1].confidence.isNaN)
        XCTAssertNotEqual(read[0].id, read[1].id)
        var other = events[0]
        other.confidence = 0.5
        XCTAssertNotEqual(other, events[0])
        let altered = String(decoding: data, as: UTF8.self).replacingOccurrences(
            of: "\"\(events[0].kind.name)\"", with: "\"surely no kind\"")
        XCTAssertThrowsError(try JSONDecoder().decode([Event].self, from: Data(altered.utf8)))
    }

    func testPredictions() throws {
        for model in BundledModel.all
        where ["delivery", "chains"].contains(model.family) {
            let predictor = try makePredictor(of: model.family, try model.open())
            let answers = try predictor.predictions(json: request)
            XCTAssertEqual(answers.flatMap(\.events).count, 2, model.name)
            let data = try JSONEncoder().encode(answers)
            XCTAssertEqual(try JSONDecoder().decode([Prediction].self, from: data), answers)
            if model.family == "delivery" {
                guard case .notApplicable = answers[1].outcome else {
                    return XCTFail("\(model.name) answers to a vehicle")
                }
                XCTAssertNil(answers[1].alarm)
                XCTAssertNil(answers[1].answer)
                XCTAssert(answers[1].reasons.isEmpty)
                XCTAssertNotEqual(answers[0].outcome, answers[1].outcome)
            }
        }
    }

    func testBehavior() throws {
        for model in BundledModel.all where model.family == BehaviorPredictor.family {
            var predictor = try BehaviorPredictor(try model.open())
            let answers = try predictor.update(json: request)
            XCTAssertEqual(answers.map { $0.event?.kind }, [.motion, .vehicle])
            let data = try JSONEncoder().encode(answers)
            XCTAssertEqual(try JSONDecoder().decode([BehaviorPrediction].self, from: data), answers)
        }
    }

    /// A language of an app: its own texts, and the English ones for what it has not.
    func testLanguages() throws {
        let words = Words("after_vehicle", [.span(20.75)])
        XCTAssertEqual(words.text, "20.8 s after a vehicle")
        XCTAssertEqual(words.text(in: .german), "20,8 s nach einem Fahrzeug")
        let french = Language(decimal: ",", thousands: " ") { key in
            ["after_vehicle": "%1$@ après un véhicule"][key]
        }
        XCTAssertEqual(words.text(in: french), "20,8 s après un véhicule")
        XCTAssertEqual(Words("events", [.number(1)]).text(in: french), "1 event")
        XCTAssertEqual(Words("events", [.number(2)]).text(in: .german), "2 Ereignisse")
        let share = Words("active_fraction", [.number(12.5)])
        XCTAssertEqual(share.text, "12.5 % of the time above half of the peak")
        let data = try JSONEncoder().encode(words)
        XCTAssertEqual(try JSONDecoder().decode(Words.self, from: data), words)
    }
}
