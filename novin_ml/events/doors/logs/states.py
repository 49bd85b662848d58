"""Home Assistant's history as CSV and JSON, and its logbook: states of entities, one file."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from novin_ml.events.doors.events import door_vocabulary
from novin_ml.events.doors.home_assistant.modes import modes_of_alarm, modes_of_persons
from novin_ml.events.doors.home_assistant.phases import Phases, phases_of, presses_of
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.home_assistant.schema import StateRow, seconds_of
from novin_ml.events.doors.logs.rails import Log, finished, text_in
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.texts import document_in, head_of, lines_in, opened_text
from novin_ml.events.files.sources import Source, file_refusal
from novin_ml.events.shown import show
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.plain import plural

__all__ = ["read", "recognise"]

_WHAT = "Home Assistant's history (CSV or JSON) or logbook (JSON)"
_COLUMNS = ("entity_id", "state", "last_changed")
_HISTORY = re.compile(r"\s*\[\s*\[\s*\{")
_LOGBOOK = re.compile(r"\s*\[\s*\{")
_DOMAINS = ("binary_sensor", "event", "alarm_control_panel", "person")


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a file is recognised as Home Assistant's history or logbook."""
    head = head_of(path)
    header = head.partition("\n")[0]
    if set(_COLUMNS) <= set(_cells(header, _separator(header))):
        return f"its columns {', '.join(_COLUMNS)}"
    if _HISTORY.match(head) and '"entity_id"' in head:
        return "its lists of states, one for each entity_id"
    if _LOGBOOK.match(head) and '"when"' in head and '"entity_id"' in head:
        return "its entries with when and entity_id"
    return None


def read(path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
    """Read a file of Home Assistant's states; the options are those of `finished`."""
    source = opened_text(path, _WHAT)
    try:
        log = Log(source.name)
        states, entities = _states_of(source, log)
    finally:
        source.close()
    rows = sorted(states, key=lambda row: (row.entity, row.time, row.row))
    of = {domain: [row for row in rows if row.entity.startswith(f"{domain}.")]
          for domain in _DOMAINS}  # fmt: skip
    found: list[Phases] = [*phases_of(of["binary_sensor"], []), *presses_of(of["event"])]
    known = door_vocabulary(options.get("vocabulary"))
    log.sensors = [(phases, _told(entities[phases.entity], known)) for phases in found]
    _tell_modes(log, of["alarm_control_panel"], of["person"])
    return finished("ha-history", log, **options)


def _told(entity: Entity, vocabulary: Vocabulary) -> Entity:
    """Return an entity with the words of its id as its name where its name tells no kind."""
    if entity.device_class is not None or vocabulary.kind_of(entity.own_name) != "other":
        return entity
    return replace(entity, own_name=entity.full_name)


def _tell_modes(log: Log, panels: list[StateRow], persons: list[StateRow]) -> None:
    if panels:
        counts: dict[str, int] = {}
        for row in panels:
            counts[row.entity] = counts.get(row.entity, 0) + 1
        busiest = max(counts, key=lambda name: counts[name])
        log.modes = modes_of_alarm((row for row in panels if row.entity == busiest), busiest)
    elif persons:
        names = {row.entity for row in persons}
        log.modes = modes_of_persons(sorted(persons, key=lambda row: row.time), len(names))
    if log.modes.source == "nothing":
        log.notes.append("The home mode is missing: there is neither an alarm panel nor a person.")


def _states_of(source: Source, log: Log) -> tuple[list[StateRow], dict[str, Entity]]:
    head = source.head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if not head.lstrip().startswith("["):
        return _of_csv(source, log)
    document = document_in(source, _WHAT)
    is_history = isinstance(document, list) and all(isinstance(each, list) for each in document)
    if not isinstance(document, list) or not document:
        raise file_refusal(source.name, _WHAT, f"{show(document)}", "Export it again")
    items = _history_items(document) if is_history else _logbook_items(document)
    log.notes += [] if is_history else [
        "A logbook tells no device class: kinds are guessed from names."
    ]  # fmt: skip
    return _collected(items, log)


#: One state: its place, the entity, the document, whether it began then, and of a first item the
#: entity's attributes.
Item = tuple[int, str | None, Mapping[str, Any], bool]


def _history_items(document: list[Any]) -> Iterator[Item]:
    place = 0
    for states in document:
        entity: str | None = None
        for number, state in enumerate(states):
            place += 1
            state = state if isinstance(state, Mapping) else {}
            entity = text_in(state, "entity_id") or entity
            # The first item has the start of the query as its time, and is no change.
            yield place, entity, state, number > 0


def _logbook_items(document: list[Any]) -> Iterator[Item]:
    for place, entry in enumerate(document, 1):
        entry = entry if isinstance(entry, Mapping) else {}
        entity = text_in(entry, "entity_id")
        if entity is None and entry:
            continue  # of an automation or a person's service call, which is no state
        yield place, entity, entry, True


def _of_csv(source: Source, log: Log) -> tuple[list[StateRow], dict[str, Entity]]:
    lines = lines_in(source)
    _, first = next(lines)
    separator = _separator(first)
    names = _cells(first, separator)
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise file_refusal(
            source.name, _WHAT, f"a table without the column {missing[0]}",
            "Download it on the page History, with all columns",
        )  # fmt: skip

    def items() -> Iterator[Item]:
        seen: set[str] = set()
        for line, text in lines:
            cells = _cells(text, separator)
            if len(cells) != len(names):
                log.reject(line, f"{plural(len(names), 'column')}, as the header has", show(text))
                continue
            row = dict(zip(names, cells, strict=True))
            yield line, row["entity_id"], row, row["entity_id"] in seen
            seen.add(row["entity_id"])

    log.notes.append("CSV tells no device class: kinds are guessed from the ids of entities.")
    return _collected(items(), log)


def _separator(header: str) -> str:
    """Return what stands between the columns: spreadsheets of some countries write semicolons."""
    return ";" if ";" in header and "," not in header else ","


def _cells(line: str, separator: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.strip()], delimiter=separator), [])]
    except csv.Error:
        return []


def _collected(items: Iterable[Item], log: Log) -> tuple[list[StateRow], dict[str, Entity]]:
    states: list[StateRow] = []
    entities: dict[str, Entity] = {}
    for place, entity, item, is_change in items:
        if not entity:
            log.reject(place, "a state of an entity_id", show(dict(item)), "entity_id")
            continue
        if entity.partition(".")[0] not in _DOMAINS:
            continue
        changed = seconds_of(*(item.get(key) for key in ("last_changed", "when", "last_updated")))
        if changed is None:
            log.reject(place, "a date and time, as ISO 8601", show(item.get("last_changed")),
                       "last_changed")  # fmt: skip
            continue
        time = seconds_of(item.get("last_updated"), changed)
        state = item.get("state")
        states.append(
            StateRow(
                entity,
                state if isinstance(state, str) else None,
                changed if time is None else time,
                changed,
                is_change,
                place,
            )
        )
        entities[entity] = _entity(entity, item, entities.get(entity))
    return states, entities


def _entity(entity: str, item: Mapping[str, Any], known: Entity | None) -> Entity:
    """Return what is known of an entity: by its attributes, else by its name or its id."""
    told = item.get("attributes")
    attributes: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    if known is not None and not attributes:
        return known
    words = entity.partition(".")[2].replace("_", " ")
    own = text_in(item, "name") or words
    return Entity(
        device_class=text_in(attributes, "device_class"),
        own_name=own,
        full_name=text_in(attributes, "friendly_name") or words,
    )
