// What the features of behavior count: the twin of novin_ml/features/behavior/_codes.py.

/// What happened, and where.
struct KindAtZone: Hashable, Sendable {
    let kind: EventKind
    let zone: Zone
}

/// What the local clock shows.
struct Moment: Sendable {
    static let minute = 60_000
    static let day = 86_400_000

    let minuteOfDay: Int
    let isWeekend: Bool

    var hour: Int { minuteOfDay / 60 }

    /// - Parameters:
    ///   - time: Milliseconds since 1970.
    ///   - offset: Milliseconds that the local time is ahead.
    init(time: Int, offset: Int) {
        let (days, milliseconds) = dividedDown(time + offset, Moment.day)
        minuteOfDay = milliseconds / Moment.minute
        // 1 January 1970 was a Thursday.
        isWeekend = dividedDown(days + 3, 7).remainder >= 5
    }
}

/// A cell of one of the tables in which a home's events are counted.
enum Cell: Hashable, Sendable {
    case pair(KindAtZone)
    case pairHour(KindAtZone, hour: Int)
    case pairMode(KindAtZone, HomeMode?)
    case pairModeHour(KindAtZone, HomeMode?, hour: Int)
    case hour(Int)
    case week(Zone, isWeekend: Bool, hour: Int)
    case previous(KindAtZone?)
    case order(previous: KindAtZone?, KindAtZone)
}

/// Divides towards minus infinity, as Python's `//` and `%`.
func dividedDown(_ number: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
