import Foundation
import NovinFeatures

/// `novin-tool activity`: the rows of a home's activity, line by line.
///
/// A line is `{"steps": [{"request": REQUEST}, {"advance": SECONDS}, ...]}`, each request of one
/// event. The history is a new one, or `history`, as Python or the app writes it. Before step number
/// `reload_at` it is written and read again. The answer is `{"steps": [{"rows": [...]}, ...],
/// "history": HISTORY}`, with an `error` in place of the rows where a step is refused.
enum ActivityCommand {
    private struct Line: LogLine {
        let steps: [Asked]
        let history: ActivityHistory?
        let reloadAt: Int?
        var requests: [String] { steps.compactMap(\.request) }

        struct Asked: Decodable {
            let request: String?
            let advance: Double?
        }

        enum CodingKeys: String, CodingKey {
            case steps, history
            case reloadAt = "reload_at"
        }
    }

    private struct Answer: Encodable {
        var steps: [Step] = []
        var history: ActivityHistory
    }

    private struct Step: Encodable {
        var rows: [Row]?
        var error: String?
    }

    private struct Row: Encodable {
        let kind: AlarmKind
        let time, unit: Int
        let sensor: String
        let values: [UInt32]

        init(_ row: ActivityRow) {
            (kind, time, unit, sensor) = (row.kind, row.time, row.unit, row.sensor)
            values = row.values.bits
        }
    }

    static func run() throws {
        try answerLines { (line: Line) in
            var answer = Answer(history: line.history ?? ActivityHistory())
            for (number, asked) in line.steps.enumerated() {
                if number == line.reloadAt {
                    let written = try JSONEncoder().encode(answer.history)
                    answer.history = try JSONDecoder().decode(ActivityHistory.self, from: written)
                }
                answer.steps.append(step(asked, &answer.history))
            }
            return answer
        }
    }

    private static func step(_ asked: Line.Asked, _ history: inout ActivityHistory) -> Step {
        do {
            var rows: [ActivityRow] = []
            for event in try asked.request.map({ try Event.read(Data($0.utf8)) }) ?? [] {
                rows += try history.update(with: event)
            }
            if let to = asked.advance { rows += try history.advance(to: to) }
            return Step(rows: rows.map(Row.init))
        } catch {
            return Step(error: String(describing: error))
        }
    }
}
