// The local time as points on a circle: the twin of novin_ml/features/_clock.py.

import Foundation

private let day = 86_400.0
private let week = 604_800.0
/// 1 January 1970 was a Thursday; weeks begin on Monday, 00:00.
private let epochWeekday = 3 * day

/// Sine and cosine of the local time of day, then of week; NaN without an offset. They are the one
/// place where the last bit may differ from Python's.
func clockColumns(_ timestamp: Double, utcOffset: Float) -> [Double] {
    let local = timestamp + Double(utcOffset)
    let hour = 2 * Double.pi * (modulo(local, day) / day)
    let weekday = 2 * Double.pi * (modulo(local + epochWeekday, week) / week)
    return [sin(hour), cos(hour), sin(weekday), cos(weekday)]
}

/// The remainder of a division that is rounded down, as Python's `%`.
private func modulo(_ number: Double, _ divisor: Double) -> Double {
    let remainder = number.truncatingRemainder(dividingBy: divisor)
    return remainder < 0 ? remainder + divisor : remainder
}
