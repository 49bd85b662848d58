"""The formulas of the motion features as a phone would run them: one signal, plain loops.

Python's floats are float64; every result is rounded to float32 at the end.
"""

import cmath
import math

import numpy as np

#: Columns whose definition, but not their transform, has a cosine and a sine: equal to rounding.
SPECTRAL = ("spectral_centroid", "share_slow", "share_steps")

NAMES = (
    *("duration", "energy", "mean", "variance", "peak", "norm"),
    *("quartile_1", "median", "quartile_3", "skew", "kurtosis", "rise_time", "fall_time"),
    *("active_fraction", "bursts", "longest_burst", "mean_crossings", "jerk", "slope"),
    *("periodicity", "period", *SPECTRAL),
)


def reference(signal, sample_rate=10.0, scaled=False):
    """Return the 24 features of one signal by name; those of a channel if it is scaled."""
    features = dict.fromkeys(NAMES, math.nan)
    samples = [float(value) for value in np.asarray(signal, dtype=np.float32)]
    rate = float(np.float32(sample_rate))
    if samples:
        features["duration"] = len(samples) / rate
        samples = at_10_hz(samples, rate)
        if any(value == value for value in samples):
            features |= regardless_of_order(samples, math.inf if scaled else 1.0)
            features |= in_time(fill(samples), features["mean"], features["peak"])
    return {name: np.float32(value) for name, value in features.items()}


def at_10_hz(samples, rate):
    intervals = {}
    for i, value in enumerate(samples):
        valid = intervals.setdefault(math.floor(i * 10.0 / rate), [])
        if value == value:
            valid.append(value)
    resampled = [math.nan] * min(max(intervals) + 1, 6_000)
    for k, valid in intervals.items():
        if valid and k < len(resampled):
            resampled[k] = float(np.float32(added(valid) / len(valid)))
    return resampled


def added(values):
    result = 0.0
    for value in values:
        result += value
    return result


def regardless_of_order(samples, largest_energy):
    x = [value for value in samples if value == value]
    v = len(x)
    mean = min(max(added(x) / v, min(x)), max(x))
    square = added(value * value for value in x)
    deviations = [value - mean for value in x]
    variance = added(d * d for d in deviations) / v
    skew = kurtosis = 0.0
    if variance > 0:
        skew = added(d * d * d for d in deviations) / v / (variance * math.sqrt(variance))
        kurtosis = added((d * d) * (d * d) for d in deviations) / v / (variance * variance)
    x.sort()
    quartiles = []
    for share in (0.25, 0.5, 0.75):
        place = (v - 1) * share
        below = math.floor(place)
        above = min(below + 1, v - 1)
        quartiles.append(x[below] + (x[above] - x[below]) * (place - below))
    return {
        "energy": min(math.sqrt(square / v), largest_energy),
        "mean": mean,
        "variance": variance,
        "peak": x[-1],
        "norm": math.sqrt(square),
        "quartile_1": quartiles[0],
        "median": quartiles[1],
        "quartile_3": quartiles[2],
        "skew": skew,
        "kurtosis": kurtosis,
    }


def fill(samples):
    valid = [t for t, value in enumerate(samples) if value == value]
    filled = list(samples)
    for t, value in enumerate(samples):
        if value == value:
            continue
        before = max((p for p in valid if p < t), default=valid[0])
        after = min((p for p in valid if p > t), default=valid[-1])
        a, b = samples[before], samples[after]
        filled[t] = a if before >= after else a + (b - a) * ((t - before) / (after - before))
        if t < valid[0] or t > valid[-1]:
            filled[t] = samples[valid[0] if t < valid[0] else valid[-1]]
    return filled


def in_time(y, mean, peak):
    n = len(y)
    e = [value - mean for value in y]
    started = [t for t in range(n) if y[t] >= 0.125 * peak] or [0]
    reached = [t for t in range(n) if y[t] >= 0.875 * peak] or [0]
    runs = "".join("1" if value > 0.5 * peak else "0" for value in y).split("0")
    runs = [len(run) for run in runs if run]
    features = dict.fromkeys(("mean_crossings", "jerk", "slope"), 0.0) | {
        "rise_time": (reached[0] - started[0]) / 10,
        "fall_time": (started[-1] - reached[-1]) / 10,
        "active_fraction": sum(runs) / n,
        "bursts": len(runs),
        "longest_burst": max(runs, default=0) / 10,
    }
    if n > 1:
        crossings = sum((y[t] > mean) != (y[t - 1] > mean) for t in range(1, n))
        features["mean_crossings"] = 10.0 * crossings / (n - 1)
        features["jerk"] = 10.0 * added(abs(y[t] - y[t - 1]) for t in range(1, n)) / (n - 1)
        tilted = added((t - (n - 1) / 2) * e[t] for t in range(n))
        features["slope"] = 10.0 * tilted / (n * (n * n - 1) / 12)
    return features | periodicity(e) | spectrum(e)


def periodicity(e):
    n, whole = len(e), added(d * d for d in e)
    r = [0.0] * 32
    for lag in range(1, 32):
        if lag < n and whole > 0:
            r[lag] = added(e[t] * e[t + lag] for t in range(n - lag)) / whole
    best = 0
    for lag in range(2, 31):
        is_peak = r[lag] > r[lag - 1] and r[lag] >= r[lag + 1] and r[lag] > 0
        if is_peak and (best == 0 or r[lag] > r[best]):
            best = lag
    return {"periodicity": r[best] if best else 0.0, "period": best / 10}


def spectrum(e):
    power = [0.0] * 33
    for begin in range(0, len(e), 64):
        frame = e[begin : begin + 64]
        for k in range(33):
            wave = added(d * cmath.exp(-2j * cmath.pi * k * t / 64) for t, d in enumerate(frame))
            power[k] += abs(wave) ** 2
    everything = added(power[1:])
    if not everything > 64e-12 * added(d * d for d in e):
        return dict.fromkeys(SPECTRAL, 0.0)
    return {
        "spectral_centroid": 10 / 64 * added(k * power[k] for k in range(33)) / everything,
        "share_slow": added(power[1:6]) / everything,
        "share_steps": added(power[6:17]) / everything,
    }
