"""Values of Python, numpy and pandas as JSON has them, so that the rules of files hold for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

_PLAIN = frozenset({str, int, float, bool, type(None)})


def as_json(value: Any) -> Any:
    """Return a number, a text, a time or a list of them as JSON has it; anything else as it is.

    A NaN of an array is null: a gap of a signal. A date and time is an ISO 8601 text; one in UTC
    ends in ``Z``, which tells the instant but not the home's clock.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray):
        is_signal = value.ndim == 1 and np.issubdtype(value.dtype, np.floating)
        value = value.tolist()
        if is_signal:
            return [None if each != each else each for each in value]
    if isinstance(value, list | tuple):
        return [*value] if _PLAIN.issuperset(map(type, value)) else [*map(_plain, value)]
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, datetime) and value is not pd.NaT:
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if value.tzname() == "UTC" else text
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return value


def as_field(name: str, value: Any) -> Any:
    """Return a cell of an event table as JSON has it: what a whole column is converted from.

    A length of time is its seconds, a name of a home a text, and a mode in lower case.
    """
    if name in ("duration", "utc_offset") and isinstance(value, timedelta | np.timedelta64):
        return value / np.timedelta64(1, "s")
    if name == "home_mode" and isinstance(value, str):
        return value.strip().lower() or None
    if name == "home_id" and isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(int(value))
    return float(value) if isinstance(value, Decimal) else as_json(value)


def event_as_json(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as JSON has it."""
    plain = {key: as_json(value) for key, value in event.items()}
    metadata = event.get("metadata")
    if isinstance(metadata, Mapping):
        plain["metadata"] = {key: as_json(value) for key, value in metadata.items()}
    return plain


def is_missing(value: Any) -> bool:
    """Tell whether a cell of a table is missing, as pandas has it."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, np.datetime64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and bool(np.isnan(value))
