import Foundation

// novin-tool: the package from the command line, for tests and benchmarks on any system.

/// What was wrong with how a command was called.
struct ToolError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

let commands: [String: ([String]) throws -> Void] = [
    "read": ReadCommand.run,
    "delivery": { _ in try DeliveryCommand.run() },
    "motion": { _ in try MotionCommand.run() },
    "chains": { _ in try ChainsCommand.run() },
    "behavior": { _ in try BehaviorCommand.run() },
    "activity": { _ in try ActivityCommand.run() },
    "words": { _ in try WordsCommand.run() },
    "update": { _ in try UpdateCommand.run() },
    "predict": PredictCommand.run,
    "benchmark": BenchmarkCommand.run,
]

let arguments = Array(CommandLine.arguments.dropFirst())
do {
    guard let command = arguments.first.flatMap({ commands[$0] }) else {
        let names = commands.keys.sorted().joined(separator: ", ")
        throw ToolError("The command must be one of \(names). Got \(arguments.first ?? "none").")
    }
    try command(Array(arguments.dropFirst()))
} catch {
    FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
    exit(2)
}
