"""Columns of a pandas table as the checks of files take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files._as_json import as_field, event_as_json
from novin_ml.events.files.chunk import Breach, Chunk, Foreign, Refusal
from novin_ml.events.files.columns import METADATA, gather, open_metadata
from novin_ml.events.files.json_text import decode_object, problem_of
from novin_ml.events.files.moments import as_texts, exact_numbers
from novin_ml.events.files.renaming import renamed
from novin_ml.events.tables.refusal import SPANS
from novin_ml.events.tables.values import is_missing
from novin_ml.plain import shown

__all__ = ["in_points", "pandas_chunk", "told_by_kind", "unknown_columns"]

_FIELDS = {name for field in EVENT_FIELDS for name in (field.name, field.path, *field.aliases)}

#: Types of values that are as JSON has them in every field.
_AS_JSON = frozenset({str, bool, type(None)})


def pandas_chunk(frame: pd.DataFrame, names: Mapping[str, str], decimal: str) -> Chunk:
    """Return the columns of a table by fields."""
    frame = _with_index(frame, names)
    unknown_columns(names, [*frame.columns])
    pairs = renamed(
        [(name.strip(), at) for at, name in enumerate(frame.columns) if isinstance(name, str)],
        names,
    )
    places = dict(told_by_kind([*reversed(pairs)]))
    column_of = {name: frame.iloc[:, place] for name, place in places.items()}
    for name in ("timestamp", "end"):
        dtype = _numpy_dtype(column_of[name]) if name in column_of else None
        if dtype is not None and dtype.kind == "f" and dtype.itemsize < 8:
            expected, got = "a table with times as float64", f"a {name} as float32"
            refusal = Refusal(1, "line", expected, f"{got}, which rounds it to 128 s")
            return Chunk([], {}, refusals=[refusal])
    metadata: list[Mapping[str, Any]] = []
    breaches: list[Breach] = []
    if METADATA in column_of:
        sent = [_object_in(value) for value in column_of[METADATA].astype(object).tolist()]
        metadata, breaches = open_metadata(sent, problem_of)
    values = gather(
        column_of,
        lambda name, field: in_points(_values(column_of[name], field), field, decimal),
        set().union(*metadata),
        lambda name, field: [each.get(name) for each in metadata],
    )
    return Chunk(
        range(1, len(frame) + 1), values, breaches=breaches, names=[name for name, _ in pairs]
    )


def unknown_columns(names: Mapping[str, str], found: list[Any]) -> None:
    """Refuse names of a mapping that no column has."""
    missing = [own for own in names if own not in found]
    if missing:
        raise ValueError(
            f"The 'columns' parameter must name columns of the table, {shown(found)}. "
            f"Got {shown(missing[0])} instead. Correct it."
        )


def told_by_kind(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Read `kind` for a type and `zone` for a location where a table has only these."""
    present = {name for name, _ in pairs}
    swapped = {
        told: text
        for told, text in (("kind", "type"), ("zone", "location"))
        if {text, f"{METADATA}.{text}"}.isdisjoint(present)
    }
    return [(swapped.get(name, name), value) for name, value in pairs]


def in_points(values: Any, field: EventField, decimal: str) -> Any:
    """Return numbers that are texts with a decimal comma as numbers; others as they are."""
    if decimal == "." or field.type not in ("number", "time") or isinstance(values, np.ndarray):
        return values
    return [_number(value, decimal) if isinstance(value, str) else value for value in values]


def _number(text: str, decimal: str) -> Any:
    try:
        return float(text.replace(decimal, "."))
    except ValueError:
        return text


def _with_index(frame: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Take levels of the index that are named as fields for columns."""
    levels = [
        name
        for name in frame.index.names
        if isinstance(name, str) and (name in names or name in _FIELDS)
        and name not in frame.columns
    ]  # fmt: skip
    return frame.reset_index(level=levels) if levels else frame


def _object_in(value: Any) -> Any:
    if isinstance(value, str):
        return decode_object(value)
    if isinstance(value, Mapping):
        return event_as_json({METADATA: value})[METADATA]
    return None if is_missing(value) else value


def _numpy_dtype(column: pd.Series) -> np.dtype | None:
    """Return the dtype of a column as numpy has it, also of one that pandas or Arrow keep."""
    dtype = getattr(column.dtype, "numpy_dtype", column.dtype)
    return dtype if isinstance(dtype, np.dtype) else None


def _values(column: pd.Series, field: EventField) -> Any:
    dtype = _numpy_dtype(column)
    if dtype is not None and dtype.kind in "iuf" and field.type in ("number", "time"):
        kept = dtype if dtype.kind == "f" else np.float64
        return exact_numbers(column.to_numpy(dtype=kept, na_value=np.nan), field)
    clock = column.dtype.tz if isinstance(column.dtype, pd.DatetimeTZDtype) else None
    if field.type == "time" and (clock is not None or str(column.dtype).startswith("datetime64[")):
        utc = column if clock is None else column.dt.tz_convert("UTC").dt.tz_localize(None)
        return as_texts(utc.to_numpy(), clock)
    values = column.astype(object).tolist()
    if _AS_JSON.issuperset(map(type, values)):
        return values
    return [_cell(value, field) for value in values]


def _cell(value: Any, field: EventField) -> Any:
    """Return one value as JSON has it, None where it is missing."""
    if is_missing(value):
        return None
    if isinstance(value, bytes):
        return Foreign(repr(value))
    if isinstance(value, timedelta | np.timedelta64) and field.name not in SPANS:
        return Foreign(str(value))
    if field.choices:
        return value
    return as_field(field.name if field.type != "time" else "timestamp", value)
