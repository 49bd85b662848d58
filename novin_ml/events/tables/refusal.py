"""The error of a value of an event table that breaks a rule: column, row and remedy."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import EventField
from novin_ml.events.shown import show
from novin_ml.events.tables.offsets import OFFSET_STEP, WIDEST_OFFSET
from novin_ml.events.tables.values import as_float, is_missing, is_number
from novin_ml.exceptions import InvalidEventError

__all__ = ["LEAVE_OUT", "SPANS", "expected_of", "refusal", "remedy_of", "remedy_of_number"]

LEAVE_OUT = "Correct it or leave the row out"
_MISSING = "use NaN where it is not known"
#: Years before and after those that a time may be of, whatever its zone.
_FIRST, _LAST = 1969, 2201
#: Fields in seconds, which a length of time tells as well.
SPANS = frozenset({"duration", "utc_offset"})
_UNITS = (("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9))


def refusal(
    column: pd.Series,
    row: int,
    field: EventField,
    remedy: str | None = None,
    got: str | None = None,
) -> InvalidEventError:
    """Return the error of a value of a column that breaks the rule of its field."""
    value = column.iloc[row]
    if isinstance(value, np.generic) and value.dtype.kind in "iufb":
        value = value.item()
    got = _shown(value) if got is None else got
    label = column.index[row]
    # Of a table that was filtered or sorted the label finds the row as well.
    of_index = "" if type(label) is int and label == row else f" (index {show(label)})"
    missing = is_missing(value)
    return InvalidEventError(
        f"Row {row}{of_index} of the event table: {field.name} must be {expected_of(field, value)}."
        f" Got {'nothing' if missing else got} instead. "
        f"{remedy or remedy_of(field, value)}."
    )


def expected_of(field: EventField, value: Any) -> str:
    """Return what a table must hold: a time is a number there, and an offset one of a clock."""
    if field.name == "utc_offset":
        return f"a multiple of {OFFSET_STEP:g} s from {-WIDEST_OFFSET:g} to {WIDEST_OFFSET:g}"
    if field.type == "time":
        later = "" if field.required else ", and not before timestamp"
        return f"a number of seconds since 1970, to the year 2200{later}"
    return field.expected


def remedy_of(field: EventField, value: Any) -> str:
    """Return how to correct a value of a column that breaks the rule of its field."""
    name = field.name
    if field.type == "time" and not is_number(value):
        return _remedy_of_time(name, value)
    if field.type in ("number", "time"):
        if isinstance(value, str):
            return _remedy_of_text(name, value)
        if isinstance(value, timedelta | np.timedelta64) and name in SPANS:
            return f"Correct it, or {_MISSING}"
        if not is_number(value):
            return f"Give the column numbers; {_MISSING}"
        return remedy_of_number(field, as_float(value))
    if field.type == "flag":
        words = "{'true': True, 'false': False}"
        return f"Convert the column by events[{name!r}].str.strip().str.lower().map({words})"
    if field.type == "samples":
        return "Use a list of numbers, or None where there is no signal"
    if field.choices:
        return f"Write it as one of {', '.join(field.choices)}; use None where it is not known"
    if field.type == "text" and isinstance(value, bytes):
        return f"Convert the column by events[{name!r}].str.decode('utf-8')"
    if field.type == "text" and not isinstance(value, str):
        return f"Convert the column by events[{name!r}].astype(str)"
    return LEAVE_OUT


def remedy_of_number(field: EventField, value: float) -> str:
    """Return how to correct a number that the field does not take."""
    if field.type == "time":
        for unit, factor in _UNITS:
            if field.high < value <= field.high * factor:
                return f"If it is in {unit}, divide by {factor:,.0f}"
        return LEAVE_OUT
    if field.name == "utc_offset" and math.isfinite(value):
        return _remedy_of_offset(abs(value))
    if value == -1:
        return "If -1 stands for a missing value, use NaN instead"
    if field.high == 1 and 1 < value <= 100:
        return "If it is in percent, divide by 100"
    if field.high == 1 and 100 < value <= 255:
        return "If it is of 8 bits, divide by 255"
    return f"Correct it, or {_MISSING}"


def _remedy_of_offset(ahead: float) -> str:
    if ahead <= 18:
        return "If it is in hours, multiply by 3,600"
    if ahead < OFFSET_STEP:
        return "If it is in minutes, multiply by 60"
    if ahead > WIDEST_OFFSET and ahead <= WIDEST_OFFSET * 1000 and ahead % 900_000 == 0:
        return "If it is in milliseconds, divide by 1,000"
    return f"Use the seconds that the clock is ahead of UTC, or {_MISSING}"


def _remedy_of_time(name: str, value: Any) -> str:
    if isinstance(value, str):
        if _holds_number(value):
            return _remedy_of_text(name, value)
        return (
            "Read dates and times with novin_ml.events.read_events, or convert the column by "
            f"pd.to_datetime(events[{name!r}], utc=True) if they have an offset from UTC"
        )
    if isinstance(value, pd.Period):
        return f"Convert the column by events[{name!r}].dt.to_timestamp(), and name its time zone"
    if _is_of_no_zone(value):
        return (
            "It is of no time zone: name that of the homes, such as "
            "novin_ml.events.check_events(events, timezone='Europe/Berlin')"
        )
    return LEAVE_OUT


def _remedy_of_text(name: str, value: str) -> str:
    if _holds_number(value):
        return f"Convert the column by pd.to_numeric(events[{name!r}])"
    return f"Give the column numbers; {_MISSING}"


def _holds_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_of_no_zone(value: Any) -> bool:
    """Tell whether a value is a date and time that only lacks a time zone."""
    if isinstance(value, np.datetime64):
        return bool(_FIRST < value.astype("datetime64[Y]").astype(int) + 1970 < _LAST)
    is_naive = isinstance(value, datetime) and value.tzinfo is None
    return is_naive and _FIRST < value.year < _LAST


def _shown(value: Any) -> str:
    is_plain = isinstance(value, str | bytes | int | float | list | tuple | dict | np.ndarray)
    return show(value) if is_plain else str(value)
