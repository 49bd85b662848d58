// The power of 64 samples at each frequency: the twin of novin_ml/features/motion/_fourier.py. A decimation
// in time by halves, each + - * of Double written down, so that both languages get the same bits.

/// Samples of a frame of the Fourier transform.
let frameLength = 64

/// Returns the squared modulus of `sum(samples[t] exp(-2 pi i k t / 64))` for k = 0...32.
func powerOfFrame(_ samples: [Double]) -> [Double] {
    precondition(samples.count == frameLength)
    var transforms = Transforms(ofFours: samples)
    while transforms.count > 1 {
        transforms = transforms.joined()
    }
    return zip(transforms.real, transforms.imaginary).map { $0 * $0 + $1 * $1 }
}

/// `count` transforms: number r is that of the samples r, r + count, r + 2 count and so on. Of real
/// samples, bins beyond the middle are the conjugates of those before, and left out.
private struct Transforms {
    let count: Int
    let bins: Int
    /// Bin k of transform r is at k * count + r.
    var real: [Double]
    var imaginary: [Double]

    init(count: Int, bins: Int) {
        self.count = count
        self.bins = bins
        real = [Double](repeating: 0, count: count * bins)
        imaginary = real
    }

    /// Transforms each four samples that are 16 apart, which takes no product.
    init(ofFours samples: [Double]) {
        self.init(count: frameLength / 4, bins: 3)
        for r in 0..<count {
            let (a, b) = (samples[r], samples[r + count])
            let (c, d) = (samples[r + 2 * count], samples[r + 3 * count])
            real[r] = (a + c) + (b + d)
            real[count + r] = a - c
            imaginary[count + r] = -(b - d)
            real[2 * count + r] = (a + c) - (b + d)
        }
    }

    /// Makes transforms of twice as many samples of those of the even and of the odd samples.
    func joined() -> Transforms {
        var joined = Transforms(count: count / 2, bins: 2 * bins - 1)
        let step = (cosines.count - 1) / (bins - 1)
        for k in 0..<bins {
            let (cosine, sine) = (cosines[k * step], cosines[(bins - 1 - k) * step])
            let mirrored = joined.bins - 1 - k
            for r in 0..<joined.count {
                let (even, odd) = (k * count + r, k * count + r + joined.count)
                // The odd transform, turned by exp(-2 pi i k / n).
                let turnedReal = cosine * real[odd] + sine * imaginary[odd]
                let turnedImaginary = cosine * imaginary[odd] - sine * real[odd]
                let here = k * joined.count + r
                joined.real[here] = real[even] + turnedReal
                joined.imaginary[here] = imaginary[even] + turnedImaginary
                if mirrored > k {
                    let beyond = mirrored * joined.count + r
                    joined.real[beyond] = real[even] - turnedReal
                    joined.imaginary[beyond] = turnedImaginary - imaginary[even]
                }
            }
        }
        return joined
    }
}

/// cos(2 pi k / 64), k = 0...16, to the nearest Double: a table, so that all read the same bits.
private let cosines = [
    1.0, 0.9951847266721969, 0.9807852804032304, 0.9569403357322088, 0.9238795325112867,
    0.881921264348355, 0.8314696123025452, 0.773010453362737, 0.7071067811865476,
    0.6343932841636455, 0.5555702330196022, 0.47139673682599764, 0.3826834323650898,
    0.2902846772544624, 0.19509032201612828, 0.0980171403295606, 0.0,
]
