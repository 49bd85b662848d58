"""The sensors of a log, and until when each event was on."""

from __future__ import annotations

import numpy as np
import pandas as pd

_WORDS = ("type", "location", "kind", "zone")


def sensors_of(events: pd.DataFrame) -> np.ndarray:
    """Name the sensor of each event: its type at its location."""
    named = events["type"].astype(str) + " at " + events["location"].fillna("-").astype(str)
    return named.to_numpy(dtype=object)


def sensor_columns(
    events: pd.DataFrame, of_home: pd.DataFrame, sensors: np.ndarray
) -> pd.DataFrame:
    """Return events as if sensors of a home had sent them."""
    first = pd.Series(np.arange(len(of_home)), index=sensors_of(of_home))
    rows = first[~first.index.duplicated()][sensors].to_numpy()
    return events.assign(**{name: of_home[name].array[rows] for name in _WORDS})


def ends_of(events: pd.DataFrame) -> np.ndarray:
    """Return when each event ended, from its end or its duration; NaN where it tells neither."""
    end = events["timestamp"].to_numpy() + events["duration"].to_numpy(np.float64)
    told = events["end"].to_numpy() if "end" in events else np.full(len(events), np.nan)
    return np.where(np.isnan(told), end, told)
