"""The formulas of the motion features, for a block of signals at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from novin_ml.features._signal_math import (
    BoolArray,
    Float32Array,
    Float64Array,
    Moments,
    SignalBlock,
    fill_gaps,
    moments,
    ratio,
    total,
)
from novin_ml.features.motion._fourier import power_of_frames
from novin_ml.features.motion.specs import (
    ACTIVE,
    FRAME,
    LONGEST_LAG,
    NO_POWER,
    RATE,
    RISE_FROM,
    RISE_TO,
    SHORTEST_LAG,
    SLOW_BAND,
    STEPS_BAND,
)


def motion_columns(block: SignalBlock, *, scaled: bool = False) -> Float32Array:
    """Return all features except the duration, shape (23, n_signals); NaN if nothing is valid.

    The energy of scaled samples is not clipped.
    """
    regardless = moments(block)
    course = _course(block, regardless)
    columns = np.array(
        [
            regardless.energy(np.inf if scaled else 1.0),
            regardless.mean,
            regardless.variance,
            regardless.peak,
            np.sqrt(regardless.square),
            *_quartiles(block, regardless),
            *_shape(regardless),
            *_flanks(course),
            *_activity(course),
            *_changes(course),
            *_periodicity(course),
            *_spectrum(course),
        ]
    )
    columns[:, regardless.n_valid == 0] = np.nan
    with np.errstate(over="ignore"):
        return columns.astype(np.float32)


class _Course(NamedTuple):
    """Signals over time with filled gaps: one row per instant, one column per signal."""

    filled: Float64Array
    deviations: Float64Array  # deviations of `filled` from the mean, 0 after the end
    inside: BoolArray
    lengths: Float64Array
    mean: Float64Array
    peak: Float64Array


def _course(block: SignalBlock, regardless: Moments) -> _Course:
    inside = block.inside()
    filled, deviations = regardless.samples, regardless.deviations
    gappy = np.flatnonzero((regardless.n_valid < block.lengths) & (regardless.n_valid > 0))
    if len(gappy):
        valid = ~np.isnan(block.samples[gappy].T)
        filled, deviations = filled.copy(), deviations.copy()
        filled[:, gappy] = fill_gaps(filled[:, gappy], valid)
        deviations[:, gappy] = (filled[:, gappy] - regardless.mean[gappy]) * inside[:, gappy]
    lengths = block.lengths.astype(np.float64)
    return _Course(filled, deviations, inside, lengths, regardless.mean, regardless.peak)


def _quartiles(block: SignalBlock, regardless: Moments) -> list[Float64Array]:
    ordered = np.sort(block.samples, axis=1)  # NaN last
    signals = np.arange(len(ordered))
    last = np.maximum(regardless.n_valid - 1, 0)
    quartiles = []
    for share in (0.25, 0.5, 0.75):
        place = last * share
        below = np.floor(place)
        above = np.minimum(below + 1, last)
        lower = ordered[signals, below.astype(np.intp)].astype(np.float64)
        upper = ordered[signals, above.astype(np.intp)].astype(np.float64)
        quartiles.append(lower + (upper - lower) * (place - below))
    return quartiles


def _shape(regardless: Moments) -> tuple[Float64Array, Float64Array]:
    deviations, n_valid, variance = regardless.deviations, regardless.n_valid, regardless.variance
    square = np.square(deviations)
    third = ratio(total(square * deviations), n_valid)
    fourth = ratio(total(np.square(square, out=square)), n_valid)
    return ratio(third, variance * np.sqrt(variance)), ratio(fourth, np.square(variance))


def _flanks(course: _Course) -> tuple[Float64Array, Float64Array]:
    started = (course.filled >= RISE_FROM * course.peak) & course.inside
    reached = (course.filled >= RISE_TO * course.peak) & course.inside
    rise = reached.argmax(axis=0) - started.argmax(axis=0)
    fall = reached[::-1].argmax(axis=0) - started[::-1].argmax(axis=0)
    return rise / RATE, fall / RATE


def _activity(course: _Course) -> tuple[Float64Array, Float64Array, Float64Array]:
    active = (course.filled > ACTIVE * course.peak) & course.inside
    n_instants, n_signals = active.shape
    # Concatenate the signals with a rest around each, so that edges come in pairs.
    line = np.zeros(n_signals * (n_instants + 1) + 1, dtype=bool)
    line[:-1].reshape(n_signals, -1)[:, 1:] = active.T
    edges = np.flatnonzero(line[1:] != line[:-1])
    begins, lengths = edges[::2], edges[1::2] - edges[::2]
    signal = begins // (n_instants + 1)
    longest = np.zeros(n_signals, dtype=np.int64)
    np.maximum.at(longest, signal, lengths)
    return (
        np.bincount(signal, lengths, n_signals) / course.lengths,
        np.bincount(signal, minlength=n_signals).astype(np.float64),
        longest / RATE,
    )


def _changes(course: _Course) -> tuple[Float64Array, Float64Array, Float64Array]:
    n, inside = course.lengths, course.inside[1:]
    above = course.filled > course.mean
    crossings = np.count_nonzero((above[1:] != above[:-1]) & inside, axis=0)
    steps = np.diff(course.filled, axis=0)
    np.abs(steps, out=steps)
    steps *= inside
    weighted = np.arange(len(course.filled))[:, np.newaxis] - (n - 1) / 2
    weighted *= course.deviations
    return (
        ratio(RATE * crossings, n - 1),
        ratio(RATE * total(steps), n - 1),
        ratio(RATE * total(weighted), n * (n * n - 1) / 12),
    )


def _periodicity(course: _Course) -> tuple[Float64Array, Float64Array]:
    deviations = course.deviations
    n_instants, n_signals = deviations.shape
    products = np.empty_like(deviations)
    sums = np.zeros((LONGEST_LAG + 2, n_signals))
    for lag in range(SHORTEST_LAG - 1, min(LONGEST_LAG + 2, n_instants)):
        np.multiply(deviations[lag:], deviations[:-lag], out=products[lag:])
        sums[lag] = total(products[lag:])
    correlation = ratio(sums, total(np.square(deviations, out=products)))
    before, here, after = (
        correlation[SHORTEST_LAG + step : LONGEST_LAG + 1 + step] for step in (-1, 0, 1)
    )
    peaks = np.where((here > before) & (here >= after) & (here > 0), here, 0.0)
    height = peaks.max(axis=0)
    best = np.where(height > 0, peaks.argmax(axis=0) + SHORTEST_LAG, 0)
    return height, best / RATE


def _spectrum(course: _Course) -> tuple[Float64Array, Float64Array, Float64Array]:
    n_instants, n_signals = course.deviations.shape
    n_frames = -(-n_instants // FRAME)
    padded = course.deviations
    if n_instants < n_frames * FRAME:
        padded = np.zeros((n_frames * FRAME, n_signals))
        padded[:n_instants] = course.deviations
    frames = padded.reshape(n_frames, FRAME, n_signals).swapaxes(0, 1)
    power = np.add.reduce(power_of_frames(frames), axis=1)  # from the first frame to the last
    all_bins = total(power[1:])
    noise = NO_POWER * FRAME * total(np.square(course.deviations))
    all_bins = np.where(all_bins > noise, all_bins, 0.0)
    bins = np.arange(len(power))[:, np.newaxis]
    return (
        ratio(RATE / FRAME * total(bins * power), all_bins),
        ratio(total(power[slice(*SLOW_BAND)]), all_bins),
        ratio(total(power[slice(*STEPS_BAND)]), all_bins),
    )
