import Foundation
import NovinFeatures

/// `novin-tool behavior`: the features of a home's behavior, line by line.
///
/// A line is `{"requests": [REQUEST, ...]}`, each request as an app sends it, as a text. The history
/// that the events follow is a new one of `home_id`, if there is one; or `history`, as Python or the
/// app writes it; or begins with the requests `past`. Before event number `reload_at` it is written
/// and read again. The answer is `{"steps": [{"features": ROW}, ...], "history": HISTORY}`, each row
/// the bits of float32 numbers, with an `error` in place of the features where an event is refused.
enum BehaviorCommand {
    private struct Line: LogLine {
        let requests: [String]
        let homeID: String?
        let history: BehaviorHistory?
        let past: [String]?
        let reloadAt: Int?

        enum CodingKeys: String, CodingKey {
            case requests, history, past
            case homeID = "home_id"
            case reloadAt = "reload_at"
        }
    }

    private struct Answer: Encodable {
        var steps: [Step] = []
        var history: BehaviorHistory
    }

    private struct Step: Encodable {
        var features: [UInt32]?
        var error: String?
    }

    static func run() throws {
        try answerLines { (line: Line) in
            let past = try (line.past ?? []).flatMap { try Event.read(Data($0.utf8)) }
            let begun = try line.history ?? BehaviorHistory(homeID: line.homeID, events: past)
            var answer = Answer(history: begun)
            for (number, event) in try line.events().enumerated() {
                if number == line.reloadAt {
                    let written = try JSONEncoder().encode(answer.history)
                    answer.history = try JSONDecoder().decode(BehaviorHistory.self, from: written)
                }
                answer.steps.append(step(event, &answer.history))
            }
            return answer
        }
    }

    private static func step(_ event: Event, _ history: inout BehaviorHistory) -> Step {
        do {
            return Step(features: try history.update(with: event).bits)
        } catch {
            return Step(error: String(describing: error))
        }
    }
}
