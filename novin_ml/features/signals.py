"""Statistics of raw intensity signals, many signals at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float32Array = NDArray[np.float32]

# Signals are reduced in blocks of this many, so that memory does not grow with the table.
_BLOCK = 4096


class SignalStatistics(NamedTuple):
    """Statistics of signals, NaN where a signal is missing or has no valid sample.

    Attributes
    ----------
    duration : ndarray of shape (n_signals,), float32
        Samples, gaps included, over the sample rate, in seconds.
    energy : ndarray of shape (n_signals,), float32
        Root of the mean square of the valid samples, clipped at 1.
    peak : ndarray of shape (n_signals,), float32
        Largest valid sample.
    variance : ndarray of shape (n_signals,), float32
        Mean squared deviation of the valid samples from their mean.
    """

    duration: Float32Array
    energy: Float32Array
    peak: Float32Array
    variance: Float32Array


def signal_statistics(
    signals: Sequence[np.ndarray | None] | np.ndarray, sample_rate: ArrayLike
) -> SignalStatistics:
    """Return duration, energy, peak and variance of intensity signals.

    Parameters
    ----------
    signals : sequence of (ndarray or None), shape (n_signals,)
        1-d signals with values in 0..1; NaN samples are gaps and are left out. Anything that is
        not an array counts as missing.
    sample_rate : array-like of shape (n_signals,)
        Samples per second of each signal.

    Returns
    -------
    statistics : SignalStatistics
        Four float32 arrays of shape (n_signals,).

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.features.signals import signal_statistics
    >>> statistics = signal_statistics([np.float32([0.3, np.nan, 0.5]), None], [10.0, 10.0])
    >>> statistics.peak
    array([0.5, nan], dtype=float32)
    """
    n_signals = len(signals)
    rates = np.asarray(sample_rate, dtype=np.float64)
    lengths = np.fromiter(
        (len(s) if isinstance(s, np.ndarray) else 0 for s in signals), np.int64, n_signals
    )
    duration, energy, peak, variance = np.full((4, n_signals), np.nan, dtype=np.float32)
    rows = np.flatnonzero(lengths)
    duration[rows] = lengths[rows] / rates[rows]
    for begin in range(0, len(rows), _BLOCK):
        block = rows[begin : begin + _BLOCK]
        starts = np.concatenate(([0], np.cumsum(lengths[block])[:-1]))
        # One float64 copy: reduced without numpy's casting buffer, each sum depends on its own
        # signal alone, whatever lies beside it.
        values = np.concatenate([signals[row] for row in block], dtype=np.float64)
        highest = np.fmax.reduceat(values, starts)
        valid = lengths[block].astype(np.float64)
        if np.isnan(values.sum()):
            gaps = np.isnan(values)
            values[gaps] = 0.0
            valid -= np.add.reduceat(gaps, starts, dtype=np.float64)
        total = np.add.reduceat(values, starts)
        square = np.add.reduceat(np.square(values, out=values), starts)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean, mean_square = total / valid, square / valid
        energy[block] = np.minimum(np.sqrt(mean_square), 1.0)
        peak[block] = highest
        variance[block] = np.maximum(mean_square - mean * mean, 0.0)
    return SignalStatistics(duration, energy, peak, variance)
