import Foundation
import NovinFeatures

/// A line that the commands of features read: requests as an app sends them, each a text of its own,
/// of which the events follow each other.
protocol LogLine: Decodable {
    var requests: [String] { get }
}

extension LogLine {
    func events() throws -> [Event] {
        try requests.flatMap { try Event.read(Data($0.utf8)) }
    }
}

/// Answers each line of standard input with a line of JSON; `{"error": ...}` where it is refused.
func answerLines<Line: LogLine, Answer: Encodable>(_ answer: (Line) throws -> Answer) throws {
    let (decoder, encoder) = (JSONDecoder(), JSONEncoder())
    while let text = readLine() {
        let written: Data
        do {
            let line = try decoder.decode(Line.self, from: Data(text.utf8))
            written = try encoder.encode(answer(line))
        } catch {
            written = try encoder.encode(["error": String(describing: error)])
        }
        print(String(decoding: written, as: UTF8.self))
    }
}

extension [Float] {
    /// The bits of the numbers, which JSON keeps as they are.
    var bits: [UInt32] { map(\.bitPattern) }
}
