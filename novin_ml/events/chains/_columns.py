"""The columns of a table of chains: in order, with their dtypes, and absent ones filled in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._arrays import mode_codes, numbers
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import CHAIN_COLUMNS
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

LABELS = ("label", "clean_label")


def checked_columns(table: Any) -> dict[str, Any]:
    """Return the columns of chains, in order and with their dtypes."""
    required = ("home_id", "start")
    if not isinstance(table, pd.DataFrame) or not set(required) <= set(table.columns):
        raise InvalidEventError(
            f"The table of chains must be a DataFrame with the columns {', '.join(required)}. "
            f"Got {list(getattr(table, 'columns', [kind_of(table)]))}. "
            "Use chains_from_events."
        )
    n_chains = len(table)
    absent = {"observed_until": np.nan, "utc_offset": np.nan, "consent": False, "n_left_out": 0}
    columns: dict[str, Any] = {}
    for name, dtype in CHAIN_COLUMNS.items():
        if name == "home_mode":
            codes = mode_codes(table[name]) if name in table else np.full(n_chains, -1, np.int8)
            columns[name] = pd.Categorical.from_codes(codes, dtype=dtype)
        elif name not in table:
            columns[name] = np.full(n_chains, absent[name], dtype=dtype)
        elif name == "consent":
            columns[name] = has_consent(table).copy()
        else:
            values = table[name].to_numpy(dtype=object if dtype == "object" else None, copy=True)
            if dtype != "object":
                values = numbers(values, name, np.dtype(dtype))
            columns[name] = _column(values)
    for name in (name for name in LABELS if name in table):
        labels = table[name].to_numpy(dtype=object, copy=True)
        labels[pd.isna(labels)] = None
        columns[name] = _column(labels)
    return columns


def _column(values: NDArray[Any]) -> Any:
    """Keep the dtype object of texts."""
    return pd.Series(values, dtype=object) if values.dtype == object else values
