"""Tables of other libraries and rows that are no table yet: what a message says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import library_of

#: Methods that lead to a pandas table: of polars, Arrow and cuDF, of lazy tables, of dask, of
#: xarray, of Spark.
_CONVERSIONS = (
    ("to_pandas",),
    ("collect", "to_pandas"),
    ("compute",),
    ("to_dataframe",),
    ("toPandas",),
)


def kind_of(value: Any) -> str:
    """Return the type of a value, with its library where that is neither numpy nor pandas.

    This tells the DataFrames of different libraries apart.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.foreign import kind_of
    >>> kind_of(np.zeros(2)), kind_of([1]), kind_of([{"a": 1}]), kind_of(None)
    ('ndarray', 'list', 'list of dicts', 'NoneType')
    """
    library = library_of(value)
    if library in ("builtins", "novin_ml", "numpy", "pandas"):
        return f"{type(value).__name__}{' of dicts' if holds_dicts(value) else ''}"
    return f"{library}.{type(value).__name__}"


def conversion_of(value: Any, otherwise: str) -> str:
    """Return a sentence that says how another library's table becomes one of pandas.

    What is no such table gets the sentence `otherwise`.
    """
    if library_of(value) in ("builtins", "pandas"):
        return otherwise
    for methods in _CONVERSIONS:
        if hasattr(value, methods[0]):
            return f"Convert it by its {'.'.join(f'{method}()' for method in methods)}."
    return otherwise


def reader_of(value: Any) -> str:
    """Return the function that reads events from what is no table of pandas yet.

    Examples
    --------
    >>> from novin_ml.foreign import reader_of
    >>> reader_of([{"type": "motion"}]), reader_of(b"{}"), reader_of("events.jsonl")
    ('events_from_records', 'events_from_json', 'read_events')
    """
    if isinstance(value, Mapping) or holds_dicts(value):
        return "events_from_records"
    return "events_from_json" if isinstance(value, bytes | bytearray) else "read_events"


def is_table(value: Any) -> bool:
    """Whether a value is a table of another library than pandas."""
    return hasattr(value, "columns") and bool(conversion_of(value, ""))


def holds_dicts(value: Any) -> bool:
    """Whether a value is a list of dicts: rows of JSON that are not yet a table."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def require_rows(rows: Any, purpose: str) -> None:
    """Raise InvalidEventError unless rows are a DataFrame or chains.

    Another library's DataFrame has columns too, but not the methods that rows are read by.
    """
    is_own = type(rows).__module__.startswith("novin_ml.")
    if not isinstance(rows, pd.DataFrame) and not is_own:
        remedy = conversion_of(rows, "Read events with novin_ml.events.read_events.")
        raise InvalidEventError(
            f"{purpose} must be a table of events, or chains. Got a {kind_of(rows)}. {remedy}"
        )
