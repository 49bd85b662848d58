"""What is said of a value of an event table that breaks a rule: column, row and remedy."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import EventField
from novin_ml.events.shown import show
from novin_ml.events.tables.offsets import OFFSET_STEP, WIDEST_OFFSET
from novin_ml.exceptions import InvalidEventError

__all__ = ["LEAVE_OUT", "expected_of", "refusal", "remedy_of"]

LEAVE_OUT = "Correct it or leave the row out"
_MISSING = "use NaN where it is not known"
_UNITS = (("milliseconds", 1e3), ("microseconds", 1e6), ("nanoseconds", 1e9))


def refusal(
    column: pd.Series, row: int, field: EventField, remedy: str | None = None
) -> InvalidEventError:
    """Return the error of a value of a column that breaks the rule of its field."""
    value = column.iloc[row]
    if isinstance(value, np.generic) and value.dtype.kind in "iufb":
        value = value.item()
    label = column.index[row]
    # Of a table that was filtered or sorted the label finds the row as well.
    of_index = "" if type(label) is int and label == row else f" (index {show(label)})"
    missing = value is None or value is pd.NA or value is pd.NaT or value != value
    return InvalidEventError(
        f"Row {row}{of_index} of the event table: {field.name} must be {expected_of(field, value)}."
        f" Got {'nothing' if missing else _shown(value)} instead. "
        f"{remedy or remedy_of(field, value)}."
    )


def expected_of(field: EventField, value: Any) -> str:
    """Return what a table must hold: a time is a number there, and an offset one of a clock."""
    if field.name == "utc_offset":
        return f"a multiple of {OFFSET_STEP:g} s from {-WIDEST_OFFSET:g} to {WIDEST_OFFSET:g}"
    if field.type == "time":
        return "a number of seconds since 1970, to the year 2200"
    return field.expected


def remedy_of(field: EventField, value: Any) -> str:
    """Say how a value of a column that breaks the rule of its field is made right."""
    name = field.name
    if field.type == "time" and not _is_number(value):
        return _remedy_of_time(name, value)
    if field.type in ("number", "time"):
        if isinstance(value, str):
            return f"Convert the column by pd.to_numeric(events[{name!r}])"
        if not _is_number(value):
            return f"Give the column numbers; {_MISSING}"
        return _remedy_of_number(field, float(value))
    if field.type == "samples":
        return "Use a list of numbers, or None where there is no signal"
    if field.choices:
        return f"Write it as one of {', '.join(field.choices)}; use None where it is not known"
    if field.type == "text" and not isinstance(value, str):
        return f"Convert the column by events[{name!r}].astype(str)"
    return LEAVE_OUT


def _remedy_of_number(field: EventField, value: float) -> str:
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
        try:
            float(value)
        except ValueError:
            return (
                "Read dates and times with novin_ml.events.read_events, or convert the column by "
                f"pd.to_datetime(events[{name!r}], utc=True) if they have an offset from UTC"
            )
        return f"Convert the column by pd.to_numeric(events[{name!r}])"
    if isinstance(value, datetime | np.datetime64):
        return (
            "It is of no time zone: name that of the homes, such as "
            "novin_ml.events.check_events(events, timezone='Europe/Berlin')"
        )
    return LEAVE_OUT


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def _shown(value: Any) -> str:
    is_plain = isinstance(value, str | bytes | int | float | list | tuple | dict | np.ndarray)
    return show(value) if is_plain else str(value)
