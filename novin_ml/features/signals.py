"""Statistics of many raw intensity signals that do not depend on the order of samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.events.channel_signals import ChannelSignals
from novin_ml.events.samples import Samples
from novin_ml.features._signal_math import (
    SignalBlock,
    blocks_of_similar_length,
    moments,
    signal_chunks,
)

Float32Array = NDArray[np.float32]


class SignalStatistics(NamedTuple):
    """Statistics of signals; NaN if a signal is missing or has no valid sample.

    Attributes
    ----------
    duration : ndarray of shape (n_signals,), float32
        Number of samples, gaps included, divided by the sample rate, in seconds.
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
    signals: Sequence[np.ndarray | None] | np.ndarray | pd.Series, sample_rate: ArrayLike
) -> SignalStatistics:
    """Return duration, energy, peak and variance of intensity signals.

    Parameters
    ----------
    signals : sequence of (ndarray or None), shape (n_signals,)
        1-d signals with values in 0..1; NaN samples are gaps and are left out. None or NaN stands
        for a missing signal. A Series is the column `raw` of an event table.
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
    duration, energy, peak, variance = np.full((4, len(signals)), np.nan, dtype=np.float32)
    for rows, table in signal_chunks(signals, sample_rate):
        duration[rows] = signal_durations(table)
        for members in blocks_of_similar_length(table.lengths):
            block = moments(SignalBlock.of(table.take(members)))
            energy[rows][members] = block.energy()
            peak[rows][members] = block.peak
            variance[rows][members] = block.variance
    return SignalStatistics(duration, energy, peak, variance)


def signal_durations(signals: Samples | ChannelSignals) -> Float32Array:
    """Return the durations of signals in seconds, gaps included; NaN if missing."""
    seconds = signals.lengths / signals.sample_rate.astype(np.float64)
    return np.where(signals.lengths > 0, seconds, np.nan).astype(np.float32)
