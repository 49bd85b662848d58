"""Event tables written by hand."""

import numpy as np
import pandas as pd

from novin_ml.events import event_kind, normalize_zones
from novin_ml.events.fields import column_dtypes


def event_table(*rows, **defaults):
    """Return an event table of dicts of columns; what is left out is missing."""
    base = {
        "home_id": "home_1",
        "type": "motion",
        "timestamp": 0.0,
        "utc_offset": 0.0,
        "confidence": np.nan,
        "location": None,
        "home_mode": None,
        "duration": np.nan,
        "energy": np.nan,
        "raw": None,
        "sample_rate": 10.0,
        "consent": True,
    } | defaults
    columns = {name: [(base | row)[name] for row in rows] for name in base}
    columns["raw"] = np.empty(len(rows), dtype=object)
    for position, row in enumerate(rows):
        columns["raw"][position] = (base | row)["raw"]
    columns["kind"] = event_kind(columns["type"]).array
    columns["zone"] = normalize_zones(columns["location"]).array
    return pd.DataFrame(
        {name: pd.Series(columns[name], dtype=dtype) for name, dtype in column_dtypes().items()}
    )


def at(*times, **columns):
    """Return rows at these times, otherwise alike."""
    return [{"timestamp": float(time), **columns} for time in times]
