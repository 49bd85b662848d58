"""Read one event, for models that follow a home event by event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files._as_json import as_field, event_as_json
from novin_ml.events.files._quick import read_quickly, sensor_in
from novin_ml.events.files.chunk import Breach, Chunk, show
from novin_ml.events.files.json_text import Collector
from novin_ml.events.files.table import check_chunk
from novin_ml.events.refusals import EVENT
from novin_ml.events.tables.offsets import in_another_unit
from novin_ml.events.tables.refusal import LEAVE_OUT, expected_of, remedy_of
from novin_ml.events.tables.values import is_missing
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError

__all__ = ["read_event"]

_UTC = find_timezone("UTC")
_FIELDS = {field.name: field for field in EVENT_FIELDS}
_NAME_OF_PATH = {field.path: field.name for field in EVENT_FIELDS}

#: Least numbers as a table has them, rounded to less than they are, with what they are.
_LEAST = {
    field.name: (float(np.float32(field.low)), field.low)
    for field in EVENT_FIELDS
    if field.type == "number" and float(np.float32(field.low)) < field.low
}


def read_event(
    event: Mapping[str, Any] | pd.Series,
    *,
    timezone: str = "UTC",
    vocabulary: Vocabulary | None = None,
) -> dict[str, Any]:
    """Read and check one event, as `read_events` does those of a file.

    Parameters
    ----------
    event : mapping or Series
        An event as JSON has it, its fields in the places that `EVENT_FIELDS` names; or a row of an
        event table, as ``events.to_dict("records")`` gives it. It is a row if it has a key
        ``"kind"`` and no ``"metadata"``. Numbers may be numpy's; `timestamp` may be a date and
        time of Python, numpy or pandas as well: one without an offset is local time in `timezone`,
        one in UTC tells the instant only.
    timezone : str, default="UTC"
        IANA name of the home's time zone, for an event that tells no offset from UTC.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the event by. None is `Vocabulary.sdk`.

    Returns
    -------
    row : dict
        The event as a row of the event table: the columns of `column_dtypes` and the labels that
        the event names. Numbers are floats, NaN where missing; texts are None where missing; `raw`
        is a float32 array or None. A row that is read again stays as it is.

    Raises
    ------
    InvalidEventError
        If it breaks a rule, or is no event, such as a request of several.
    ValueError
        If the time zone is not known.

    See Also
    --------
    events_from_json : The same for JSON text with any number of events.

    Notes
    -----
    In a row of an event table a NaN is a missing value, as in the table; a missing kind or zone
    stays None, and a zone that is not there is found from the location. In an event as JSON has it
    a NaN is refused. A row must be of a table of the same vocabulary; of one that was read by the
    other built-in vocabulary, kind and zone are found again by its texts if this one lacks them.

    Examples
    --------
    >>> from novin_ml.events import read_event
    >>> row = read_event({"type": "front_motion", "timestamp": "2024-05-01T12:00:00+02:00",
    ...                   "metadata": {"location": "patio"}})
    >>> row["kind"], row["zone"], row["timestamp"], row["utc_offset"]
    ('motion', 'porch', 1714557600.0, 7200.0)
    """
    vocabulary = checked_vocabulary(vocabulary)
    is_utc = timezone == "UTC"
    zone = _UTC if is_utc else find_timezone(timezone)
    if not isinstance(event, dict):
        event = _to_dict(event)
    if "events" in event:
        raise _refusal("a request, which holds several,")
    metadata = event.get("metadata")
    is_row = metadata is None and "kind" in event
    if is_row:
        event = _of_vocabulary(event, vocabulary)
    inner = event if is_row else {} if metadata is None else metadata
    if isinstance(inner, dict):
        row = read_quickly(event, inner, vocabulary, is_row=is_row, is_utc=is_utc)
        if row is not None and not (is_row and in_another_unit(row["utc_offset"])):
            return row
    return (_read_row if is_row else _read_sent)(event, zone, vocabulary)


def _of_vocabulary(event: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Find kind and zone again of a row that was read by the other built-in vocabulary."""
    kind, zone, text = event.get("kind"), event.get("zone", "unknown"), event.get("type")
    if not (isinstance(kind, str) and isinstance(zone, str) and isinstance(text, str)):
        return event
    if vocabulary.knows(kind, zone) or not vocabulary.is_built_in:
        return event
    if not any(other.knows(kind, zone) for other in (Vocabulary.sdk(), Vocabulary.home())):
        return event
    return {
        **event,
        "kind": vocabulary.kind_of(text),
        "zone": vocabulary.zone_of(event.get("location")),
    }


