"""The log of a home for its first evening: by a door, or files of events that were kept."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from novin_ml.events.doors.events import door_vocabulary
from novin_ml.events.doors.registry import recognise
from novin_ml.events.doors.report import DoorReport, SensorRead
from novin_ml.events.files.reading import read_events
from novin_ml.events.files.report import ReadReport
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural

__all__ = ["read_log"]

#: What an event is the same by, in files that overlap.
_SAME = ["type", "location", "timestamp"]


def read_log(
    path: str | os.PathLike[str],
    *,
    home_id: str,
    timezone: str | None,
    vocabulary: Vocabulary | None,
    mapping: Any,
) -> tuple[pd.DataFrame, DoorReport]:
    """Read the log of a home by the door that recognises it, or else as events that were kept.

    Parameters
    ----------
    path : path
        What a door reads, or a file or folder that `read_events` reads.
    home_id : str
        Name of the home. Of files with several homes, it is the one to read.
    timezone : str or None
        IANA name of the home's time zone; None is that of the files.
    vocabulary : Vocabulary or None
        None is `Vocabulary.home`.
    mapping : DoorMapping or None
        For a door.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        The event table in the order of time. An event that several files have is there once.
    report : DoorReport
        What was read.

    Raises
    ------
    InvalidEventError
        If no door recognises the path, and it has no events either.
    """
    options: dict[str, Any] = {"timezone": timezone, "vocabulary": vocabulary}
    try:
        door, _ = recognise(path)
    except InvalidEventError as refused:
        kept = _kept_events(path, timezone, door_vocabulary(vocabulary))
        if kept is None:
            raise refused from None
        return _of_home(*kept, home_id, timezone)
    return door.read(path, home_id=home_id, mapping=mapping, **options)


def _kept_events(
    path: str | os.PathLike[str], timezone: str | None, vocabulary: Vocabulary
) -> tuple[pd.DataFrame, ReadReport] | None:
    """Return the events of files that were kept; None if there are none."""
    try:
        events, report = read_events(
            path, timezone=timezone or "UTC", vocabulary=vocabulary, return_report=True
        )
    except (InvalidEventError, OSError):
        return None
    return (events, report) if len(events) else None


def _of_home(
    events: pd.DataFrame, read: ReadReport, home_id: str, timezone: str | None
) -> tuple[pd.DataFrame, DoorReport]:
    homes = events["home_id"].unique()
    if len(homes) > 1:
        if home_id not in homes:
            raise InvalidEventError(
                f"The log must be of one home. Got {plural(len(homes), 'home')}, and none of them "
                f"is {home_id!r}. Name one of them: home_id={str(homes[0])!r} (--home)."
            )
        events = events[events["home_id"] == home_id]
    events = events.drop_duplicates(_SAME).sort_values("timestamp", kind="stable")
    events = events.reset_index(drop=True).assign(home_id=home_id)
    groups = events.groupby(["type", "location"], dropna=False, sort=False, observed=True)
    sensors = [_sensor(str(kind), location, own) for (kind, location), own in groups]
    sensors.sort(key=lambda sensor: (-sensor.n_events, sensor.name))
    return events, DoorReport("events", read, tuple(sensors), timezone=timezone)


def _sensor(kind: str, location: Any, events: pd.DataFrame) -> SensorRead:
    place = location if isinstance(location, str) else ""
    durations = events["duration"].dropna()
    return SensorRead(
        f"{kind} {place}".rstrip(),
        str(events["kind"].iloc[0]),
        str(events["zone"].iloc[0]),
        place,
        len(events),
        f"type {kind}",
        f"location {place}" if place else "no location",
        float(durations.min()) if len(durations) else None,
    )
