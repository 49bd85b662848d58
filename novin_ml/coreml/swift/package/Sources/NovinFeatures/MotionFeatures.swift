// The features that tell motions apart: the twin of novin_ml/features/motion/features.py and
// _columns.py, formula by formula in the same order of operations.

/// Computes the features of a motion's intensity signal, in the order of `FeatureSpecs.motion`.
public enum MotionFeatures {
    /// Samples per second of the signal that the features are computed from.
    static let rate = 10.0
    /// The most samples that count: ten minutes.
    static let longest = 6_000
    /// Shares of the peak: where a rise begins and ends, and what an active sample exceeds.
    static let (riseFrom, riseTo, active) = (0.125, 0.875, 0.5)
    /// Lags of the autocorrelation at which a period is looked for, in samples.
    static let lags = 2...30
    /// Bins of the bands; bin k is at k * rate / 64 Hz.
    static let (slowBand, stepsBand) = (1..<6, 6..<17)
    /// Power in all bins but bin 0 below this share of the whole is an error of rounding.
    static let noPower = 1e-12

    /// Computes the features of an event; of one without a signal, what the event reports.
    public static func compute(_ event: Event) -> [Float] {
        var features = compute(raw: event.raw, sampleRate: event.sampleRate)
        if features[0].isNaN { features[0] = event.duration }
        if features[1].isNaN { features[1] = event.energy }
        return features
    }

    /// Computes the features of a signal.
    ///
    /// - Parameters:
    ///   - raw: Intensities from 0 to 1, NaN where a sample is missing; nil or empty is no signal.
    ///   - sampleRate: Samples per second, more than 0; at any other rate there is no signal.
    public static func compute(raw: [Float]?, sampleRate: Float) -> [Float] {
        let raw = sampleRate > 0 ? raw ?? [] : []
        return [signalDuration(raw, sampleRate: sampleRate)]
            + columns(of: raw, sampleRate: sampleRate, largestEnergy: 1)
    }

    /// Computes all features but the duration: of an intensity signal, or of a scaled channel, whose
    /// energy has no limit.
    static func columns(of raw: [Float], sampleRate: Float, largestEnergy: Double) -> [Float] {
        let samples = resample(raw, from: sampleRate, to: rate, longest: longest)
        let moments = Moments(samples)
        if moments.valid.isEmpty {
            return [Float](repeating: .nan, count: FeatureSpecs.motion.count - 1)
        }
        let course = Course(samples, moments)
        let columns =
            [moments.energy(upTo: largestEnergy), moments.mean, moments.variance, moments.peak]
            + [moments.square.squareRoot()]
            + quartiles(moments) + shape(moments)
            + flanks(course) + activity(course) + changes(course)
            + periodicity(course) + spectrum(course)
        return columns.map { Float($0) }
    }
}

/// A signal in time, its gaps filled.
private struct Course {
    let filled: [Double]
    /// Of `filled` from the mean.
    let deviations: [Double]
    let mean: Double
    let peak: Double

    init(_ samples: [Float], _ moments: Moments) {
        filled = fillGaps(samples.map { Double($0) + 0 })
        mean = moments.mean
        peak = moments.peak
        deviations = filled.map { [mean] in $0 - mean }
    }
}

extension MotionFeatures {
    private static func quartiles(_ moments: Moments) -> [Double] {
        let ordered = moments.valid.sorted()
        let last = Double(ordered.count - 1)
        return [0.25, 0.5, 0.75].map { share in
            let place = last * share
            let below = place.rounded(.down)
            let lower = ordered[Int(below)]
            let upper = ordered[Int(min(below + 1, last))]
            return lower + (upper - lower) * (place - below)
        }
    }

    /// Skew and kurtosis.
    private static func shape(_ moments: Moments) -> [Double] {
        let count = Double(moments.valid.count)
        let variance = moments.variance
        let deviations = moments.valid.map { $0 - moments.mean }
        let third = total(deviations) { $0 * $0 * $0 } / count
        let fourth = total(deviations) { ($0 * $0) * ($0 * $0) } / count
        return [
            ratio(third, variance * variance.squareRoot()),
            ratio(fourth, variance * variance),
        ]
    }

