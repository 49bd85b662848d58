// The statistics of intensity signals: the twin of novin_ml/features/signals.py and
// _signal_math.py. Sums run from the first sample to the last in Double, as in Python; Swift's
// compiler neither reorders them nor joins a product and a sum into one rounding.

/// What an intensity signal is like, without the order of its samples.
///
/// All four are NaN where there is no signal; all but the duration where none of its samples is
/// valid.
public struct SignalStatistics: Equatable, Sendable {
    /// Samples, gaps included, over the sample rate, in seconds.
    public let duration: Float
    /// Root of the mean square of the valid samples, clipped at 1.
    public let energy: Float
    /// The largest valid sample.
    public let peak: Float
    /// Mean squared deviation of the valid samples from their mean.
    public let variance: Float

    /// Computes the statistics of a signal.
    ///
    /// - Parameters:
    ///   - raw: Intensities from 0 to 1, NaN where a sample is missing; nil or empty is no signal.
    ///   - sampleRate: Samples per second, more than 0; at any other rate there is no signal.
    public init(raw: [Float]?, sampleRate: Float) {
        let samples = sampleRate > 0 ? raw ?? [] : []
        let moments = Moments(samples)
        duration = signalDuration(samples, sampleRate: sampleRate)
        energy = Float(moments.energy(upTo: 1))
        peak = Float(moments.peak)
        variance = Float(moments.variance)
    }
}

/// Samples, gaps included, over the sample rate, in seconds; NaN without samples.
func signalDuration(_ samples: [Float], sampleRate: Float) -> Float {
    samples.isEmpty ? .nan : Float(Double(samples.count) / Double(sampleRate))
}

/// Sums of powers of the valid samples. Without a valid sample all but `count` are NaN.
struct Moments {
    /// The valid samples, in their order.
    let valid: [Double]
    let lowest: Double
    let peak: Double
    let mean: Double
    /// Sum of the squares.
    let square: Double
    let variance: Double

    init(_ samples: [Float]) {
        // + 0 turns -0 into 0, as in Python.
        valid = samples.filter { !$0.isNaN }.map { Double($0) + 0 }
        let count = Double(valid.count)
        guard let lowest = valid.min(), let peak = valid.max() else {
            (self.lowest, self.peak, mean, square, variance) = (.nan, .nan, .nan, .nan, .nan)
            return
        }
        // A mean beyond the extremes is an error of rounding: a constant signal deviates by 0.
        let mean = Swift.min(Swift.max(total(valid) { $0 } / count, lowest), peak)
        self.lowest = lowest
        self.peak = peak
        self.mean = mean
        square = total(valid) { $0 * $0 }
        variance = total(valid) { ($0 - mean) * ($0 - mean) } / count
    }

    /// Root of the mean square, clipped at the largest.
    func energy(upTo largest: Double) -> Double {
        let root = (square / Double(valid.count)).squareRoot()
        return root > largest ? largest : root
    }
}

/// Adds up a term of each element, from the first to the last.
func total<Elements: Sequence>(
    _ elements: Elements, _ term: (Elements.Element) -> Double
) -> Double {
    var sum = 0.0
    for element in elements {
        sum += term(element)
    }
    return sum
}

/// Divides, and gives 0 where the denominator is not positive.
func ratio(_ numerator: Double, _ denominator: Double) -> Double {
    denominator > 0 ? numerator / denominator : 0
}

/// Brings a signal to another rate: sample k is the mean of the valid samples i with
/// `floor(i * rate / sampleRate) == k`, NaN where there is none.
///
/// - Parameters:
///   - sampleRate: More than 0, unless there are no samples.
///   - longest: The most samples; what comes later is cut off.
func resample(_ samples: [Float], from sampleRate: Float, to rate: Double, longest: Int) -> [Float]
{
    if samples.isEmpty || (Double(sampleRate) == rate && samples.count <= longest) {
        return samples
    }
    func interval(_ instant: Int) -> Double {
        (Double(instant) * rate / Double(sampleRate)).rounded(.down)
    }
    let length = Int(Swift.min(interval(samples.count - 1) + 1, Double(longest)))
    var sums = [Double](repeating: 0, count: length)
    var counts = [Double](repeating: 0, count: length)
    for (instant, sample) in samples.enumerated() {
        let place = interval(instant)
        if place >= Double(length) { break }
        if !sample.isNaN {
            sums[Int(place)] += Double(sample)
            counts[Int(place)] += 1
        }
    }
    return zip(sums, counts).map { Float($0 / $1) }
}

/// Fills gaps on the straight line between the nearest valid samples; before the first one and
/// after the last, with that sample.
///
/// - Parameter samples: NaN in gaps; at least one is not.
func fillGaps(_ samples: [Double]) -> [Double] {
    var filled = samples
    var before: Int?
    for instant in samples.indices where !samples[instant].isNaN {
        let last = samples[instant]
        if let before, before + 1 < instant {
            let first = samples[before]
            for gap in before + 1..<instant {
                let share = Double(gap - before) / Double(instant - before)
                filled[gap] = first + (last - first) * share
            }
        } else if before == nil {
            for gap in 0..<instant { filled[gap] = last }
        }
        before = instant
    }
    if let before {
        for gap in before + 1..<samples.count { filled[gap] = samples[before] }
    }
    return filled
}
