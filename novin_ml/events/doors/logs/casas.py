"""Logs as those of CASAS: a line a change, with date, time, sensor and value, in local time."""

from __future__ import annotations

import os
import re
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.doors.home_assistant.phases import phases_of
from novin_ml.events.doors.home_assistant.registries import Entity
from novin_ml.events.doors.home_assistant.schema import StateRow
from novin_ml.events.doors.logs.rails import Log, finished, require_timezone
from novin_ml.events.doors.report import DoorReport
from novin_ml.events.doors.texts import head_of, lines_in, opened_text
from novin_ml.events.shown import show
from novin_ml.events.timestamps import find_timezone, localize, parse_iso
from novin_ml.plain import plural

__all__ = ["read", "recognise"]

_WHAT = "a log of sensors: date, time, sensor and value in each line"
#: Date and time in one field or in two, a sensor, its value; an activity may follow.
_LINE = re.compile(
    r"(\d{4}-\d\d-\d\d)[ \tT]+(\d\d:\d\d:\d\d(?:\.\d+)?)[ \t]+(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?",
    re.ASCII,
)
#: What a sensor says, with the class of sensors that say it.
_STATES = {
    "ON": ("on", "motion"),
    "OFF": ("off", "motion"),
    "OPEN": ("on", "opening"),
    "CLOSE": ("off", "opening"),
    "CLOSED": ("off", "opening"),
}
_EXPECTED = "ON, OFF, OPEN, CLOSE or a number"
#: A log that goes back by so much shows an hour for the second time.
_BACK_S = 1800.0


def recognise(path: str | os.PathLike[str]) -> str | None:
    """Tell by what a file is recognised as such a log."""
    lines = [line for line in head_of(path).splitlines() if line.strip()][:5]
    if lines and all(_LINE.fullmatch(line.strip()) for line in lines):
        return "its lines of date, time, sensor and value"
    return None


def read(path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
    """Read a log of sensors; the options are those of `finished`."""
    source = opened_text(path, _WHAT)
    try:
        log = Log(source.name)
        zone = find_timezone(require_timezone(options.get("timezone"), log.name))
        rows: list[tuple[int, str, str, str]] = []  # line, time, sensor, state
        classes: dict[str, str] = {}
        n_labels = 0
        for line, text in lines_in(source):
            found = _LINE.fullmatch(text.strip())
            if found is None:
                log.reject(line, _WHAT, show(text))
                continue
            date, clock, sensor, value, activity = found.groups()
            n_labels += bool(activity)
            state = _STATES.get(value.upper())
            if state is not None:
                rows.append((line, f"{date}T{clock}", sensor, state[0]))
                classes.setdefault(sensor, state[1])
            elif _is_number(value):
                log.not_events["number of a sensor"] += 1
            else:
                log.reject(line, _EXPECTED, show(value), f"value of {sensor}")
    finally:
        source.close()
    states = _placed(rows, zone, log)
    log.sensors = [
        (phases, Entity(classes[phases.entity], phases.entity, phases.entity))
        for phases in phases_of(states, [])
    ]
    if n_labels:
        log.notes.append(
            f"{plural(n_labels, 'line')} with the name of an activity, which is no event: left out."
        )
    return finished("casas", log, **options)


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _placed(rows: list[tuple[int, str, str, str]], zone: Any, log: Log) -> list[StateRow]:
    """Return the states by sensor in the order of time, in seconds since 1970."""
    if not rows:
        return []
    local, _, _ = parse_iso([time for _, time, _, _ in rows])
    known = np.flatnonzero(~np.isnan(local))
    seconds, n_back = _in_utc(local[known], zone)
    for place in np.flatnonzero(np.isnan(local)).tolist():
        log.reject(rows[place][0], "a date and time", show(rows[place][1]))
    if n_back:
        log.notes.append(f"{plural(n_back, 'line')} not in the order of time: sorted.")
    states = [
        StateRow(rows[place][2], rows[place][3], time, time, True, rows[place][0])
        for place, time in zip(known.tolist(), seconds.tolist(), strict=True)
    ]
    return sorted(states, key=lambda state: (state.entity, state.time, state.row))


def _in_utc(local: np.ndarray, zone: Any) -> tuple[np.ndarray, int]:
    """Convert local times, and count those that are before the time of the line above.

    Where the log goes back to an hour that the clock shows twice, it is its second time.
    """
    first, second = localize(local, zone), localize(local, zone, again=True)
    before, n_back = -np.inf, 0
    for place in range(len(first)):
        if first[place] < before - _BACK_S and first[place] < second[place]:
            first[place] = second[place]
        n_back += bool(first[place] < before)
        before = first[place]
    return first, n_back
