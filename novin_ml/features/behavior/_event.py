"""One event as integers: from a row of an event table, or as the SDK sends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files._chunk import show
from novin_ml.events.files._validation import check_columns
from novin_ml.events.kinds import event_kind
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.zones import normalize_zone
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.behavior._codes import KIND_NAMES, MODE_NAMES, ZONE_NAMES

_UTC = find_timezone("UTC")
_KIND_CODES: dict[Any, int] = {name: code for code, name in enumerate(KIND_NAMES)}
_ZONE_CODES: dict[Any, int] = {name: code for code, name in enumerate(ZONE_NAMES)}
_MODE_CODES: dict[Any, int] = {name: code for code, name in enumerate(MODE_NAMES)}
_FIELDS = {field.name: field for field in EVENT_FIELDS}


class EventCode(NamedTuple):
    """One event: times in milliseconds, everything else as codes. See `EventCodes`."""

    home_id: str | None
    time: int
    offset: int
    kind: int
    zone: int
    mode: int


def encode_event(event: Mapping[str, Any]) -> EventCode:
    """Encode a row of an event table, or an event as sent.

    Raises
    ------
    InvalidEventError
        If the event breaks a rule.
    """
    if not hasattr(event, "get"):
        raise InvalidEventError(
            "An event of a history must be a mapping: an event as the SDK sends it, or a row of an "
            f"event table as a dict. Got {type(event).__name__}. Make a dict of it."
        )
    row = event if "kind" in event else _row_of(event)
    home_id = row.get("home_id")
    offset = row.get("utc_offset")
    return EventCode(
        home_id if isinstance(home_id, str) else None,
        _milliseconds(row.get("timestamp"), "timestamp"),
        0 if offset is None or offset != offset else _milliseconds(offset, "utc_offset"),
        _KIND_CODES.get(row.get("kind"), len(KIND_NAMES)),
        _ZONE_CODES.get(row.get("zone"), len(ZONE_NAMES)),
        _MODE_CODES.get(row.get("home_mode"), len(MODE_NAMES)),
    )


def _milliseconds(seconds: Any, name: str) -> int:
    field = _FIELDS[name]
    try:
        number = float(seconds)
    except (TypeError, ValueError, OverflowError):
        raise _refusal(field, show(seconds)) from None
    if not field.low <= number <= field.high:
        raise _refusal(field, show(seconds))
    return round(number * 1000)


def _row_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """Check an event as sent, by the rules of the file readers."""
    metadata = event.get("metadata")
    if metadata is not None and not isinstance(metadata, Mapping):
        raise InvalidEventError(
            f"The 'metadata' of an event must be a JSON object. Got {show(metadata)}. Correct it."
        )
    values = {field.name: [_sent(event, metadata or {}, field)] for field in EVENT_FIELDS}
    columns, breaches = check_columns(values, 1, _UTC)
    if breaches:
        breach = breaches[0]
        raise InvalidEventError(
            f"The {breach.path!r} of an event must be {breach.expected}. Got {breach.got}. "
            "Correct it."
        )
    named = any(event.get(name) is not None for name in ("home_id", "user_id"))
    return {
        "home_id": columns["home_id"][0] if named else None,
        "timestamp": columns["timestamp"][0],
        "utc_offset": columns["utc_offset"][0],
        "kind": _kind_of(columns["type"][0]),
        "zone": normalize_zone(columns["location"][0]),
        "home_mode": columns["home_mode"][0],
    }


def _sent(event: Mapping[str, Any], metadata: Mapping[str, Any], field: EventField) -> Any:
    for path in (field.path, *field.aliases):
        holder, _, key = path.rpartition(".")
        value = (metadata if holder else event).get(key)
        if value is not None:
            return value
    return None


@lru_cache(maxsize=1024)
def _kind_of(text: str) -> str:
    return str(event_kind([text]).iloc[0])


def _refusal(field: EventField, got: str) -> InvalidEventError:
    return InvalidEventError(
        f"The {field.name!r} of an event must be {field.expected}. Got {got}. Correct it."
    )
