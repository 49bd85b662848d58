"""Signals of several channels for golden vectors: those like the training data, and the edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.events import ChannelSignals
from novin_ml.features import MotionFeatures

_SEED = 8
_LENGTHS = (1, 2, 63, 64, 65, 300)
_RATES = (10.0, 12.5, 50.0, 3.0)


def takes_channels(features: Any) -> bool:
    """Whether a transformer takes signals of several channels, and no events."""
    return getattr(features, "channels", None) is not None


def golden_signals(features: MotionFeatures) -> Iterator[tuple[str, ChannelSignals]]:
    """Name and signal, each a table of one, for the channels of a fitted transformer."""
    rng = np.random.default_rng(_SEED)
    names = tuple(features.feature_names_in_)
    center = features.center_[: len(names), np.newaxis].astype(np.float64)
    scale = features.scale_[: len(names), np.newaxis].astype(np.float64)

    def waves(length: int) -> NDArray[np.float64]:
        beat = rng.uniform(0.1, 3, (len(names), 1)) * np.arange(length)
        return center + scale * (np.sin(beat) + rng.normal(size=(len(names), length)))

    def one(array: Any, rate: float = 10.0) -> ChannelSignals:
        return ChannelSignals.from_arrays([np.float32(array)], names, rate)

    for length in _LENGTHS:
        for rate in _RATES:
            yield f"{length}_samples_at_{rate:g}", one(waves(length), rate)
    gappy = waves(90)
    gappy[rng.random(gappy.shape) < 0.3] = np.nan
    yield "gaps", one(gappy)
    yield "gaps_at_25", one(gappy, 25.0)
    without = waves(40)
    without[0] = np.nan
    yield "nothing_of_a_channel", one(without)
    yield "nothing", one(np.full((len(names), 5), np.nan))
    yield "no_samples", one(np.empty((len(names), 0)))
    yield "constant", one(np.repeat(center, 20, axis=1))
    yield "zeros", one(np.full((len(names), 12), -0.0))
    yield "below_the_center", one(center - scale * (3 + rng.random((len(names), 30))))
    yield "far_off", one(np.where(rng.random((len(names), 30)) < 0.5, -1e30, 1e30))
    yield "the_longest", one(waves(6_100))


def as_bits(signal: ChannelSignals) -> dict[str, Any]:
    """Return a table of one signal as JSON: float32 numbers as unsigned integers."""
    values = np.ascontiguousarray(signal[0])
    return {
        "sample_rate": signal.sample_rate.view(np.uint32).tolist()[0],
        "channels": {
            name: own.view(np.uint32).tolist()
            for name, own in zip(signal.channels, values, strict=True)
        },
    }
