"""Single values of event tables, of any library: numbers, lengths of time, what is missing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["as_float", "is_missing", "is_number", "seconds_of"]


def is_missing(value: Any) -> bool:
    """Tell whether a cell of a table is missing, as pandas has it."""
    if value is None or value is pd.NA or value is pd.NaT:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    if isinstance(value, Decimal):  # a signalling NaN is equal to nothing, not even to itself
        return value.is_nan()
    return isinstance(value, float | np.floating) and bool(np.isnan(value))


def is_number(value: Any) -> bool:
    """Tell whether a value is a number, which a boolean is not."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool | np.bool_)


def as_float(value: Any) -> float:
    """Return a number as a float, infinite if it is beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return np.inf if value > 0 else -np.inf
    except ValueError:  # a signalling NaN
        return np.nan


def seconds_of(span: timedelta | np.timedelta64) -> float:
    """Return the seconds of a length of time."""
    if isinstance(span, timedelta):
        return span.total_seconds()
    try:
        return float(span / np.timedelta64(1, "s"))
    except OverflowError:  # a common unit of millions of years and a second passes 64 bits
        return np.inf
