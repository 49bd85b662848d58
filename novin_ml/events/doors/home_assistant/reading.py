"""Read what Home Assistant recorded as events."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from novin_ml.events.doors.database import DamagedDatabaseError, Database
from novin_ml.events.doors.events import checked_mapping, events_of_door, require_home
from novin_ml.events.doors.home_assistant.files import DATABASE_NAME, WHAT, find_database
from novin_ml.events.doors.home_assistant.found import FoundEvents
from novin_ml.events.doors.home_assistant.modes import (
    Modes,
    modes_of_alarm,
    modes_of_persons,
    modes_of_states,
)
from novin_ml.events.doors.home_assistant.phases import Phases, phases_of, presses_of
from novin_ml.events.doors.home_assistant.registries import (
    NO_ENTITY,
    Entity,
    Registries,
    read_registries,
)
from novin_ml.events.doors.home_assistant.salvage import salvaged
from novin_ml.events.doors.home_assistant.schema import Recorder, StateRow
from novin_ml.events.doors.home_assistant.server import is_url, opened_server
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.sqlite import opened_sqlite
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural, shown

__all__ = ["read_home_assistant", "recognise"]


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a path is recognised as a database of Home Assistant."""
    if is_url(path):
        return "the URL of a database"
    try:
        file = find_database(Path(path))
        if file.name == DATABASE_NAME:  # also one that is locked or damaged
            return f"the name {DATABASE_NAME}"
        with opened_sqlite(file) as database:
            columns = database.columns("states")
    except (InvalidEventError, OSError):
        return None
    return "its table states" if {"state_id", "state"} <= columns else None


def read_home_assistant(
    path: str | os.PathLike[str],
    *,
    home_id: str,
    consent: bool = False,
    timezone: str | None = None,
    mapping: DoorMapping | None = None,
    vocabulary: Vocabulary | None = None,
    config: str | os.PathLike[str] | None = None,
    max_duration: float | None = None,
) -> tuple[pd.DataFrame, DoorReport]:
    """Read what the recorder of Home Assistant kept as events.

    Each phase in which a binary sensor was on, and each press of a doorbell, is an event. Its kind
    is that of the device class, its zone that of the name or the area, and its mode that of the
    alarm panel or of the persons who are at home.

    Parameters
    ----------
    path : path or str
        The database, the configuration folder that has it, or the URL of a database of MariaDB or
        PostgreSQL (extra "doors").
    home_id : str
        The home of all events.
    consent : bool, default=False
        Whether the home lets these events be trained on. Nothing in the files says so.
    timezone : str or None, default=None
        IANA name of the home's time zone. None is that of the configuration.
    mapping : DoorMapping or None, default=None
        What a person says of the entities and areas; the rest is guessed.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read by. None is `Vocabulary.home`.
    config : path or None, default=None
        The configuration folder, with the registries in ``.storage``. None is that of `path`.
    max_duration : float or None, default=None
        Longest duration of a motion in seconds: a longer one, as of a sensor that is stuck, is cut
        to it, and counted in the report. None keeps all.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        The event table in the order of time. `end` is the end of each phase in seconds since 1970,
        `duration` that of motions alone; both are missing if the end was not recorded.
    report : DoorReport
        What was read, what was not and what would map it.

    Raises
    ------
    InvalidEventError
        If the database cannot be read, lacks columns, or is another one; if no time zone is known;
        if the mapping names a kind or zone that the vocabulary does not have.
    ExtraNotInstalledError
        If a database of a server is read without SQLAlchemy.
    ValueError
        If the time zone is not known.

    Warns
    -----
    DoorWarning
        If the schema of the database is newer than the tested ones.
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    See Also
    --------
    novin_ml.events.doors.DoorMapping : What the sensors are, from a file.

    Notes
    -----
    A phase begins where a sensor goes from off to on without a restart between. What is on after a
    restart, or after it was unavailable, may have begun at any time before: it is counted in
    ``report.not_events``. Nothing is written into the database, and the states that a running
    instance has not yet moved into it are read as well.

    Examples
    --------
    >>> import sqlite3
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events.doors import read_home_assistant
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "home-assistant_v2.db")
    ...     database = sqlite3.connect(path)
    ...     _ = database.executescript('''
    ...         CREATE TABLE states (state_id INTEGER PRIMARY KEY, entity_id TEXT, state TEXT,
    ...             last_updated_ts REAL, last_changed_ts REAL, attributes TEXT);
    ...         INSERT INTO states VALUES
    ...             (1, 'binary_sensor.hall', 'off', 1.7e9, NULL, '{"device_class": "motion"}'),
    ...             (2, 'binary_sensor.hall', 'on', 1.7e9 + 5, NULL, '{"device_class": "motion"}'),
    ...             (3, 'binary_sensor.hall', 'off', 1.7e9 + 9, NULL,
    ...              '{"device_class": "motion", "friendly_name": "Hallway PIR"}');
    ...     ''')
    ...     database.close()
    ...     events, report = read_home_assistant(path, home_id="mine", timezone="Europe/Berlin")
    >>> events[["kind", "zone", "duration"]].to_dict("records")
    [{'kind': 'motion', 'zone': 'hallway', 'duration': 4.0}]
    >>> report.sensors[0].kind_from
    'device class motion'
    """
    require_home(home_id)
    known, mapping = checked_mapping(mapping, vocabulary)
    _check_longest(max_duration)

    def read(database: Database, own_folder: Path | None) -> tuple[pd.DataFrame, DoorReport]:
        registries = read_registries(own_folder if config is None else Path(config))
        clock = _timezone(timezone, registries, database.name)
        recorder = Recorder(database)
        found = FoundEvents(mapping, known)
        _read_phases(recorder, registries, found)
        modes = _modes(recorder, mapping)
        values = found.values(modes, max_duration)
        events, counts = events_of_door(
            values, source=database.name, home_id=home_id, consent=consent, timezone=clock,
            vocabulary=known,
        )  # fmt: skip
        notes = [*_notes(recorder, registries, modes), *found.notes()]
        return events, DoorReport(
            "home-assistant", counts, found.sensors(), found.not_read(), dict(found.not_events),
            tuple(notes), clock, mode_from=modes.source,
        )  # fmt: skip

    if is_url(path):
        with opened_server(str(path)) as server:
            return read(server, None)
    file = find_database(Path(path))
    try:
        with opened_sqlite(file, what=WHAT) as database:
            return read(database, file.parent)
    except DamagedDatabaseError:
        with salvaged(file) as database:
            return read(database, file.parent)


