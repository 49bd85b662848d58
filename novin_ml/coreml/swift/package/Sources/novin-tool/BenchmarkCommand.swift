import Foundation
import NovinFeatures
import NovinModels

/// `novin-tool benchmark [--json] [REQUEST.json]`: how long the features of one event take, by family.
///
/// The events are those of a file, or 100 that are made here. Times are in microseconds: the median
/// and the 99th percentile over events, each the quickest of several passes. Build with `-c release`.
enum BenchmarkCommand {
    static func run(_ arguments: [String]) throws {
        let report = arguments.contains("--json") ? reportAsJSON : reportAsText
        let request: Data
        if let file = arguments.first(where: { $0 != "--json" }) {
            request = try Data(contentsOf: URL(fileURLWithPath: file))
        } else {
            request = madeRequest()
        }
        let events = try Event.read(request).sorted { $0.timestamp < $1.timestamp }
        guard !events.isEmpty else { throw ToolError("benchmark needs a request with events.") }
        let home = events.filter { $0.homeID == events[0].homeID }
        report(
            "reading",
            try times { [try nanoseconds { _ = try Event.read(request) } / events.count] })
        report(
            "delivery",
            try times {
                // Each event with what its home reported in the minute before it.
                try events.indices.map { last in
                    let first = max(0, last - 5)
                    return try nanoseconds {
                        _ = DeliveryFeatures.compute(Array(events[first...last]))
                    }
                }
            })
        report(
            "motion",
            try times {
                try events.filter { $0.raw != nil }.map { event in
                    try nanoseconds { _ = MotionFeatures.compute(event) }
                }
            })
        report(
            "chains",
            try times {
                var stream = ChainStream()
                return try home.map { event in try nanoseconds { _ = try stream.add(event) } }
            })
        report(
            "behavior",
            try times {
                var history = BehaviorHistory()
                return try home.map { event in
                    try nanoseconds { _ = try history.update(with: event) }
                }
            })
        for model in BundledModel.all where model.family != BehaviorPredictor.family {
            try reportPredictions(model, events, report)
        }
    }

    /// The whole way of a request of one event: reading, features, model and decision.
    private static func reportPredictions(
        _ model: BundledModel, _ events: [Event], _ report: (String, [Int]) -> Void
    ) throws {
        let predictor: any EventPredictor
        switch model.family {
        case DeliveryPredictor.family: predictor = try DeliveryPredictor(try model.open())
        case MotionPredictor.family: predictor = try MotionPredictor(try model.open())
        default: predictor = try EventChainPredictor(try model.open())
        }
        let some = events.prefix(20)
        for reasons in [0, 3] {
            let name = "\(model.name), \(reasons == 0 ? "answer" : "answer with reasons")"
            report(
                name,
                try times {
                    try some.map { event in
                        try nanoseconds {
                            _ = try predictor.predictions(for: [event], reasons: reasons)
                        }
                    }
                })
        }
    }

    /// Of each event the quickest of several passes.
    private static func times(_ pass: () throws -> [Int]) throws -> [Int] {
        var best = try pass()
        for _ in 0..<9 {
            best = zip(best, try pass()).map { min($0, $1) }
        }
        return best
    }

    private static func nanoseconds(_ work: () throws -> Void) throws -> Int {
        let start = DispatchTime.now().uptimeNanoseconds
        try work()
        return Int(DispatchTime.now().uptimeNanoseconds - start)
    }

    private static func reportAsText(_ name: String, _ times: [Int]) {
        let (median, slow) = summary(times)
        print(String(format: "%9.1f us, 99 %% within %9.1f  ", median, slow) + name)
    }

    private static func reportAsJSON(_ name: String, _ times: [Int]) {
        let (median, slow) = summary(times)
        print("{\"name\": \"\(name)\", \"median\": \(median), \"slow\": \(slow)}")
    }

    /// The median and the 99th percentile, in microseconds.
    private static func summary(_ times: [Int]) -> (median: Double, slow: Double) {
        let sorted = times.sorted()
        let slow = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
        return (Double(sorted[sorted.count / 2]) / 1000, Double(slow) / 1000)
    }

    /// A home's 100 events, a third of them with signals of 10 seconds.
    private static func madeRequest() -> Data {
        let kinds = ["motion", "door", "doorbell", "motion", "window", "vehicle"]
        let zones = ["front_door", "porch", "hallway", "kitchen", "driveway"]
        let events: [[String: Any]] = (0..<100).map { number in
            var metadata: [String: Any] = ["location": zones[number % zones.count]]
            if kinds[number % kinds.count] == "motion" {
                metadata["raw"] = (0..<100).map { Double((number + $0 * $0) % 97) / 100 }
            }
            return [
                "type": kinds[number % kinds.count], "timestamp": 1_735_689_600 + 11 * number,
                "home_id": "home", "confidence": 0.5 + Double(number % 50) / 100,
                "metadata": metadata,
            ]
        }
        return (try? JSONSerialization.data(withJSONObject: ["events": events])) ?? Data()
    }
}
