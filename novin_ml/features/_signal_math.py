"""Reductions of many signals at once, each as if it were alone.

Signals of similar lengths lie side by side, one column for each signal and one row for each
instant. Every reduction runs down the rows in float64: ``for x in signal: sum = sum + x``. A phone
that does the same gets the same bits, and no signal affects its neighbours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.ragged import offsets_of
from novin_ml.events.samples import DEFAULT_SAMPLE_RATE, Samples
from novin_ml.events.signals import Signals, signals_in

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Table = TypeVar("Table", bound=Samples)

# Samples of a block at most, so that a float64 array of them stays in the cache.
_BLOCK_SAMPLES = 1 << 16


# Arrays that are not a table yet become tables of this many signals.
_CHUNK_SIGNALS = 4096


def signal_chunks(
    signals: Signals | pd.Series | Sequence[Any] | np.ndarray,
    sample_rate: ArrayLike = DEFAULT_SAMPLE_RATE,
) -> Iterator[tuple[slice, Signals]]:
    """Yield tables of signals with their rows: a given table whole, arrays part by part.

    The parameters are those of `Signals.from_arrays`; a table needs no rates. A column is that of
    an event table, whose rule for samples is stricter.
    """
    if isinstance(signals, Signals):
        yield slice(None), signals
        return
    rates = np.broadcast_to(np.asarray(sample_rate, dtype=np.float32), len(signals))
    for begin in range(0, len(signals), _CHUNK_SIGNALS):
        rows = slice(begin, begin + _CHUNK_SIGNALS)
        if isinstance(signals, pd.Series):
            yield rows, signals_in(signals, rates[rows], rows)
        else:
            yield rows, Signals.from_arrays(signals[rows], rates[rows])


class SignalBlock(NamedTuple):
    """Signals side by side, in the layout of the module.

    Attributes
    ----------
    samples : ndarray of shape (n_signals, longest), float32
        One row for each signal, the layout for sorting. NaN in gaps and after the end of a signal.
    lengths : ndarray of shape (n_signals,), int64
        Number of samples of each signal, gaps included.
    """

    samples: Float32Array
    lengths: IntArray

    @classmethod
    def of(cls, signals: Samples) -> SignalBlock:
        """Lay the signals of a table side by side."""
        lengths = signals.lengths
        samples = np.full((len(lengths), lengths.max(initial=1)), np.nan, dtype=np.float32)
        # + 0 turns -0 into 0: the sign of a sum of zeros would depend on the neighbouring signals.
        samples[np.arange(samples.shape[1]) < lengths[:, np.newaxis]] = signals.values + 0
        return cls(samples, lengths)

    def inside(self) -> BoolArray:
        """Return, for each instant and signal, whether the signal has not ended yet."""
        return np.arange(self.samples.shape[1])[:, np.newaxis] < self.lengths


class Moments(NamedTuple):
    """Statistics of the valid samples of signals that do not depend on their order.

    `samples` and `deviations` from the mean have the shape (longest, n_signals) and are 0 where a
    sample is not valid; the others have the shape (n_signals,). For a signal without a valid
    sample, all but `n_valid` are NaN or 0.
    """

    samples: Float64Array
    deviations: Float64Array
    n_valid: Float64Array
    lowest: Float64Array
    peak: Float64Array
    mean: Float64Array
    square: Float64Array
    variance: Float64Array

    def energy(self, largest: float = 1.0) -> Float64Array:
        """Root of the mean square, clipped at the largest."""
        return np.minimum(np.sqrt(ratio(self.square, self.n_valid, np.nan)), largest)


def blocks_of_similar_length(lengths: IntArray) -> Iterator[IntArray]:
    """Yield the rows of signals for one block after the other, without empty signals.

    A block has at least two rows, and repeats a row if necessary: for a single column, numpy would
    sum the samples pairwise.
    """
    order = np.argsort(-lengths, kind="stable")
    order = order[: np.count_nonzero(lengths)]
    begin = 0
    while begin < len(order):
        size = max(_BLOCK_SAMPLES // int(lengths[order[begin]]), 2)
        rows = order[begin : begin + size]
        yield np.repeat(rows, 2) if len(rows) == 1 else rows
        begin += size


def total(values: np.ndarray) -> Float64Array:
    """Sum each column of float64 values from its first row to its last."""
    return np.add.reduce(values, axis=0)


def ratio(numerator: ArrayLike, denominator: ArrayLike, otherwise: float = 0.0) -> Float64Array:
    """Divide, and return `otherwise` where the denominator is not positive."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    known = denominator > 0
    return np.divide(numerator, denominator, out=np.full(known.shape, otherwise), where=known)