def _check_longest(max_duration: Any) -> None:
    is_number = isinstance(max_duration, int | float) and not isinstance(max_duration, bool)
    if max_duration is not None and not (is_number and 0 < max_duration < float("inf")):
        raise InvalidEventError(
            "The 'max_duration' parameter must be a number of seconds above 0, or None. "
            f"Got {shown(max_duration)} instead. Correct it."
        )


def _timezone(timezone: str | None, registries: Registries, name: str) -> str:
    chosen = timezone or registries.timezone
    if chosen is None:
        raise InvalidEventError(
            f"The 'timezone' parameter must be the time zone of the home, because {name} has no "
            ".storage/core.config beside it. Got None. Pass it, such as timezone='Europe/Berlin' "
            "(--timezone Europe/Berlin)."
        )
    find_timezone(chosen)
    return chosen


def _read_phases(recorder: Recorder, registries: Registries, found: FoundEvents) -> None:
    # All phases first: a server answers one query at a time.
    sensors = list(phases_of(recorder.states("binary_sensor"), recorder.runs()))
    for phases in sensors:
        if phases.entity.startswith("binary_sensor."):
            found.add(phases, _entity(recorder, registries, phases))
    presses = list(presses_of(recorder.states("event")))
    for phases in presses:
        if not phases.entity.startswith("event."):
            continue
        kind = found.add(phases, _entity(recorder, registries, phases))
        if kind == "doorbell":
            found.set_kinds(_event_types(recorder, phases))


def _entity(recorder: Recorder, registries: Registries, phases: Phases) -> Entity:
    """Return what is known of an entity: by the registry, and by the attributes of its states."""
    entity = registries.entities.get(phases.entity, NO_ENTITY)
    attributes = _attributes(recorder, phases.last_row)
    name, by_class = attributes.get("friendly_name"), attributes.get("device_class")
    if isinstance(name, str) and name:
        entity = replace(entity, full_name=name)
    if entity.device_class is None and isinstance(by_class, str) and by_class:
        entity = replace(entity, device_class=by_class)
    return entity


def _event_types(recorder: Recorder, phases: Phases) -> list[str | None]:
    found = [_attributes(recorder, row).get("event_type") for row in phases.rows]
    return [each if isinstance(each, str) else None for each in found]


def _attributes(recorder: Recorder, row: int | None) -> Mapping[str, Any]:
    text = None if row is None else recorder.attributes(row)
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _modes(recorder: Recorder, mapping: DoorMapping) -> Modes:
    """Find what tells the mode of the home: the mapping, a panel, or persons."""
    if mapping.mode_entity is not None:
        states = recorder.states_of([mapping.mode_entity])
        if not mapping.modes:  # a panel, of several
            return modes_of_alarm(states, mapping.mode_entity)
        return modes_of_states(states, mapping.modes, mapping.mode_entity)
    panels: dict[str, list[StateRow]] = {}
    for row in _changes(recorder.states("alarm_control_panel")):
        panels.setdefault(row.entity, []).append(row)
    if panels:
        busiest = max(panels, key=lambda name: len(panels[name]))
        return modes_of_alarm(panels[busiest], busiest, others=sorted(panels))
    persons = [
        row for row in _changes(recorder.states("person")) if row.entity.startswith("person.")
    ]
    if persons:
        names = {row.entity for row in persons}
        return modes_of_persons(sorted(persons, key=lambda row: (row.time, row.row)), len(names))
    return Modes([], [], None)


def _changes(states: Iterator[StateRow]) -> Iterator[StateRow]:
    """Leave out rows that repeat the state of their entity, such as those of where a phone is."""
    before: tuple[str, str | None] | None = None
    for row in states:
        if (row.entity, row.state) != before:
            yield row
        before = row.entity, row.state


def _notes(recorder: Recorder, registries: Registries, modes: Modes) -> Iterator[str]:
    if modes.source is None:
        yield (
            "The home mode is missing: there is neither an alarm panel nor a person. Name an "
            "entity in [home_mode] of a mapping."
        )
    others = [name for name in modes.others if name != modes.source]
    if others:
        yield (
            f"The home mode is told by {modes.source}, which changed most often. Other panels are "
            f"{', '.join(others)}: name one as entity in [home_mode] of a mapping."
        )
    if not registries.is_there:
        yield (
            "There is no .storage/core.entity_registry: names and classes are those of the states, "
            "and areas are not known."
        )
    for name in registries.damaged:
        yield f".storage/{name} cannot be read, and is left out."
    if recorder.n_without_time:
        yield f"{plural(recorder.n_without_time, 'state')} without a time left out."
    for sentence, count in recorder.database.notes.items():
        yield f"{count:,} {sentence}"
