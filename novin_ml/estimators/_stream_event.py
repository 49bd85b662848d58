"""One event of the SDK, checked and reduced to what a chain needs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from novin_ml.events.fields import HOME_MODES
from novin_ml.events.files._one_event import checked_columns
from novin_ml.events.kinds import event_kind
from novin_ml.events.zones import ZONES, normalize_zone

_ZONE_CODES = {name: code for code, name in enumerate(ZONES)}
_MODE_CODES = {None: -1} | {mode: code for code, mode in enumerate(HOME_MODES)}


class StreamEvent(NamedTuple):
    """The fields of an event that a chain needs; sorting events sorts a chain."""

    timestamp: float
    kind: int
    zone: int
    certain: float  # 2 replaces a missing confidence, so that it sorts last
    utc_offset: float
    home_mode: int
    consent: bool
    home_id: str


def checked_event(event: Any, timezone: ZoneInfo) -> StreamEvent:
    """Check an event.

    Parameters
    ----------
    event : dict
        An event as parsed from JSON; numbers may be numpy's.
    timezone : ZoneInfo
        Time zone of an event that has no offset from UTC.

    Returns
    -------
    event : StreamEvent

    Raises
    ------
    InvalidEventError
        If it breaks a rule.
    """
    columns = checked_columns(event, timezone)
    confidence = float(columns["confidence"][0])
    return StreamEvent(
        timestamp=float(columns["timestamp"][0]),
        kind=_kind_code(columns["type"][0]),
        zone=_ZONE_CODES[normalize_zone(columns["location"][0])],
        certain=2.0 if confidence != confidence else confidence,
        utc_offset=float(columns["utc_offset"][0]),
        home_mode=_MODE_CODES[columns["home_mode"][0]],
        consent=bool(columns["consent"][0]),
        home_id=columns["home_id"][0],
    )


@lru_cache(maxsize=1024)  # the sensors of a home send few different types
def _kind_code(type_: str) -> int:
    return int(event_kind([type_]).cat.codes.iloc[0])
