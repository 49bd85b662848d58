// The columns from which the hand-written rules could be read off: the twin of
// novin_ml/features/chains/_patterns.py.

extension ChainSteps {
    /// How far apart the openings are that count together, in milliseconds.
    private static let openingWindow = 15_000
    /// How long after a doorbell motion at its zone is a courier's, in milliseconds.
    private static let courier = 2_000...30_000
    /// Quiet longer than this counts as this long, in milliseconds.
    private static let longestQuiet = 60_000

    /// Openings within 15 s, the gaps of pairs and triples, and the motions' zones.
    var patternColumns: [Double] {
        let openings = kinds.indices.filter { kinds[$0].group == .opening }
        let lateOpenings = openings.filter { milliseconds[$0] >= duration - Self.openingWindow }
        let answers = motionsAfter(.doorbell).filter { zones[$0] == zones[$0 - 1] }
        let courierAnswers = answers.filter { Self.courier.contains(gaps[$0]) }
        let motions = kinds.indices.filter { kinds[$0] == .motion }
        return [
            Double(mostWithinWindow(openings)),
            Double(lateOpenings.count),
            seconds(answers.map { gaps[$0] }.min()),
            seconds(courierAnswers.map(quiet).max()),
            seconds(passages(openings).min()),
            seconds(motionsAfter(.glassBreak).map { gaps[$0] }.min()),
            Double(Set(motions.map { zones[$0] }).count),
        ]
    }

    /// The motions next after an event of a kind.
    private func motionsAfter(_ kind: EventKind) -> [Int] {
        kinds.indices.dropFirst().filter { kinds[$0] == .motion && kinds[$0 - 1] == kind }
    }

    /// The most of some events within 15 s.
    private func mostWithinWindow(_ events: [Int]) -> Int {
        let times = events.map { milliseconds[$0] }
        var (most, first) = (0, 0)
        for (position, time) in times.enumerated() {
            while time - times[first] > Self.openingWindow { first += 1 }
            most = max(most, position - first + 1)
        }
        return most
    }

    /// The longer gap of each opening next after a motion and next before one.
    private func passages(_ openings: [Int]) -> [Int] {
        openings
            .filter { $0 > 0 && $0 < last && kinds[$0 - 1] == .motion && kinds[$0 + 1] == .motion }
            .map { max(gaps[$0], gaps[$0 + 1]) }
    }

    /// The time from an event to the next one at its zone.
    private func quiet(after event: Int) -> Int {
        let next = kinds.indices.first { $0 > event && zones[$0] == zones[event] }
        return next.map { min(milliseconds[$0] - milliseconds[event], Self.longestQuiet) }
            ?? Self.longestQuiet
    }
}