def _to_dict(event: object) -> dict[str, Any]:
    if isinstance(event, Mapping | pd.Series):
        return dict(event.items())
    raise _refusal(show(event))


def _refusal(got: str) -> InvalidEventError:
    return InvalidEventError(
        f"The 'event' parameter must be {EVENT}. Got {got} instead. Give one event at a time, as a "
        "dict, or read them all with novin_ml.events.events_from_json."
    )


def _read_sent(event: dict[str, Any], zone: ZoneInfo, vocabulary: Vocabulary) -> dict[str, Any]:
    collector = Collector()
    collector.add(event_as_json(event), 1, "", None)
    row = _checked(collector.chunk(), zone, {})
    kind, place = vocabulary.kind_of(row["type"]), vocabulary.zone_of(row["location"] or "")
    return _in_order(row, kind, place, {}, vocabulary)


def _read_row(event: dict[str, Any], zone: ZoneInfo, vocabulary: Vocabulary) -> dict[str, Any]:
    """Read a row of an event table; a kind is told, so that a type need not be there."""
    told = {
        name: as_field(name, value)
        for name in (*_NAME_OF_PATH.values(), "user_id", "kind", "zone")
        if not is_missing(value := event.get(name))
    }
    for name, (rounded, least) in _LEAST.items():
        if told.get(name) == rounded:
            told[name] = least
    home = told.get("home_id")
    if home is None or (isinstance(home, str) and _FIELDS["home_id"].is_absent(home)):
        told["home_id"] = told.get("user_id", home)
    values: dict[str, Any] = {
        name: [told.get(name)] for name in _NAME_OF_PATH.values() if name in event
    }
    values["home_id"] = [told.get("home_id")]
    values["type"] = [told.get("type", "other")]
    breaches = [
        Breach(0, name, f"one of {', '.join(known)}", show(told[name]))
        for name, known in (
            ("kind", vocabulary.kind_dtype.categories),
            ("zone", vocabulary.zone_dtype.categories),
        )
        if name in told and (type(told[name]) is not str or told[name] not in known)
    ]
    row = _checked(Chunk([1], values, breaches=breaches), zone, _NAME_OF_PATH)
    if in_another_unit(row["utc_offset"]):
        raise _breach("utc_offset", expected_of(_FIELDS["utc_offset"], 0), told["utc_offset"])
    row["type"] = told.get("type")
    place = told.get("zone") if "zone" in event else vocabulary.zone_of(row["location"] or "")
    return _in_order(row, told.get("kind"), place, event, vocabulary)


def _checked(chunk: Chunk, zone: ZoneInfo, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the one event of a chunk by column, or refuse it.

    `names` are those of the fields in a message, where they are not their paths.
    """
    columns, broken, _ = check_chunk(chunk, "", zone)
    if broken:
        path = names.get(broken[0].field, broken[0].field)
        sent = chunk.values.get(path, [None])[0] if names else None
        raise _breach(path, broken[0].expected, sent, broken[0].got)
    return {
        name: column.item() if column.dtype != object else column[0]
        for name, column in columns.items()
    }


def _breach(name: str, expected: str, sent: Any, got: str | None = None) -> InvalidEventError:
    """Return the error of an event that breaks a rule, with the remedy of another unit."""
    is_unit = name in ("timestamp", "utc_offset") and isinstance(sent, int | float)
    remedy = remedy_of(_FIELDS[name], sent) if is_unit else LEAVE_OUT
    if remedy == LEAVE_OUT:
        remedy = "Correct it or leave the event out"
    return InvalidEventError(
        f"The {name} of an event must be {expected}. "
        f"Got {show(sent) if got is None else got} instead. {remedy}."
    )


def _in_order(
    row: dict[str, Any],
    kind: str | None,
    zone: str | None,
    told: Mapping[str, Any],
    vocabulary: Vocabulary,
) -> dict[str, Any]:
    """Put kind, zone and sensor where the event table has them."""
    ordered: dict[str, Any] = {}
    for name, value in row.items():
        ordered[name] = value
        if name == "type":
            ordered["kind"] = kind
        elif name == "location":
            ordered["zone"] = zone
            if vocabulary.sensors:
                ordered["sensor"] = sensor_in(row, told, vocabulary)
    return ordered