def moments(block: SignalBlock) -> Moments:
    """Reduce the valid samples of each signal."""
    samples = np.ascontiguousarray(block.samples.T).astype(np.float64)
    lowest = np.fmin.reduce(block.samples, axis=1).astype(np.float64)
    peak = np.fmax.reduce(block.samples, axis=1).astype(np.float64)
    invalid = np.isnan(samples)
    samples[invalid] = 0.0
    n_valid = len(samples) - np.count_nonzero(invalid, axis=0).astype(np.float64)
    # A mean beyond the extremes is a rounding error: a constant signal deviates by 0.
    mean = np.clip(ratio(total(samples), n_valid, np.nan), lowest, peak)
    deviations = samples - mean
    deviations[invalid] = 0.0
    variance = ratio(total(np.square(deviations)), n_valid, np.nan)
    square = total(np.square(samples))
    return Moments(samples, deviations, n_valid, lowest, peak, mean, square, variance)


def fill_gaps(samples: Float64Array, valid: BoolArray) -> Float64Array:
    """Fill invalid samples by linear interpolation between the nearest valid samples.

    Before the first valid sample and after the last one, that sample is repeated.

    Parameters
    ----------
    samples, valid : ndarray of shape (longest, n_signals)
        The samples, and which of them are valid. A column without a valid sample stays unfilled.

    Returns
    -------
    filled : ndarray of shape (longest, n_signals), float64
        ``a + (b - a) * ((t - t_a) / (t_b - t_a))``, where a and b are the samples at t_a and t_b.
    """
    n_instants = len(samples)
    instants = np.arange(n_instants)[:, np.newaxis]
    before = np.maximum.accumulate(np.where(valid, instants, -1), axis=0)
    after = np.minimum.accumulate(np.where(valid, instants, n_instants)[::-1], axis=0)[::-1]
    before, after = (
        np.where(before < 0, after, before),
        np.where(after == n_instants, before, after),
    )
    before, after = np.clip(before, 0, n_instants - 1), np.clip(after, 0, n_instants - 1)
    first = np.take_along_axis(samples, before, axis=0)
    last = np.take_along_axis(samples, after, axis=0)
    share = (instants - before) / np.maximum(after - before, 1)
    return np.where(valid, samples, first + (last - first) * share)


def resampled_lengths(signals: Samples, rate: float, longest: int) -> IntArray:
    """Return the number of samples that `resample` gives each signal."""
    last = _interval(np.maximum(signals.lengths - 1, 0), signals.sample_rate, rate)
    return np.where(signals.lengths > 0, np.minimum(last + 1, longest), 0)


def resample(signals: Table, rate: float, longest: int) -> Table:
    """Bring signals to one rate: sample k is the mean of the valid samples in its interval.

    Parameters
    ----------
    signals : Samples
        Signals of any rates.
    rate : float
        The new rate, in hertz.
    longest : int
        Maximum number of samples; later ones are cut off.

    Returns
    -------
    signals : Samples
        An object of the same class. Sample k is the mean of the valid samples i with
        ``floor(i * rate / sample_rate) == k``, or a gap if there is none. A signal
        that already has this rate is unchanged.
    """
    lengths = resampled_lengths(signals, rate, longest)
    if np.all(signals.sample_rate == rate) and np.array_equal(lengths, signals.lengths):
        return signals
    owner = np.repeat(np.arange(len(signals)), signals.lengths)
    instant = np.arange(len(owner)) - signals.offsets[:-1][owner]
    interval = _interval(instant, signals.sample_rate[owner], rate)
    kept = (interval < longest) & ~np.isnan(signals.values)
    offsets = offsets_of(lengths)
    place = (offsets[:-1][owner] + interval)[kept]
    n_places = int(offsets[-1])
    # bincount adds up in the order of the samples.
    sums = np.bincount(place, signals.values[kept].astype(np.float64), n_places)
    with np.errstate(invalid="ignore"):
        values = sums / np.bincount(place, minlength=n_places)
    return type(signals)(
        values.astype(np.float32), offsets, np.full(len(signals), rate, dtype=np.float32)
    )


def _interval(instant: IntArray, sample_rate: Float32Array, rate: float) -> IntArray:
    """Return the interval of the new rate in which an instant lies."""
    interval = np.floor(instant * rate / sample_rate.astype(np.float64))
    # Far beyond the longest signal, and within int64.
    return np.minimum(interval, 2**53).astype(np.int64)
