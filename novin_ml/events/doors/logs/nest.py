"""Nest's events (Smart Device Management): JSON lines of Google's messages."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from novin_ml.events.doors.home_assistant.phases import Phases
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.home_assistant.schema import seconds_of
from novin_ml.events.doors.logs.rails import Log, finished, text_in
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.texts import document_in, head_of, lines_in, opened_text
from novin_ml.events.files.sources import Source
from novin_ml.events.shown import show

__all__ = ["read", "recognise"]

_WHAT = "Nest's events: JSON lines with resourceUpdate"
#: Kinds of Nest's events, with the class of a sensor; a person of a session is its motion.
_CLASSES = {
    "CameraMotion.Motion": "motion",
    "CameraPerson.Person": "motion",
    "CameraSound.Sound": "sound",
    "DoorbellChime.Chime": "doorbell",
}
_PREFIX = "sdm.devices.events."
_INFO = "sdm.devices.traits.Info"


@dataclass
class _Session:
    """An event of a device: its messages share a session."""

    start: float
    end: float | None
    line: int


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a file is recognised as Nest's events."""
    head = head_of(path)
    return "its resourceUpdate" if head.lstrip()[:1] in ("{", "[") and (
        '"resourceUpdate"' in head
    ) else None  # fmt: skip


def read(path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
    """Read Nest's events; the options are those of `finished`."""
    source = opened_text(path, _WHAT)
    try:
        log = Log(source.name)
        messages = [*_messages(source, log)]
    finally:
        source.close()
    names: dict[str, str] = {}
    sessions: dict[tuple[str, str, str], _Session] = {}
    for line, message in messages:
        update = message.get("resourceUpdate")
        time = seconds_of(message.get("timestamp"))
        if not isinstance(update, Mapping) or time is None:
            key = "timestamp" if isinstance(update, Mapping) else "resourceUpdate"
            log.reject(line, "a message of Nest with it", show(message.get(key)), key)
            continue
        device = (text_in(update, "name") or "device").rpartition("/")[2]
        traits, events = update.get("traits"), update.get("events")
        if isinstance(traits, Mapping) and isinstance(traits.get(_INFO), Mapping):
            names[device] = text_in(traits[_INFO], "customName") or device
        if not isinstance(events, Mapping) or not events:
            log.not_events["message without an event"] += 1
            continue
        for name, event in events.items():
            kind = str(name).removeprefix(_PREFIX)
            session = text_in(event, "eventSessionId") if isinstance(event, Mapping) else None
            _add(sessions, (device, _CLASSES.get(kind, kind), session or f"line {line}"), line,
                 time, message.get("eventThreadState") == "ENDED", log)  # fmt: skip
    _add_sensors(log, sessions, names)
    return finished("nest", log, **options)


def _add(
    sessions: dict[tuple[str, str, str], _Session],
    key: tuple[str, str, str],
    line: int,
    time: float,
    is_end: bool,
    log: Log,
) -> None:
    session = sessions.get(key)
    if session is None:
        sessions[key] = _Session(time, time if is_end else None, line)
        return
    log.not_events["further message of the same session"] += 1
    session.start = min(session.start, time)
    if is_end:
        session.end = time


def _add_sensors(
    log: Log, sessions: Mapping[tuple[str, str, str], _Session], names: Mapping[str, str]
) -> None:
    found: dict[tuple[str, str], list[_Session]] = {}
    for (device, by_class, _), session in sessions.items():
        found.setdefault((device, by_class), []).append(session)
    for (device, by_class), events in found.items():
        name = names.get(device, device)
        phases = Phases(f"{name}/{by_class}")
        for event in sorted(events, key=lambda each: each.start):
            # The end of a message that came alone is no end of something that was seen to begin.
            end = event.end if event.end is not None and event.end > event.start else float("nan")
            phases.starts.append(event.start)
            phases.ends.append(end)
            phases.rows.append(event.line)
        log.sensors.append((phases, Entity(by_class, by_class, name, device, name)))


def _messages(source: Source, log: Log) -> Iterator[tuple[int, Mapping[str, Any]]]:
    if source.head.lstrip()[:1] == b"[":
        given: Any = enumerate(document_in(source, _WHAT), 1)
    else:
        given = ((line, _decoded(text)) for line, text in lines_in(source))
    for line, message in given:
        if isinstance(message, Mapping):
            yield line, message
        else:
            log.reject(line, "a message of Nest: a JSON object", show(message))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
