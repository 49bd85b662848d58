"""What all readers of one file share: sensors with their phases become events and a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from novin_ml.events.doors.events import door_vocabulary, events_of_door, require_home
from novin_ml.events.doors.home_assistant.found import FoundEvents
from novin_ml.events.doors.home_assistant.modes import Modes
from novin_ml.events.doors.home_assistant.phases import Phases
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError

__all__ = ["Log", "finished", "require_timezone", "with_rejects"]


@dataclass
class Log:
    """What a reader found in a file.

    Attributes
    ----------
    name : str
        Name of the file.
    sensors : list of (Phases, Entity)
        The phases, or presses, of each sensor, and what the file says of it.
    modes : Modes
        The mode of the home over time.
    rejects : list of Reject
        Lines that could not be read.
    not_events : Counter
        What looks like an event and is none, by reason.
    event_types : dict of str to list
        By sensor, what the program called each press of a doorbell, if it says so.
    notes : list of str
        Sentences that a person should read.
    """

    name: str
    sensors: list[tuple[Phases, Entity]] = field(default_factory=list)
    modes: Modes = field(default_factory=lambda: Modes([], [], "nothing"))
    rejects: list[Reject] = field(default_factory=list)
    not_events: Counter[str] = field(default_factory=Counter)
    event_types: dict[str, list[str | None]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def reject(self, line: int, expected: str, got: str, field: str = "line") -> None:
        """Add a line that cannot be read."""
        self.rejects.append(Reject(self.name, line, field, expected, got))


def require_timezone(timezone: str | None, name: str) -> str:
    """Return the time zone that the caller names, or refuse to guess one."""
    if timezone is None:
        raise InvalidEventError(
            f"The 'timezone' parameter must be the time zone of the home, because {name} does not "
            "tell it. Got None. Pass it, such as timezone='Europe/Berlin' "
            "(--timezone Europe/Berlin)."
        )
    find_timezone(timezone)
    return timezone


def finished(
    door: str,
    log: Log,
    *,
    home_id: str,
    consent: bool = False,
    timezone: str | None = None,
    mapping: DoorMapping | None = None,
    vocabulary: Vocabulary | None = None,
    max_duration: float | None = None,
) -> tuple[pd.DataFrame, DoorReport]:
    """Return what a reader found as the event table, with its report.

    Parameters
    ----------
    door : str
        Name of the door.
    log : Log
        What was found.
    home_id, consent, timezone, mapping, vocabulary, max_duration
        Those of `read_home_assistant`.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        The event table in the order of time.
    report : DoorReport
        What was read, what was not and what would map it.
    """
    require_home(home_id)
    clock = require_timezone(timezone, log.name)
    known = door_vocabulary(vocabulary)
    mapping = DoorMapping() if mapping is None else mapping
    mapping.check(known)
    found = FoundEvents(mapping, known)
    for phases, entity in sorted(log.sensors, key=lambda sensor: sensor[0].entity):
        kind = found.add(phases, entity)
        types = log.event_types.get(phases.entity)
        if kind == "doorbell" and types and phases.starts:
            found.set_kinds(types)
    values = found.values(log.modes, max_duration)
    events, read = events_of_door(
        values, source=log.name, home_id=home_id, consent=consent, timezone=clock, vocabulary=known
    )
    not_events = Counter(found.not_events) + log.not_events
    report = DoorReport(
        door, with_rejects(read, log.rejects), found.sensors(), found.not_read(),
        dict(not_events), (*log.notes, *found.notes()), clock,
        mode_from=None if log.modes.source == "nothing" else log.modes.source,
    )  # fmt: skip
    return events, report


def with_rejects(read: ReadReport, rejects: Iterable[Reject]) -> ReadReport:
    """Return a report with what a reader refused before the fields were checked."""
    added = [*rejects]
    if not added:
        return read
    table = pd.concat([to_table(added), read.rejects], ignore_index=True)
    return replace(
        read,
        rejects=table.sort_values("line", kind="stable", ignore_index=True),
        n_read=read.n_read + len(added),
        n_rejected=read.n_rejected + len(added),
    )


def text_in(document: Mapping[str, Any], key: str) -> str | None:
    """Return a text of a document, None if it is another thing or empty."""
    value = document.get(key)
    return value if isinstance(value, str) and value else None
