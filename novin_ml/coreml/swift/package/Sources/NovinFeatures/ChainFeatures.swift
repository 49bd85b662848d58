// The features that patterns of events are told apart by: the twin of the modules of
// novin_ml/features/chains (features, _block, _columns). Times are whole milliseconds; a column is one
// operation in Double on such integers, rounded to Float.

/// Computes the features of a chain of events, in the order of `FeatureSpecs.chains`.
public enum ChainFeatures {
    /// The longest chain, in milliseconds: a day.
    static let longest = 86_400_000

    /// Computes the features of a chain.
    ///
    /// - Parameter memory: Of a model with columns of sensors and zones; they follow the others.
    /// - Throws: `FeatureError` if the chain lasts longer than a day.
    public static func compute(_ chain: Chain, memory: ChainMemory? = nil) throws -> [Float] {
        let steps = try ChainSteps(chain.events)
        let zones = Set(chain.events.map(\.zone))
        let columns =
            [Double(chain.events.count)]
            + counts(EventKind.self, in: chain.events.map(\.kind))
            + counts(ZoneKind.self, in: chain.events.map(\.zone.kind))
            + [Double(zones.count)]
            + transitions(chain.events)
            + gaps(steps)
            + [seconds(steps.duration)]
            + [Double(steps.kinds[0].rawValue), Double(steps.kinds[steps.last].rawValue)]
            + timesSince(steps)
            + steps.patternColumns
            + path(steps, zoneCount: zones.count)
            + confidence(chain.events.map(\.confidence))
        let remembered = memory?.columns(of: chain) ?? []
        return (columns + columnsOfChain(chain) + remembered).map { Float($0) }
    }
}

/// The events of a chain by number, with their times in whole milliseconds.
struct ChainSteps {
    let kinds: [EventKind]
    let zones: [Zone]
    /// Since the first event of the chain.
    let milliseconds: [Int]
    /// Since the event before; 0 for the first.
    let gaps: [Int]

    /// Position of the last event.
    var last: Int { kinds.count - 1 }
    /// From the first event to the last.
    var duration: Int { milliseconds[last] }

    init(_ events: [Event]) throws {
        let start = events[0].timestamp
        let since = events.map { (($0.timestamp - start) * 1000).rounded(.toNearestOrEven) }
        if let longest = since.last, longest.isFinite, longest > Double(ChainFeatures.longest) {
            throw FeatureError(
                "A chain whose features are computed must last a day at most. "
                    + "Got one of \(Int(min(longest / 1000, 1e15))) s. "
                    + "Make chains of a shorter window."
            )
        }
        // Of events that no reader lets through.
        guard since.allSatisfy({ $0 >= 0 && $0 <= Double(ChainFeatures.longest) }) else {
            throw FeatureError(
                "The events of a chain must have times in seconds since 1970. "
                    + "Got one without. Correct it or leave it out."
            )
        }
        kinds = events.map(\.kind)
        zones = events.map(\.zone)
        milliseconds = since.map { Int($0) }
        gaps = [0] + zip(milliseconds.dropFirst(), milliseconds).map { $0 - $1 }
    }
}

/// Milliseconds in seconds; NaN is what did not happen.
func seconds(_ milliseconds: Int?) -> Double {
    milliseconds.map { Double($0) / 1000 } ?? .nan
}

extension ChainFeatures {
    /// Counts each category, in the order of the codes.
    private static func counts<Category: CaseIterable & RawRepresentable>(
        _ type: Category.Type, in members: [Category]
    ) -> [Double] where Category.RawValue == Int {
        var counts = [Double](repeating: 0, count: type.allCases.count)
        for member in members {
            counts[member.rawValue] += 1
        }
        return counts
    }

    /// Counts each group of kinds next after each.
    private static func transitions(_ events: [Event]) -> [Double] {
        let groups = KindGroup.allCases.count
        var counts = [Double](repeating: 0, count: groups * groups)
        for (before, after) in zip(events, events.dropFirst()) {
            counts[before.kind.group.rawValue * groups + after.kind.group.rawValue] += 1
        }
        return counts
    }

    /// The least, mean, largest, standard deviation and last gap; NaN of one event.
    private static func gaps(_ steps: ChainSteps) -> [Double] {
        let gaps = steps.gaps.dropFirst()
        guard let least = gaps.min(), let largest = gaps.max(), let last = gaps.last else {
            return [Double](repeating: .nan, count: 5)
        }
        let squares = gaps.reduce(0) { $0 + $1 * $1 }
        let spread = gaps.count * squares - steps.duration * steps.duration
        let scale = 1000 * Double(gaps.count)
        return [
            seconds(least), Double(steps.duration) / scale, seconds(largest),
            Double(spread).squareRoot() / scale, seconds(last),
        ]
    }

    /// The time from the last event of each kind to the last event.
    private static func timesSince(_ steps: ChainSteps) -> [Double] {
        EventKind.allCases.map { kind in
            seconds(steps.kinds.lastIndex(of: kind).map { steps.duration - steps.milliseconds[$0] })
        }
    }

    /// Changes of the zone, returns to one, and risks.
    private static func path(_ steps: ChainSteps, zoneCount: Int) -> [Double] {
        let changes = zip(steps.zones, steps.zones.dropFirst()).reduce(0) {
            $0 + ($1.0 == $1.1 ? 0 : 1)
        }
        return [
            Double(changes), Double(changes + 1 - zoneCount),
            steps.zones.map(\.risk).max() ?? .nan, steps.zones[steps.last].risk,
        ]
    }

    /// The least, mean and largest confidence of those that are reported, and the last event's.
    private static func confidence(_ given: [Float]) -> [Double] {
        let known = given.filter { !$0.isNaN }.map { Double($0) }
        let last = Double(given[given.count - 1])
        guard let least = known.min(), let largest = known.max() else {
            return [.nan, .nan, .nan, last]
        }
        return [least, total(known) { $0 } / Double(known.count), largest, last]
    }

    /// The columns of the chain itself: the silence after it, its local time, the mode.
    private static func columnsOfChain(_ chain: Chain) -> [Double] {
        let last = chain.events[chain.events.count - 1].timestamp
        let silence = ((chain.observedUntil - last) * 1000).rounded(.toNearestOrEven)
        return [min(silence, Double(longest)) / 1000]
            + clockColumns(last, utcOffset: chain.utcOffset)
            + [chain.homeMode.map { Double($0.absence) } ?? .nan]
    }
}
