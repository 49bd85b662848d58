"""One event in a few microseconds: those whose values are plain and within their limits.

It refuses nothing. What it does not know to be valid is left to the checks that tables have,
which take forty times as long for one event.
"""

from __future__ import annotations

from collections.abc import Mapping
from ctypes import c_float
from functools import lru_cache
from typing import Any

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS, HOME_MODES, SENSOR_STATES, column_dtypes
from novin_ml.events.files.columns import BESIDE_METADATA
from novin_ml.events.files.validation import breaks
from novin_ml.events.vocabulary.vocabulary import Vocabulary

_FIELDS = {field.name: field for field in EVENT_FIELDS}
_LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)
_LOW, _HIGH = _FIELDS["timestamp"].low, _FIELDS["timestamp"].high
_MODES = frozenset(HOME_MODES)
_STATES = frozenset(SENSOR_STATES)
# Numbers that stand in the event itself, and those that stand in its metadata.
_OUTER, _INNER = (
    tuple(
        (field.name, field.low, field.high)
        for field in EVENT_FIELDS
        if field.type == "number" and ("." in field.path) is is_inner
    )
    for is_inner in (False, True)
)
_NUMBERS = _OUTER + _INNER
#: Of numpy those that it compares as Python's: a float32 would round the limit.
_NUMBER_TYPES = frozenset({float, int, np.float64, np.int64})


@lru_cache(maxsize=64)
def _empty_row(vocabulary: Vocabulary) -> dict[str, Any]:
    """Return the row of an event without values, in the order of the table's columns."""
    dtypes = column_dtypes(vocabulary=vocabulary)
    return (
        {name: np.nan if dtype == "float32" else None for name, dtype in dtypes.items()}
        | {field.name: field.default for field in EVENT_FIELDS if field.default is not None}
        | {"utc_offset": 0.0, "consent": False}
    )


@lru_cache(maxsize=1024)  # a home's sensors send few different types
def kind_of(text: str, vocabulary: Vocabulary) -> str | None:
    """Name the kind of a type; None if no event may have it."""
    return None if breaks(text, _FIELDS["type"]) else vocabulary.kind_of(text)


@lru_cache(maxsize=1024)
def zone_of(text: str, vocabulary: Vocabulary) -> str | None:
    """Name the zone of a location; None if no event may have it."""
    return None if breaks(text, _FIELDS["location"]) else vocabulary.zone_of(text)


def sensor_in(row: dict[str, Any], told: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """Return the sensor in a row of an event table, or else the one of its texts."""
    name = told.get("sensor")
    if isinstance(name, str) and name in vocabulary.sensor_dtype.categories:
        return name
    return vocabulary.sensor_of(row["type"], row["location"])


def read_quickly(
    event: Mapping[str, Any],
    metadata: Mapping[str, Any],
    vocabulary: Vocabulary,
    *,
    is_row: bool,
    is_utc: bool,
) -> dict[str, Any] | None:
    """Read an event as a row of the event table, or return None if it needs the full check.

    Parameters
    ----------
    event, metadata : mapping
        The event and what holds the fields of its metadata, which is the event if `is_row`.
    vocabulary : Vocabulary
        That of the row.
    is_row : bool
        Whether the event is a row of an event table already.
    is_utc : bool
        Whether the home's time zone is UTC.
    """
    time: Any = event.get("timestamp")
    mode = metadata.get("home_mode")
    if type(time) not in _NUMBER_TYPES or not _LOW <= time <= _HIGH:
        return None
    if metadata.get("raw") is not None:
        return None
    if not is_row and not BESIDE_METADATA.isdisjoint(event):
        return None
    row = _empty_row(vocabulary).copy()
    row["timestamp"] = float(time)
    if is_row:
        numbers_are_good = _take_numbers(row, event, _NUMBERS, is_row)
    else:
        numbers_are_good = _take_numbers(row, event, _OUTER, is_row) and (
            _take_numbers(row, metadata, _INNER, is_row)
        )
    if not numbers_are_good:
        return None
    if not is_utc and event.get("utc_offset") != row["utc_offset"]:
        return None  # it told none
    if type(mode) is str and mode in _MODES:
        row["home_mode"] = mode
    elif mode is not None and not (is_row and type(mode) is float and mode != mode):
        return None
    consent = event.get("consent")
    if type(consent) is str:
        return None
    row["consent"] = consent is True or (type(consent) is np.bool_ and bool(consent))
    if not _take_activity(row, metadata, is_row):
        return None
    return row if _take_names(row, event, metadata, is_row, vocabulary) else None


def _take_activity(row: dict[str, Any], holder: Mapping[str, Any], is_row: bool) -> bool:
    """Take the state and the end; their columns exist only if the event has them."""
    if "state" in holder:
        state = holder["state"]
        if state is not None and (type(state) is not str or state not in _STATES):
            return False
        row["state"] = state
    if "end" in holder:
        end = holder["end"]
        if end is None or (is_row and type(end) is float and end != end):
            row["end"] = np.nan
        elif type(end) in _NUMBER_TYPES and row["timestamp"] <= end <= _HIGH:
            row["end"] = float(end)
        else:
            return False
    return True


def _take_numbers(
    row: dict[str, Any],
    holder: Mapping[str, Any],
    fields: tuple[tuple[str, float, float], ...],
    is_row: bool,
) -> bool:
    value: Any
    for name, low, high in fields:
        value = holder.get(name)
        if value is None:
            continue
        if type(value) in _NUMBER_TYPES and low <= value <= high:
            row[name] = c_float(value).value
        elif not is_row or type(value) is not float or value == value:
            return False
    return True


def _take_names(
    row: dict[str, Any],
    event: Mapping[str, Any],
    metadata: Mapping[str, Any],
    is_row: bool,
    vocabulary: Vocabulary,
) -> bool:
    type_, location = event.get("type"), metadata.get("location")
    kind: str | None = None
    zone: str | None = "unknown"
    if type(type_) is str:
        kind = kind_of(type_, vocabulary)
        if kind is None:
            return False
        row["type"] = type_
    elif type_ is not None or not is_row:
        return False
    if type(location) is str:
        zone = zone_of(location, vocabulary)
        if zone is None:
            return False
        row["location"] = location or None
    elif location is not None:
        return False
    if is_row:
        kind, zone = event["kind"], event.get("zone", zone)
        if not (type(kind) is str and type(zone) is str and vocabulary.knows(kind, zone)):
            return False
    row["kind"], row["zone"] = kind, zone
    if vocabulary.sensors:
        row["sensor"] = sensor_in(row, event if is_row else {}, vocabulary)
    home = event.get("home_id")
    if home is None:
        home = event.get("user_id")
    if home is not None:
        if type(home) is not str or not home.isascii() or _FIELDS["home_id"].is_absent(home):
            return False
        row["home_id"] = home
    for name in _LABELS:
        if name in event:
            label = event[name]
            if label is None:
                row[name] = None
                continue
            if type(label) is not str or not label.isascii() or _FIELDS[name].is_absent(label):
                return False
            row[name] = label
    return True