    /// The times in which the signal rises and falls.
    private static func flanks(_ course: Course) -> [Double] {
        let (low, high) = (riseFrom * course.peak, riseTo * course.peak)
        var started: ClosedRange<Int>?
        var reached: ClosedRange<Int>?
        for (instant, value) in course.filled.enumerated() {
            if value >= low { started = (started?.lowerBound ?? instant)...instant }
            if value >= high { reached = (reached?.lowerBound ?? instant)...instant }
        }
        guard let started, let reached else { return [0, 0] }  // the peak is in both
        return [
            Double(reached.lowerBound - started.lowerBound) / rate,
            Double(started.upperBound - reached.upperBound) / rate,
        ]
    }

    /// Share of active samples, number of their runs, and the longest one in seconds.
    private static func activity(_ course: Course) -> [Double] {
        var (active, bursts, run, longestRun) = (0, 0, 0, 0)
        for value in course.filled {
            if value > Self.active * course.peak {
                active += 1
                run += 1
                if run == 1 { bursts += 1 }
                longestRun = max(longestRun, run)
            } else {
                run = 0
            }
        }
        return [
            Double(active) / Double(course.filled.count), Double(bursts), Double(longestRun) / rate,
        ]
    }

    /// Crossings of the mean, jerk and slope.
    private static func changes(_ course: Course) -> [Double] {
        let (y, mean) = (course.filled, course.mean)
        let n = Double(y.count)
        let pairs = zip(y, y.dropFirst())
        let crossings = pairs.reduce(0) { $0 + (($1.0 > mean) != ($1.1 > mean) ? 1 : 0) }
        let steps = total(pairs) { abs($1 - $0) }
        let tilted = total(course.deviations.enumerated()) { instant, deviation in
            (Double(instant) - (n - 1) / 2) * deviation
        }
        return [
            ratio(rate * Double(crossings), n - 1),
            ratio(rate * steps, n - 1),
            ratio(rate * tilted, n * (n * n - 1) / 12),
        ]
    }

    /// The highest peak of the autocorrelation, and its lag in seconds.
    private static func periodicity(_ course: Course) -> [Double] {
        let e = course.deviations
        let whole = total(e) { $0 * $0 }
        // Each sum runs from its first product to its last, all lags side by side.
        var sums = [Double](repeating: 0, count: lags.upperBound + 2)
        for instant in e.indices.dropFirst() {
            for lag in 1...min(instant, lags.upperBound + 1) {
                sums[lag] += e[instant] * e[instant - lag]
            }
        }
        let correlation = sums.map { ratio($0, whole) }
        var (height, best) = (0.0, 0)
        for lag in lags {
            let here = correlation[lag]
            let isPeak = here > correlation[lag - 1] && here >= correlation[lag + 1]
            if isPeak && here > height { (height, best) = (here, lag) }
        }
        return [height, Double(best) / rate]
    }

    /// The centre of the power over the frequencies, and its shares in the two bands.
    private static func spectrum(_ course: Course) -> [Double] {
        let e = course.deviations
        var power = [Double](repeating: 0, count: frameLength / 2 + 1)
        for begin in stride(from: 0, to: e.count, by: frameLength) {
            var frame = Array(e[begin..<min(begin + frameLength, e.count)])
            frame += [Double](repeating: 0, count: frameLength - frame.count)
            for (bin, value) in powerOfFrame(frame).enumerated() {
                power[bin] += value
            }
        }
        let noise = noPower * Double(frameLength) * total(e) { $0 * $0 }
        var everything = total(power.dropFirst()) { $0 }
        if !(everything > noise) { everything = 0 }
        let weighted = total(power.enumerated()) { Double($0) * $1 }
        return [
            ratio(rate / Double(frameLength) * weighted, everything),
            ratio(total(power[slowBand]) { $0 }, everything),
            ratio(total(power[stepsBand]) { $0 }, everything),
        ]
    }
}
