"""The features that distinguish motions by their intensity signals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.events.channel_signals import ChannelSignals
from novin_ml.events.samples import Samples
from novin_ml.events.signals import Signals
from novin_ml.exceptions import InvalidEventError
from novin_ml.features._signal_math import (
    SignalBlock,
    blocks_of_similar_length,
    resample,
    resampled_lengths,
    signal_chunks,
)
from novin_ml.features.base import EventFeatures, first_known
from novin_ml.features.motion._columns import motion_columns
from novin_ml.features.motion.channels import (
    Channels,
    Scaler,
    channels_document,
    channels_of_document,
    scaled_series,
)
from novin_ml.features.motion.specs import LONGEST, MOTION_FEATURES, RATE
from novin_ml.features.signals import signal_durations
from novin_ml.features.spec import FeatureSpec
from novin_ml.foreign import kind_of
from novin_ml.plain import plural

__all__ = ["MOTION_FEATURES", "MotionFeatures"]


class MotionFeatures(EventFeatures):
    """Turn signals into features that distinguish motions.

    An intensity signal has 24. Of signals of several channels, such as those of a watch, each
    channel has them, and so has the magnitude of each group of channels; a scaler that `fit` learns
    makes the unit of a channel not matter.

    The output has one row per signal, in the order of the table. A row depends only on its own
    signal, bit for bit. Signals that are already arrays need no event table.

    Parameters
    ----------
    channels : sequence of str, or dict of str to sequence of str, default=None
        None takes intensity signals of one sensor. Otherwise the names of the channels: those that
        differ only in a final ``_x``, ``_y`` or ``_z`` form a group, such as ``acc_x``, ``acc_y``
        and ``acc_z``. A dict names the groups, each with its channels. A group of one channel has
        no magnitude.

    Attributes
    ----------
    center_, scale_ : ndarray of shape (n_series,), float32
        Mean and standard deviation of all samples that `fit` was given, of each channel and then of
        the magnitude of each group, in the units of the channels. Only with `channels`.
    feature_specs : tuple of FeatureSpec
        The formula of each column; available before `fit`.
    n_features_in_ : int
        Number of columns of an event table that are read, or of channels.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype object
        Their names. Other columns of the table, and other channels, are ignored.

    See Also
    --------
    novin_ml.events.Signals : A table of signals, of any lengths and sample rates.
    novin_ml.events.ChannelSignals : A table of signals of several channels.

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

    Of signals of several channels:

    - The magnitude of a group is sqrt(c1^2 + c2^2 + ...) of its channels, sample by sample, in
      float64, rounded to float32; missing where a channel is.
    - A sample becomes (sample - center) / scale in float64, at least -10,000 and at most 10,000,
      rounded to float32. A constant series has the scale 1. The formulas above follow, at 10 Hz;
      the energy is not clipped, and a signal whose peak is negative never rises.
    - Columns are ``duration``, and then the 23 others of each channel and of each magnitude, such
      as ``acc_x_mean`` and ``acc_magnitude_mean``. A channel without a valid sample has NaN.

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

    Two signals of three channels, in any unit:

    >>> X = np.random.default_rng(0).normal(9.81, 2.0, (2, 3, 50))
    >>> features = MotionFeatures(channels=["acc_x", "acc_y", "acc_z"])
    >>> features.fit_transform(X).shape
    (2, 93)
    >>> features.get_feature_names_out()[[0, 1, -1]].tolist()
    ['duration', 'acc_x_energy', 'acc_magnitude_share_steps']
    """

    inputs: ClassVar[tuple[str, ...]] = ("duration", "energy", "raw", "sample_rate")

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "channels": [list, tuple, dict, np.ndarray, None],
    }

    def __init__(self, channels: Any = None) -> None:
        self.channels = channels

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return MOTION_FEATURES if self.channels is None else self._channels.feature_specs

    @property
    def keeps_state(self) -> bool:
        """Whether `fit` learns: the scales of channels."""
        return self.channels is not None

    @property
    def exported_entries(self) -> dict[str, str]:
        """The channels, their groups and their scales as ``feature_channels``, JSON."""
        if self.channels is None:
            return {}
        scaler = Scaler(self.center_, self.scale_)
        return {"feature_channels": json.dumps(channels_document(self._channels, scaler))}

    @classmethod
    def from_exported(cls, params: Mapping[str, float], entries: Mapping[str, str]) -> Self:
        """Return the transformer of an exported model, with its channels and scales.

        Parameters
        ----------
        params : mapping of str to float
            Its numeric parameters: none.
        entries : mapping of str to str
            ``feature_channels``, if it takes signals of several channels.

        Returns
        -------
        features : MotionFeatures
            It computes the columns that the model was trained on.
        """
        if "feature_channels" not in entries:
            return cls()
        channels, scaler = channels_of_document(json.loads(entries["feature_channels"]))
        features = cls(channels.declared)
        features._note_inputs()
        features._set_state({"center": scaler.center, "scale": scaler.scale})
        return features

    def fit(self, events: Any, y: object = None) -> Self:
        """Check the parameters and the table; learn the scales of channels.

        Parameters
        ----------
        events : DataFrame, Signals, ChannelSignals, list of arrays, or ndarray
            What `transform` takes.
        y : array-like of shape (n_events,), default=None
            Labels, as a pipeline with a classifier passes them. If they are given, the rows are
            a training set, and each must have consent if the table knows of consent.

        Returns
        -------
        self : object
            The transformer itself.

        Raises
        ------
        InvalidEventError
            If columns of the event table or channels are missing, if `y` is given and a row has no
            consent, or if a channel has no sample to learn its scale from.
        """
        super().fit(events, y)
        if self.channels is not None:
            signals = self._check_events(events)
            if y is not None and "consent" in signals.columns:
                self._require_consent(signals)
            scaler = Scaler.learn(self._channels, signals)
            self.center_, self.scale_ = scaler.center, scaler.scale
        return self

    def transform(self, events: Any) -> np.ndarray:
        """Compute the features of signals.

        Parameters
        ----------
        events : DataFrame, Signals, ChannelSignals, list of arrays, or ndarray
            Event table, or signals. Arrays are at 10 Hz: 1-d each or, with `channels`, 2-d of
            shape (n_channels, n_samples).

        Returns
        -------
        features : ndarray of shape (n_signals, n_columns), float32
            Columns as in `feature_specs`; a DataFrame after ``set_output(transform="pandas")``.

        Raises
        ------
        InvalidEventError
            If columns of the event table or channels are missing, or a signal does not hold
            intensities.
        """
        if self.channels is not None:
            check_is_fitted(self, "center_")
        events = self._check_events(events)
        features = np.full((len(events), len(self.feature_specs)), np.nan, dtype=np.float32)
        if isinstance(events, ChannelSignals):
            features[:, 0] = signal_durations(events)
            scaler = Scaler(self.center_, self.scale_)
            for place, samples in enumerate(scaled_series(self._channels, scaler, events)):
                first = 1 + place * (len(MOTION_FEATURES) - 1)
                own = features[:, first : first + len(MOTION_FEATURES) - 1]
                _compute(samples, own, scaled=True)
            return features
        if isinstance(events, pd.DataFrame):
            chunks = signal_chunks(events["raw"], events["sample_rate"].to_numpy())
        else:
            chunks = signal_chunks(events)
        for rows, signals in chunks:
            features[rows, 0] = signal_durations(signals)
            _compute(signals, features[rows, 1:])
        if isinstance(events, pd.DataFrame):
            for column, name in enumerate(("duration", "energy")):
                reported = events[name].to_numpy(np.float32)
                features[:, column] = first_known(features[:, column], reported)
        return features

    @property
    def _channels(self) -> Channels:
        return Channels.of(self.channels)

    def _note_inputs(self) -> None:
        if self.channels is None:
            super()._note_inputs()
        else:
            self.feature_names_in_ = np.array(self._channels.names, dtype=object)
            self.n_features_in_ = len(self.feature_names_in_)

    def _state_arrays(self) -> dict[str, np.ndarray]:
        """Return what `fit` learnt, for saving."""
        return {"center": self.center_, "scale": self.scale_} if self.keeps_state else {}

    def _set_state(self, arrays: dict[str, np.ndarray]) -> None:
        """Set what `fit` learnt; raise ValueError if it is no scale of each series."""
        shape = (len(self._channels.series),)
        for name in ("center", "scale"):
            array = arrays[name]
            if array.shape != shape or array.dtype != np.float32 or not np.isfinite(array).all():
                raise ValueError(
                    f"The {name} of channels must be {plural(shape[0], 'finite number')}."
                )
        if (arrays["scale"] <= 0).any():
            raise ValueError("The scale of channels must be positive.")
        self.center_, self.scale_ = arrays["center"], arrays["scale"]

    def _check_events(self, events: Any) -> Any:
        are_arrays = isinstance(events, (list, tuple, np.ndarray))
        if self.channels is None:
            several = isinstance(events, np.ndarray) and events.ndim == 3
            if several or isinstance(events, ChannelSignals):
                raise InvalidEventError(
                    "MotionFeatures takes intensity signals of one sensor unless it is given "
                    "channels. Got signals of several channels. Pass channels=[...], their names."
                )
            if are_arrays or isinstance(events, Signals):
                return events
            return super()._check_events(events)
        if are_arrays:
            return ChannelSignals.from_arrays(events, self._channels.names)
        if not isinstance(events, ChannelSignals):
            raise InvalidEventError(
                f"MotionFeatures of channels must be given signals of several channels. Got a "
                f"{kind_of(events)}. Make novin_ml.events.ChannelSignals of it."
            )
        return events.of(self._channels.names)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = self.keeps_state
        return tags


def _compute(signals: Samples, out: np.ndarray, *, scaled: bool = False) -> None:
    """Write the features of signals, but the duration, into `out`, which is full of NaN."""
    resampled = resampled_lengths(signals, RATE, LONGEST)
    for rows in blocks_of_similar_length(np.maximum(signals.lengths, resampled)):
        block = SignalBlock.of(resample(signals.take(rows), RATE, LONGEST))
        out[rows] = motion_columns(block, scaled=scaled).T
