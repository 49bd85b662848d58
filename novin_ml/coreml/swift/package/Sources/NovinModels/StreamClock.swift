import Foundation

/// What tells a stream the time. `SystemClock` is that of the device; a `ManualClock` is driven by a
/// test.
public protocol StreamClock: Sendable {
    /// The time now.
    var now: Date { get }

    /// Waits until a time.
    ///
    /// - Throws: `CancellationError` if the task is cancelled before.
    func sleep(until time: Date) async throws
}

/// The clock of the device. It may be set ahead or back while something waits.
public struct SystemClock: StreamClock {
    /// After so many seconds it looks again whether it was changed.
    private static let longest = 30.0

    public init() {}

    public var now: Date { Date() }

    public func sleep(until time: Date) async throws {
        while case let left = time.timeIntervalSinceNow, left > 0 {
            try await Task.sleep(nanoseconds: UInt64(min(left, Self.longest) * 1e9))
        }
    }
}

/// A clock that stands still until it is set.
public final class ManualClock: StreamClock, @unchecked Sendable {
    private let lock = NSLock()
    private var time: Date
    private var sleepers: [UUID: (until: Date, wake: CheckedContinuation<Void, any Error>)] = [:]

    public init(_ time: Date = Date(timeIntervalSince1970: 0)) { self.time = time }

    public var now: Date { lock.withLock { time } }

    /// How many wait for a time.
    public var sleeperCount: Int { lock.withLock { sleepers.count } }

    /// Sets the clock, ahead or back.
    public func set(to time: Date) {
        let woken = lock.withLock {
            self.time = time
            let ready = sleepers.filter { $0.value.until <= time }
            for id in ready.keys { sleepers[id] = nil }
            return ready.values.map(\.wake)
        }
        for sleeper in woken { sleeper.resume() }
    }

    public func sleep(until time: Date) async throws {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isDone = lock.withLock {
                    if time <= self.time { return true }
                    sleepers[id] = (time, continuation)
                    return false
                }
                if isDone { return continuation.resume() }
                // Cancelled before it lay down: nobody else wakes it.
                if Task.isCancelled { wake(id) }
            }
        } onCancel: {
            wake(id)
        }
    }

    private func wake(_ id: UUID) {
        let sleeper = lock.withLock { sleepers.removeValue(forKey: id) }
        sleeper?.wake.resume(throwing: CancellationError())
    }
}
