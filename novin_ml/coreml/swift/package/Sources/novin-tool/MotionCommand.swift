import NovinFeatures

/// `novin-tool motion`: the motion features of events, line by line.
///
/// A line is `{"requests": [REQUEST, ...]}`, each request as an app sends it, as a text. The answer
/// is `{"features": [ROW, ...]}`, each row the bits of float32 numbers.
enum MotionCommand {
    private struct Line: LogLine {
        let requests: [String]
    }

    static func run() throws {
        try answerLines { (line: Line) in
            ["features": try line.events().map { MotionFeatures.compute($0).bits }]
        }
    }
}
