"""What a chain needs of one event as the SDK sends it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from novin_ml.events import read_event
from novin_ml.events.fields import HOME_MODES
from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.zones import ZONES

_KIND_CODES = {name: code for code, name in enumerate(KIND_DTYPE.categories)}
_ZONE_CODES = {name: code for code, name in enumerate(ZONES)}
_MODE_CODES = {None: -1} | {mode: code for code, mode in enumerate(HOME_MODES)}


class StreamEvent(NamedTuple):
    """What a chain needs of an event. Their order is the one that chains are made in."""

    timestamp: float
    kind: int
    zone: int
    certain: float  # the confidence, 2 where there is none: it stands last
    utc_offset: float
    home_mode: int
    consent: bool
    home_id: str


def stream_event(event: Mapping[str, Any] | pd.Series, timezone: str) -> StreamEvent:
    """Read an event.

    Raises
    ------
    InvalidEventError
        If it breaks a rule.
    """
    row = read_event(event, timezone=timezone)
    confidence = row["confidence"]
    return StreamEvent(
        timestamp=row["timestamp"],
        kind=_KIND_CODES[row["kind"] or "other"],
        zone=_ZONE_CODES[row["zone"] or "unknown"],
        certain=2.0 if confidence != confidence else confidence,
        utc_offset=row["utc_offset"],
        home_mode=_MODE_CODES[row["home_mode"]],
        consent=row["consent"],
        home_id=row["home_id"],
    )
