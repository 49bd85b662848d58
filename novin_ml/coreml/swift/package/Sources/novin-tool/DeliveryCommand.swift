import NovinFeatures

/// `novin-tool delivery`: the delivery features of events, line by line.
///
/// A line is `{"requests": [REQUEST, ...]}`, each request as an app sends it, as a text; `window` and
/// `silence` may follow. The answer is `{"features": [ROW, ...]}`, each row the bits of float32
/// numbers.
enum DeliveryCommand {
    private struct Line: LogLine {
        let requests: [String]
        let window: Double?
        let silence: Double?
    }

    static func run() throws {
        try answerLines { (line: Line) in
            let rows = DeliveryFeatures.compute(
                try line.events(), window: line.window ?? 60, silence: line.silence ?? 20)
            return ["features": rows.map(\.bits)]
        }
    }
}
