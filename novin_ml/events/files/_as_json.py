"""Values of Python, numpy and pandas as JSON has them, so that the rules of files hold for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.tables.refusal import SPANS
from novin_ml.events.tables.values import as_float, seconds_of

_TIMES = frozenset({"timestamp", "end", "metadata.end"})
_PLAIN = frozenset({str, int, float, bool, type(None)})


def as_json(value: Any) -> Any:
    """Return a number, a text or a list of them as JSON has it; anything else as it is.

    A NaN of an array is null: a gap of a signal.
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.ndarray):
        is_signal = value.ndim == 1 and np.issubdtype(value.dtype, np.floating)
        value = value.tolist()
        if is_signal:
            return [None if each != each else each for each in value]
    if isinstance(value, list | tuple):
        return [*value] if _PLAIN.issuperset(map(type, value)) else [*map(_one_as_json, value)]
    return _one_as_json(value)


def _one_as_json(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return value


def _as_time(value: Any) -> Any:
    """Return a date and time as an ISO 8601 text, anything else as JSON has it.

    One in UTC ends in ``Z``, which tells the instant but not the home's clock.
    """
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value)
    if isinstance(value, datetime) and value is not pd.NaT:
        text = value.isoformat()
        return text.removesuffix("+00:00") + "Z" if value.tzname() == "UTC" else text
    return as_json(value)


def as_field(name: str, value: Any) -> Any:
    """Return a cell of an event table as JSON has it: what a whole column is converted from.

    A length of time is its seconds, a name of a home a text, and a mode or a state in lower case.
    """
    if name in SPANS and isinstance(value, timedelta | np.timedelta64):
        return seconds_of(value)
    if name in ("home_mode", "state") and isinstance(value, str):
        return value.strip().lower() or None
    if name == "home_id" and isinstance(value, int | np.integer) and not isinstance(value, bool):
        return str(int(value))
    return as_float(value) if isinstance(value, Decimal | Fraction) else _as_key(name, value)


def _as_key(name: str, value: Any) -> Any:
    """Return the value of a key as JSON has it; a date elsewhere than in a time is no text."""
    return _as_time(value) if name in _TIMES else as_json(value)


def event_as_json(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as JSON has it."""
    plain = {key: _as_key(key, value) for key, value in event.items()}
    metadata = event.get("metadata")
    if isinstance(metadata, Mapping):
        plain["metadata"] = {key: _as_key(key, value) for key, value in metadata.items()}
    return plain
