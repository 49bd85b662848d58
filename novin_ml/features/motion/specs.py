"""The specs of the features of a motion's intensity signal."""

from __future__ import annotations

from novin_ml.events.fields import MAX_RAW_SAMPLES
from novin_ml.features.spec import FeatureSpec

#: Samples per second of the signal that the features are computed from.
RATE = 10.0

#: Maximum number of samples that count: ten minutes.
LONGEST = MAX_RAW_SAMPLES

#: Shares of the peak, exact in float32: the begin and the end of a rise, and the threshold of an
#: active sample.
RISE_FROM, RISE_TO, ACTIVE = 0.125, 0.875, 0.5

#: Lags of the autocorrelation that are searched for a period, in samples, both ends included.
SHORTEST_LAG, LONGEST_LAG = 2, 30

#: Samples of a frame of the Fourier transform.
FRAME = 64

#: cos(2 pi k / 64), k = 0..16, to the nearest float64; as a table it is the same on all machines.
COSINES = (
    1.0,
    0.9951847266721969,
    0.9807852804032304,
    0.9569403357322088,
    0.9238795325112867,
    0.881921264348355,
    0.8314696123025452,
    0.773010453362737,
    0.7071067811865476,
    0.6343932841636455,
    0.5555702330196022,
    0.47139673682599764,
    0.3826834323650898,
    0.2902846772544624,
    0.19509032201612828,
    0.0980171403295606,
    0.0,
)

#: Bins of the bands, the last one excluded; bin k is at k * RATE / FRAME Hz.
SLOW_BAND, STEPS_BAND = (1, 6), (6, 17)

#: If the power in all bins except bin 0 is below this share of the whole, it is a rounding error.
NO_POWER = 1e-12

_INFINITY = float("inf")


def _band(name: str, bins: tuple[int, int]) -> FeatureSpec:
    first, stop = bins
    low, high = ((k - 0.5) * RATE / FRAME for k in bins)
    return FeatureSpec(
        f"share_{name}",
        "1",
        0.0,
        1.0,
        f"sum(P[k], k = {first}..{stop - 1}) / sum(P[k], k = 1..{FRAME // 2}), "
        f"{low:.2f} to {high:.2f} Hz; 0 without power",
    )


#: The 24 features, in the order of the columns. `MotionFeatures` defines x, y, n, v, e, r and P.
MOTION_FEATURES: tuple[FeatureSpec, ...] = (
    FeatureSpec(
        "duration",
        "s",
        0.0,
        _INFINITY,
        "samples as sent, gaps included / sample rate as sent; as reported if there is no raw",
    ),
    FeatureSpec(
        "energy", "1", 0.0, 1.0, "min(1, sqrt(sum(x^2) / v)); as reported if there is no raw"
    ),
    FeatureSpec("mean", "1", 0.0, 1.0, "sum(x) / v, never beyond min(x) and max(x)"),
    FeatureSpec("variance", "1", 0.0, 0.25, "sum((x - mean)^2) / v"),
    FeatureSpec("peak", "1", 0.0, 1.0, "max(x)"),
    FeatureSpec("norm", "1", 0.0, float(LONGEST) ** 0.5, "sqrt(sum(x^2))"),
    FeatureSpec(
        "quartile_1",
        "1",
        0.0,
        1.0,
        "x sorted, at (v - 1) / 4, on the straight line between neighbours",
    ),
    FeatureSpec(
        "median",
        "1",
        0.0,
        1.0,
        "x sorted, at (v - 1) / 2, on the straight line between neighbours",
    ),
    FeatureSpec(
        "quartile_3",
        "1",
        0.0,
        1.0,
        "x sorted, at 3 (v - 1) / 4, on the straight line between neighbours",
    ),
    FeatureSpec(
        "skew",
        "1",
        -_INFINITY,
        _INFINITY,
        "sum((x - mean)^3) / v / (variance sqrt(variance)); 0 if constant",
    ),
    FeatureSpec(
        "kurtosis", "1", 0.0, _INFINITY, "sum((x - mean)^4) / v / variance^2; 0 if constant"
    ),
    FeatureSpec(
        "rise_time",
        "s",
        0.0,
        LONGEST / RATE,
        f"(first t with y[t] >= {RISE_TO:g} peak - first t with y[t] >= {RISE_FROM:g} peak) / 10",
    ),
    FeatureSpec(
        "fall_time",
        "s",
        0.0,
        LONGEST / RATE,
        f"(last t with y[t] >= {RISE_FROM:g} peak - last t with y[t] >= {RISE_TO:g} peak) / 10",
    ),
    FeatureSpec(
        "active_fraction", "1", 0.0, 1.0, f"number of t with y[t] > {ACTIVE:g} peak, active, / n"
    ),
    FeatureSpec("bursts", "1", 0.0, LONGEST / 2, "number of runs of active samples"),
    FeatureSpec(
        "longest_burst", "s", 0.0, LONGEST / RATE, "samples of the longest run of active ones / 10"
    ),
    FeatureSpec(
        "mean_crossings",
        "1/s",
        0.0,
        RATE,
        "10 / (n - 1) times the number of t with (y[t] > mean) != (y[t-1] > mean); 0 if n = 1",
    ),
    FeatureSpec(
        "jerk", "1/s", 0.0, RATE, "10 sum(|y[t] - y[t-1]|, t = 1..n-1) / (n - 1); 0 if n = 1"
    ),
    FeatureSpec(
        "slope",
        "1/s",
        -RATE,
        RATE,
        "10 sum((t - (n - 1) / 2) e[t]) / (n (n^2 - 1) / 12), the least squares line; 0 if n = 1",
    ),
    FeatureSpec(
        "periodicity",
        "1",
        0.0,
        1.0,
        f"greatest r[l] > 0, l = {SHORTEST_LAG}..{LONGEST_LAG}, with r[l] > r[l-1] and "
        "r[l] >= r[l+1]; 0 if there is none",
    ),
    FeatureSpec(
        "period",
        "s",
        0.0,
        LONGEST_LAG / RATE,
        "the least l / 10 at which r[l] is periodicity; 0 if periodicity is 0",
    ),
    FeatureSpec(
        "spectral_centroid",
        "Hz",
        0.0,
        RATE / 2,
        f"(10 / {FRAME}) sum(k P[k]) / sum(P[k]), k = 1..{FRAME // 2}; 0 without power",
    ),
    _band("slow", SLOW_BAND),
    _band("steps", STEPS_BAND),
)
