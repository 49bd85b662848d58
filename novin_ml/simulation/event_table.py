"""The event table that simulated homes send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import column_dtypes
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import Columns
from novin_ml.simulation.homes import Homes, draw_modes, home_names
from novin_ml.simulation.signals import synthesise
from novin_ml.simulation.signals.motion_styles import NO_STYLE, style_parameter
from novin_ml.simulation.vendors import spell_locations, spell_types

#: Chances that part of a signal, a confidence, a mode or a location is lost.
DROPOUT, NO_CONFIDENCE, NO_MODE, NO_LOCATION = 0.04, 0.02, 0.01, 0.01

_SWITCH_CONFIDENCE = 0.95  # of doorbells, doors and vehicles


def event_table(
    rng: np.random.Generator,
    homes: Homes,
    events: Columns,
    time: np.ndarray,
    *,
    draw: str,
    signals: bool = True,
) -> pd.DataFrame:
    """Return the event table that homes send, without labels.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        The homes, each once.
    events : dict of ndarray
        Columns of `SceneLog`, in the order of the table.
    time : ndarray of shape (n_events,)
        Seconds since 1970.
    draw : str
        What the names of the homes have in common: see `draw_name`.
    signals : bool, default=True
        Whether motions have a raw signal and its energy. Without them confidences spread more.

    Returns
    -------
    events : DataFrame
        Event table.
    """
    n = len(time)
    at = homes.at(events["home"])
    types = spell_types(events["kind"], at.vendor)
    location = spell_locations(events["zone"], at.vendor)
    location[chance(rng, n, NO_LOCATION)] = None
    mode = draw_modes(rng, at, events["local"])
    mode[~at.sends_mode | chance(rng, n, NO_MODE)] = None

    motion = np.flatnonzero(events["style"] != NO_STYLE)
    style = events["style"][motion]
    raw, energy = np.full(n, None), np.full(n, np.nan)
    confidence = np.full(n, _SWITCH_CONFIDENCE)
    if signals:
        recorded, energy[motion] = synthesise(
            rng,
            style,
            events["duration"][motion],
            lognormal(rng, len(motion), at.gain[motion], 0.1),
            at.floor[motion],
            chance(rng, len(motion), DROPOUT),
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
    confidence = draw_confidences(rng, confidence)

    found = DEFAULT_VOCABULARY.columns_of(
        pd.Series(types, dtype=object), pd.Series(location, dtype=object)
    )
    columns = {
        "home_id": home_names(len(homes), draw)[events["home"]],
        "type": types,
        "kind": found["kind"].array,
        "timestamp": time,
        "utc_offset": at.utc_offset,
        "confidence": confidence,
        "location": location,
        "zone": found["zone"].array,
        "home_mode": mode,
        "duration": np.where(at.sends_duration, events["duration"], np.nan),
        "energy": np.round(energy, 4),
        "raw": raw,
        "sample_rate": at.sample_rate,
        "consent": at.consent,
    }
    return table_of(columns, column_dtypes())


def draw_confidences(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Draw the confidences that sensors report around these means; some are lost (NaN)."""
    confidence = np.clip(mean + 0.09 * rng.standard_normal(len(mean)), 0.05, 0.99)
    confidence[chance(rng, len(mean), NO_CONFIDENCE)] = np.nan
    return np.round(confidence, 3)


def table_of(columns: Mapping[str, Any], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    """Return a table of the columns that have a dtype, in the order of the dtypes."""
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=dtype) for name, dtype in dtypes.items()}
    )
