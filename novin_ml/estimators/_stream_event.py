"""What a chain needs of one event as the SDK sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events import read_event
from novin_ml.events.chains.sensor_log import SensorLog, both_ends
from novin_ml.events.fields import HOME_MODES
from novin_ml.events.vocabulary.naming import sensor_name
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.chains.memory import N_BEFORE

_NO_END = -1.0  # sorts before any
_STATE_CODES = {None: -1, np.nan: -1, "on": 1, "open": 1, "off": 0, "closed": 0}
_MODE_CODES = {None: -1} | {mode: code for code, mode in enumerate(HOME_MODES)}


class StreamEvent(NamedTuple):
    """The parts of an event that a chain needs, in the order that sorts the events of a chain."""

    timestamp: float
    kind: int
    zone: int
    certain: float  # the confidence; 2 if missing, which sorts last
    utc_offset: float
    home_mode: int
    consent: bool
    home_id: str
    sensor: int  # 0 if the vocabulary names no sensors
    sender: str  # name of the sensor
    state: int  # 1 for on and open, 0 for off and closed, -1 if unknown
    end: float  # -1 if unknown
    end_by_consent: float  # the same, from events with consent alone


@lru_cache(maxsize=64)
def _codes(vocabulary: Vocabulary) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    dtypes = (vocabulary.kind_dtype, vocabulary.zone_dtype, vocabulary.sensor_dtype)
    kinds, zones, sensors = (
        {name: code for code, name in enumerate(dtype.categories)} for dtype in dtypes
    )
    return kinds, zones, sensors


def stream_event(
    event: Mapping[str, Any] | pd.Series, timezone: str, vocabulary: Vocabulary
) -> StreamEvent:
    """Read an event by a vocabulary.

    Raises
    ------
    InvalidEventError
        If it breaks a rule.
    """
    row = read_event(event, timezone=timezone, vocabulary=vocabulary)
    kinds, zones, sensors = _codes(vocabulary)
    confidence = row["confidence"]
    end = row.get("end")
    end = _NO_END if end is None or end != end else end
    return StreamEvent(
        timestamp=row["timestamp"],
        kind=kinds[row["kind"] or "other"],
        zone=zones[row["zone"] or "unknown"],
        certain=2.0 if confidence != confidence else confidence,
        utc_offset=row["utc_offset"],
        home_mode=_MODE_CODES[row["home_mode"]],
        consent=row["consent"],
        home_id=row["home_id"],
        sensor=sensors[row["sensor"]] if vocabulary.sensors else 0,
        sender=row["sensor"] if vocabulary.sensors else sensor_name(row["type"], row["location"]),
        state=_STATE_CODES[row.get("state")],
        end=end,
        end_by_consent=end,
    )


def log_of(events: Sequence[StreamEvent], vocabulary: Vocabulary) -> SensorLog:
    """Return the log of events of one home, at least one, in their order."""
    names = sorted({event.sender for event in events})
    code = {name: number for number, name in enumerate(names)}
    home = np.zeros(len(events), dtype=np.int64)
    time = np.array([event.timestamp for event in events])
    sensor = np.array([code[event.sender] for event in events], dtype=np.int32)
    state = np.array([event.state for event in events], dtype=np.int8)
    consent = np.array([event.consent for event in events])
    told = np.array([(event.end, event.end_by_consent) for event in events], dtype=np.float64)
    told[told == _NO_END] = np.nan
    end, end_by_consent = both_ends(home, time, sensor, state, told[:, 0], told[:, 1], consent)
    return SensorLog(
        tuple(names),
        tuple(_codes(vocabulary)[1]),
        np.array([events[0].home_id], dtype=object),
        home,
        time,
        sensor,
        np.array([event.zone for event in events], dtype=np.int8),
        state == 0,
        end,
        end_by_consent,
        consent,
    )


def remembered(
    events: Sequence[StreamEvent], start: float, vocabulary: Vocabulary
) -> list[StreamEvent]:
    """Return the earlier events of a home that later chains still need.

    These are the last two events, the latest event of each sensor and zone with and without
    consent, and all events that have not ended. Ends that other events reported are filled in.
    """
    log = log_of(events, vocabulary)
    kept = np.zeros(len(events), dtype=bool)
    for consent in (True, False):
        seen: set[object] = set()
        count = 0
        for number in range(len(events) - 1, -1, -1):
            event = events[number]
            if consent and not event.consent:
                continue
            keys = {event.zone, event.sender} if event.state else {event.zone}
            kept[number] |= count < N_BEFORE or not keys <= seen
            seen |= keys
            count += 1
    kept |= (log.end >= start) | (log.end_by_consent >= start)
    ends = np.stack([log.end, log.end_by_consent], axis=1)
    ends[~np.isfinite(ends)] = _NO_END
    return [
        event._replace(end=end, end_by_consent=by_consent)
        for event, (end, by_consent), is_kept in zip(events, ends.tolist(), kept, strict=True)
        if is_kept
    ]
