"""The channels of a signal: their groups, magnitudes and scales, and the columns of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.channel_signals import ChannelSignals, checked_names
from novin_ml.events.samples import Samples
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.motion.specs import MOTION_FEATURES
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import plural

#: A scaled sample beyond this is this: no sum of powers of samples overflows.
LARGEST = 10_000.0

_AXES = ("x", "y", "z")
_INFINITY = float("inf")
#: Ranges of the features that grow with the signal; the others are those of intensities.
_RANGES = {
    "energy": (0.0, LARGEST),
    "mean": (-LARGEST, LARGEST),
    "variance": (0.0, LARGEST**2),
    "peak": (-LARGEST, LARGEST),
    "norm": (0.0, _INFINITY),
    "quartile_1": (-LARGEST, LARGEST),
    "median": (-LARGEST, LARGEST),
    "quartile_3": (-LARGEST, LARGEST),
    "jerk": (0.0, _INFINITY),
    "slope": (-_INFINITY, _INFINITY),
}
#: Features whose formula differs from that of an intensity signal.
_MEANINGS = {
    "duration": "samples as sent, gaps included / sample rate as sent",
    "energy": "sqrt(sum(x^2) / v)",
}


@dataclass(frozen=True)
class Channels:
    """The channels that a signal must have, and the series that features are computed of.

    Attributes
    ----------
    names : tuple of str
        The channels, in the order of the model.
    groups : dict of str to tuple of str
        By the name of a group, the channels whose magnitude is a series of its own.
    """

    names: tuple[str, ...]
    groups: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, channels: Any) -> Channels:
        """Return the channels that are declared, or raise InvalidEventError.

        Parameters
        ----------
        channels : sequence of str, or mapping of str to sequence of str
            Names; those that differ only in a final ``_x``, ``_y`` or ``_z`` form a group. A
            mapping has the names of groups, each with its channels.
        """
        if isinstance(channels, Mapping):
            given = {name: tuple(members) for name, members in channels.items()}
            names = checked_names([name for members in given.values() for name in members])
        else:
            names = checked_names(channels)
            given = {}
            for name in names:
                stem, _, axis = name.rpartition("_")
                if stem and axis in _AXES:
                    given[stem] = (*given.get(stem, ()), name)
        found = cls(names, {name: each for name, each in given.items() if len(each) > 1})
        found._check_names()
        return found

    @property
    def declared(self) -> Any:
        """What `of` makes the same channels of: names, or groups."""
        if Channels.of(self.names) == self:
            return self.names
        grouped = {name: group for group, members in self.groups.items() for name in members}
        found: dict[str, tuple[str, ...]] = {}
        for name in self.names:
            # No channel is called like this, and a group of one has no magnitude.
            group = grouped.get(name, f"{name} alone")
            found[group] = (*found.get(group, ()), name)
        return found

    @property
    def series(self) -> tuple[str, ...]:
        """Names of the channels, and then of the magnitude of each group."""
        return (*self.names, *(f"{group}_magnitude" for group in self.groups))

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Specs of all columns: the duration of the signal, then the features of each series."""
        specs = [replace(MOTION_FEATURES[0], meaning=_MEANINGS[MOTION_FEATURES[0].name])]
        for series in self.series:
            for spec in MOTION_FEATURES[1:]:
                low, high = _RANGES.get(spec.name, (spec.low, spec.high))
                meaning = f"of {series}, scaled: {_MEANINGS.get(spec.name, spec.meaning)}"
                specs.append(FeatureSpec(f"{series}_{spec.name}", spec.unit, low, high, meaning))
        return tuple(specs)

    def samples(self, signals: ChannelSignals) -> Iterator[NDArray[np.float32]]:
        """Yield the samples of each series, shape (n_samples,), not yet scaled.

        A magnitude is the square root of the sum of the squares, added up in the order of the
        channels in float64; NaN where a channel is.
        """
        own = signals.of(self.names)
        yield from own.values
        for members in self.groups.values():
            square = np.zeros(own.values.shape[1])
            for name in members:
                square += np.square(own.values[self.names.index(name)].astype(np.float64))
            yield np.sqrt(square).astype(np.float32)

    def _check_names(self) -> None:
        wrong = [name for name in self.groups if not (name.isascii() and name.isidentifier())]
        twice = [name for name in self.series if self.series.count(name) > 1]
        if wrong or twice:
            raise InvalidEventError(
                "The groups of channels must have ASCII identifiers as names, of which no "
                f"magnitude has the name of a channel. Got {(wrong or twice)[0]!r}. Rename the "
                "group or the channel."
            )


@dataclass(frozen=True)
class Scaler:
    """The mean and the standard deviation of each series in the signals that were trained on.

    Attributes
    ----------
    center, scale : ndarray of shape (n_series,), float32
        In the unit of the channel. A constant series has a scale of 1.
    """

    center: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def learn(cls, channels: Channels, signals: ChannelSignals) -> Scaler:
        """Learn from all valid samples; raise InvalidEventError if a series has none."""
        center, scale = [], []
        for name, samples in zip(channels.series, channels.samples(signals), strict=True):
            valid = samples[~np.isnan(samples)].astype(np.float64)
            if not len(valid):
                raise InvalidEventError(
                    f"The signals to train on must have samples of {name!r}, to learn its scale. "
                    "Got none that is not missing. Leave it out of 'channels'."
                )
            low, high = float(valid.min()), float(valid.max())
            mean = min(max(float(valid.mean()), low), high)
            center.append(mean)
            deviation = math.sqrt(float(np.square(valid - mean).mean())) if low < high else 1.0
            scale.append(deviation)
        scales = np.array(scale, dtype=np.float32)
        return cls(np.array(center, dtype=np.float32), np.where(scales > 0, scales, np.float32(1)))

    def scaled(self, samples: NDArray[np.float32], place: int) -> NDArray[np.float32]:
        """Return (sample - center) / scale in float64, within -10,000 and 10,000, as float32."""
        values = samples.astype(np.float64)
        values -= np.float64(self.center[place])
        values /= np.float64(self.scale[place])
        return np.clip(values, -LARGEST, LARGEST).astype(np.float32)


def scaled_series(channels: Channels, scaler: Scaler, signals: ChannelSignals) -> Iterator[Samples]:
    """Yield each series, scaled, as a table of samples."""
    for place, samples in enumerate(channels.samples(signals)):
        yield Samples(scaler.scaled(samples, place), signals.offsets, signals.sample_rate)


def channels_document(channels: Channels, scaler: Scaler) -> dict[str, Any]:
    """Return channels and scales as JSON: float32 numbers as doubles that are equal to them."""
    return {
        "channels": list(channels.names),
        "groups": [[name, list(members)] for name, members in channels.groups.items()],
        "center": [float(number) for number in scaler.center],
        "scale": [float(number) for number in scaler.scale],
    }


def channels_of_document(document: Any) -> tuple[Channels, Scaler]:
    """Return the channels and scales of a document; raise ValueError or KeyError if it is none."""
    names, groups = document["channels"], dict(document["groups"])
    channels = Channels(checked_names(names), {name: tuple(own) for name, own in groups.items()})
    center, scale = (np.array(document[name], dtype=np.float32) for name in ("center", "scale"))
    if center.shape != (len(channels.series),) or scale.shape != center.shape:
        raise ValueError(
            f"a center and a scale for each of {plural(len(channels.series), 'series', 'series')}"
        )
    return channels, Scaler(center, scale)
