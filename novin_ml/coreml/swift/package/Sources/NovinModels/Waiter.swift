import Foundation

/// Waits for what is due next, and looks again when that changes.
struct Waiter {
    private var sleeper: Task<Void, any Error>?
    private(set) var until: Date?

    /// Wakes who waits if something is due sooner than what is waited for.
    mutating func look(at next: Date?) {
        guard let sleeper, let next, next < until ?? .distantFuture else { return }
        sleeper.cancel()
    }

    /// Begins to wait.
    mutating func begin(until next: Date?, _ clock: any StreamClock) -> Task<Void, any Error> {
        until = next ?? .distantFuture
        let task = Task { [until] in try await clock.sleep(until: until ?? .distantFuture) }
        sleeper = task
        return task
    }

    /// Waits until a task ends: in time, or because something is due sooner.
    static func wait(for task: Task<Void, any Error>) async throws {
        await withTaskCancellationHandler {
            _ = await task.result
        } onCancel: {
            task.cancel()
        }
        try Task.checkCancellation()
    }

    mutating func end() { (sleeper, until) = (nil, nil) }
}
