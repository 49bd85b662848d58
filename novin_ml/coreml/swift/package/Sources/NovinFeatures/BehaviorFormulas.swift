// The formulas of the features of behavior: the twin of novin_ml/features/behavior/_formulas.py.

import Foundation

/// What a home reported before an event.
struct Past {
    /// Of the event, by the local clock.
    var minuteOfDay = 0
    /// How many events there were.
    var events = 0
    /// How many of them were of the event's kind and zone; in its hour of the day, weighted with the
    /// hours beside it, in quarters.
    var pair = 0
    var pairAroundHour = 0
    /// How many of these were in its mode of the home; likewise by the hour.
    var pairMode = 0
    var modeAroundHour = 0
    /// How many were at its zone at this hour, at the weekend or not.
    var week = 0
    /// How many followed what the home's last event was; and were of the event's kind and zone too.
    var previous = 0
    var order = 0
    /// How many were in its hour of the day and in the one before.
    var hour = 0
    var hourBefore = 0
    /// How many were in the last 60 and 1440 minutes.
    var inHour = 0
    var inDay = 0
    /// Milliseconds since the home's first event, its last one and its last one of the kind.
    var elapsed = 0
    var gap = 0
    var gapKind = 0
    /// Sum of the rarity of the last 8, in sixteenths of a bit.
    var recent = 0
}

extension Past {
    /// Over how many events the mean of the recent rarity is.
    static let recentCount = 8
    /// In how many parts of a bit the rarity is remembered.
    private static let sixteenths = 16.0
    /// Added to every count under a rarity: what was never seen is 2 bits rarer than what was, once.
    private static let floor = 0.25
    /// Weight, in events, of what is assumed of a context before anything was seen in it.
    private static let prior = 2.0

    /// What is remembered of the event's rarity, in whole sixteenths of a bit.
    var rarity: Int { Int(Past.sixteenths * modeHourRarity) }

    /// The 17 features, in the order of `FeatureSpecs.behavior`.
    var columns: [Float] {
        let seen = Double(events + 1)
        let days = max(Double(elapsed) / Double(Moment.day), 1)
        let share = Double(minuteOfDay % 60 + 1) / 60
        let usual = (share * Double(hour) + (1 - share) * Double(hourBefore)) / days
        let pairShare = (Double(pair) + Past.floor) / seen
        let aroundHour = Double(pairAroundHour) / 4
        let aroundModeHour = Double(modeAroundHour) / 4
        let unseen = [pair, pairAroundHour, pairMode, order].filter { $0 == 0 }.count
        let columns = [
            lineLog2(seen / (Double(week) + Past.floor)),
            lineLog2(seen / (Double(pair) + Past.floor)),
            lineLog2(seen / (aroundHour + Past.floor)),
            lineLog2((Double(pair) + Past.prior) / (aroundHour + Past.prior / 24)),
            lineLog2(seen / (Double(pairMode) + Past.floor)),
            modeHourRarity,
            lineLog2((Double(pairMode) + Past.prior) / (aroundModeHour + Past.prior / 24)),
            lineLog2(seen / (Double(order) + Past.floor)),
            lineLog2((Double(previous) + Past.prior) / (Double(order) + Past.prior * pairShare)),
            Double(unseen) * lineLog2(seen),
            Double(recent) / (Past.sixteenths * Double(Past.recentCount)),
            lineLog2(1 + Double(gap) / 1000),
            lineLog2(1 + Double(gapKind) / 1000),
            lineLog2(max(Double(inHour + 1) / (usual + 1), 1)),
            lineLog2(max(Double(inDay + 1) / (Double(events) / days + 1), 1)),
        ]
        let angle = 2 * Double.pi * Double(minuteOfDay) / 1440
        return ([sin(angle), cos(angle)] + columns).map { Float($0) }
    }

    private var modeHourRarity: Double {
        lineLog2(Double(events + 1) / (Double(modeAroundHour) / 4 + Past.floor))
    }
}

/// Logarithm to base 2 of a positive number, drawn straight between the powers of two:
/// for x = (1 + fraction) 2^exponent it is exponent + fraction.
func lineLog2(_ x: Double) -> Double {
    // frexp's exponent and mantissa, as in Python: the sum is rounded at the same place.
    Double(x.exponent + 1) + x.significand - 2
}
