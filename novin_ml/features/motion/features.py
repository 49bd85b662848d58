"""The features that distinguish motions by their intensity signals."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

from novin_ml.events.signals import Signals
from novin_ml.features._signal_math import (
    SignalBlock,
    blocks_of_similar_length,
    resample,
    resampled_lengths,
    signal_chunks,
)
from novin_ml.features.base import EventFeatures, first_known
from novin_ml.features.motion._columns import motion_columns
from novin_ml.features.motion.specs import LONGEST, MOTION_FEATURES, RATE
from novin_ml.features.signals import signal_durations
from novin_ml.features.spec import FeatureSpec

__all__ = ["MOTION_FEATURES", "MotionFeatures"]


class MotionFeatures(EventFeatures):
    """Turn intensity signals into 24 features that distinguish motions.

    The output has one row per signal, in the order of the table. A row depends only on its own
    signal, bit for bit. Signals that are already arrays need no event table.

    Attributes
    ----------
    feature_specs : tuple of FeatureSpec
        The formula of each column; available before `fit`.
    n_features_in_ : int
        Number of columns of an event table that are read.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype object
        Their names. Other columns of the table are ignored.

    See Also
    --------
    novin_ml.events.Signals : A table of signals, of any lengths and sample rates.

    Notes
    -----
    Definitions for the formulas:

    - All formulas use the signal at 10 Hz. For another rate, sample k is the mean of the valid
      samples i with floor(i 10 / rate) = k, summed in float64 and rounded to float32, or a gap if
      there are none. Only the first 6,000 samples count.
    - x are the v valid samples, without gaps. y[0] .. y[n-1] is the signal over time. Its gaps are
      filled by linear interpolation between the nearest valid samples; before the first valid
      sample and after the last one, that sample is repeated. e = y - mean.
    - r[l] = sum(e[t] e[t+l]) / sum(e^2) is the autocorrelation; it is 0 if constant or if l >= n.
    - P[k] is the squared modulus of the discrete Fourier transform of 64 samples,
      sum(e[t] exp(-2 pi i k t / 64)), summed over successive frames of e, the last one padded with
      zeros; bin k is at 10 k / 64 Hz. There is no power if sum(P[k], k = 1..32) is at most
      64e-12 sum(e^2). The transform is written out with + - * and a table of cosines.
    - Sums run from the first sample to the last in float64, and the result is rounded to float32.
      Only + - * / and the square root are used, so that a phone gets the same bits.
    - The ranges of the specs are for signals in 0..1; larger samples are used unchanged.
    - Without a valid sample, all features except the duration are NaN. Without a signal, all
      features except the reported ones are NaN. A signal of one sample is constant.

    Times and thresholds are relative to the peak and the mean of the signal: a motion twice as far
    away differs only in the columns of intensity.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.features import MotionFeatures
    >>> seconds = np.arange(100) / 10
    >>> steps = 0.5 + 0.3 * np.sin(2 * np.pi * 2 * seconds)
    >>> features = MotionFeatures().set_output(transform="pandas").fit_transform([steps])
    >>> features[["duration", "period", "spectral_centroid"]].round(1).to_dict("records")
    [{'duration': 10.0, 'period': 0.5, 'spectral_centroid': 2.0}]
    """

    inputs: ClassVar[tuple[str, ...]] = ("duration", "energy", "raw", "sample_rate")

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return MOTION_FEATURES

    def transform(self, events: Any) -> np.ndarray:
        """Compute the features of signals.

        Parameters
        ----------
        events : DataFrame, Signals, list of 1-d arrays, or ndarray of shape (n_signals, n_samples)
            Event table, or signals; arrays are at 10 Hz.

        Returns
        -------
        features : ndarray of shape (n_signals, 24), float32
            Columns as in `feature_specs`; a DataFrame after ``set_output(transform="pandas")``.

        Raises
        ------
        InvalidEventError
            If columns of the event table are missing, or a signal does not hold intensities.
        """
        events = self._check_events(events)
        features = np.full((len(events), len(MOTION_FEATURES)), np.nan, dtype=np.float32)
        if isinstance(events, pd.DataFrame):
            chunks = signal_chunks(events["raw"].to_numpy(), events["sample_rate"].to_numpy())
        else:
            chunks = signal_chunks(events)
        for rows, signals in chunks:
            _compute(signals, out=features[rows])
        if isinstance(events, pd.DataFrame):
            for column, name in enumerate(("duration", "energy")):
                reported = events[name].to_numpy(np.float32)
                features[:, column] = first_known(features[:, column], reported)
        return features

    def _check_events(self, events: Any) -> Any:
        if isinstance(events, (Signals, list, tuple, np.ndarray)):
            return events
        return super()._check_events(events)


def _compute(signals: Signals, out: np.ndarray) -> None:
    """Write the features of signals into `out`, which is full of NaN."""
    out[:, 0] = signal_durations(signals)
    resampled = resampled_lengths(signals, RATE, LONGEST)
    for rows in blocks_of_similar_length(np.maximum(signals.lengths, resampled)):
        block = SignalBlock.of(resample(signals.take(rows), RATE, LONGEST))
        out[rows, 1:] = motion_columns(block).T
