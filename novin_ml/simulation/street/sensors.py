"""What the sensors of simulated homes report of what happened."""

from __future__ import annotations

import numpy as np
import pandas as pd

from novin_ml.events.fields import column_dtypes
from novin_ml.events.kinds import event_kind
from novin_ml.events.zones import normalize_zones
from novin_ml.simulation.homes import (
    Homes,
    draw_modes,
    home_names,
    spell_locations,
    spell_types,
)
from novin_ml.simulation.signals.signals import NO_STYLE, synthesise
from novin_ml.simulation.signals.styles import style_parameter

#: Chances that a part of a signal, a confidence, a mode or a location is lost on the way.
DROPOUT, NO_CONFIDENCE, NO_MODE, NO_LOCATION = 0.04, 0.02, 0.01, 0.01

_SWITCH_CONFIDENCE = 0.95  # of doorbells, doors and vehicles


def event_table(
    rng: np.random.Generator,
    homes: Homes,
    events: dict[str, np.ndarray],
    time: np.ndarray,
    *,
    signals: bool = True,
) -> pd.DataFrame:
    """Return the event table that the homes send, without labels.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        The homes, each once.
    events : dict of ndarray
        Columns from `Log.collect`, in the order of the table.
    time : ndarray of shape (n_events,)
        Seconds since the epoch.
    signals : bool, default=True
        Whether motions have a raw signal and its energy. Without them the confidences spread more.

    Returns
    -------
    events : DataFrame
        Event table.
    """
    n = len(time)
    at = homes.at(events["home"])
    types = spell_types(at, events["kind"])
    location = spell_locations(at, events["zone"])
    location[rng.random(n) < NO_LOCATION] = None
    mode = draw_modes(rng, at, events["local"])
    mode[~at.sends_mode | (rng.random(n) < NO_MODE)] = None

    motion = np.flatnonzero(events["style"] != NO_STYLE)
    style = events["style"][motion]
    raw, energy = np.full(n, None), np.full(n, np.nan)
    confidence = np.full(n, _SWITCH_CONFIDENCE)
    if signals:
        recorded, energy[motion] = synthesise(
            rng,
            style,
            events["duration"][motion],
            at.gain[motion] * np.exp(0.1 * rng.standard_normal(len(motion))),
            at.floor[motion],
            rng.random(len(motion)) < DROPOUT,
            at.sample_rate[motion],
            events["companion"][motion],
        )
        for row, signal in zip(motion, recorded, strict=True):
            raw[row] = signal
        raw[~at.sends_raw] = None
        strength = energy[motion] - 0.3
    else:
        strength = 0.2 * rng.standard_normal(len(motion))
    confidence[motion] = style_parameter("confidence", style) + 0.25 * strength
    confidence = np.clip(confidence + 0.09 * rng.standard_normal(n), 0.05, 0.99)
    confidence[rng.random(n) < NO_CONFIDENCE] = np.nan

    columns = {
        "home_id": home_names(len(homes))[events["home"]],
        "type": types,
        "kind": event_kind(types).array,
        "timestamp": time,
        "utc_offset": at.utc_offset,
        "confidence": np.round(confidence, 3),
        "location": location,
        "zone": normalize_zones(location).array,
        "home_mode": mode,
        "duration": np.where(at.sends_duration, events["duration"], np.nan),
        "energy": np.round(energy, 4),
        "raw": raw,
        "sample_rate": at.sample_rate,
        "consent": at.consent,
    }
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=dtype) for name, dtype in column_dtypes().items()}
    )
