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

from novin_ml.events.fields import EVENT_FIELDS, HOME_MODES, column_dtypes
from novin_ml.events.files.validation import breaks
from novin_ml.events.kinds import EVENT_KINDS, event_kind
from novin_ml.events.zones import ZONES, normalize_zone

_FIELDS = {field.name: field for field in EVENT_FIELDS}
_LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)
_LOW, _HIGH = _FIELDS["timestamp"].low, _FIELDS["timestamp"].high
_KIND_NAMES = frozenset(kind.name for kind in EVENT_KINDS)
_MODES = frozenset(HOME_MODES)
#: The row of an event that tells nothing, in the order of the table's columns.
_EMPTY = (
    {name: np.nan if dtype == "float32" else None for name, dtype in column_dtypes().items()}
    | {field.name: field.default for field in EVENT_FIELDS if field.default is not None}
    | {"utc_offset": 0.0, "consent": False}
)
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


@lru_cache(maxsize=1024)  # a home's sensors send few different types
def kind_of(text: str) -> str | None:
    """Name the kind of a type; None if no event may have it."""
    return None if breaks(text, _FIELDS["type"]) else str(event_kind([text]).iloc[0])


@lru_cache(maxsize=1024)
def zone_of(text: str) -> str | None:
    """Name the zone of a location; None if no event may have it."""
    return None if breaks(text, _FIELDS["location"]) else normalize_zone(text)


def read_quickly(
    event: Mapping[str, Any], metadata: Mapping[str, Any], *, is_row: bool, is_utc: bool
) -> dict[str, Any] | None:
    """Read an event as a row of the event table, or return None to have it checked with care.

    Parameters
    ----------
    event, metadata : mapping
        The event and what holds the fields of its metadata, which is the event if `is_row`.
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
    row = _EMPTY.copy()
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
    row["consent"] = consent is True or (type(consent) is np.bool_ and bool(consent))
    return row if _take_names(row, event, metadata, is_row) else None


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
    row: dict[str, Any], event: Mapping[str, Any], metadata: Mapping[str, Any], is_row: bool
) -> bool:
    type_, location = event.get("type"), metadata.get("location")
    kind: str | None = None
    zone: str | None = "unknown"
    if type(type_) is str:
        kind = kind_of(type_)
        if kind is None:
            return False
        row["type"] = type_
    elif type_ is not None or not is_row:
        return False
    if type(location) is str:
        zone = zone_of(location)
        if zone is None:
            return False
        row["location"] = location or None
    elif location is not None:
        return False
    if is_row:
        kind, zone = event["kind"], event.get("zone", zone)
        if not (type(kind) is str and kind in _KIND_NAMES and type(zone) is str and zone in ZONES):
            return False
    row["kind"], row["zone"] = kind, zone
    home = event.get("home_id")
    if home is None:
        home = event.get("user_id")
    if home is not None:
        if type(home) is not str or not home.isascii():
            return False
        row["home_id"] = home or row["home_id"]
    for name in _LABELS:
        if name in event:
            label = event[name]
            if label is not None and (type(label) is not str or not label.isascii()):
                return False
            row[name] = label or None
    return True
