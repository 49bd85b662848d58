"""States of binary sensors become phases in which they were on, those of doorbells presses."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from novin_ml.events.doors.home_assistant.schema import StateRow, seconds_of

__all__ = ["Phases", "phases_of", "presses_of"]

#: An entity whose first row is "on" so long after a start was off before: the row was purged. A
#: sensor that is on when the recorder starts is written within this time.
_SETTLED_S = 300.0
#: A press is written as it happens. After a restart the last one is written again, much later.
_PRESS_S = 5.0

AFTER_GAP = "on right after unavailable or unknown"
REPEATED = "row that repeats on (force_update or attributes)"
AFTER_RESTART = "on right after a restart, no off seen in that run"
FIRST = "on in the first row of the entity"
OLD_PRESS = "doorbell row that repeats an old press"


@dataclass
class Phases:
    """The phases in which an entity was on, or the presses of a button.

    Attributes
    ----------
    entity : str
        Its id.
    starts, ends : array of float
        Seconds since 1970; an end that is not known is NaN.
    rows : array of int
        The row of the states with which each began.
    not_events : Counter
        Rows that look like a beginning and are none, by reason.
    last_row : int or None
        The last row that has attributes of the entity as it is, or None.
    """

    entity: str
    starts: array = field(default_factory=lambda: array("d"))
    ends: array = field(default_factory=lambda: array("d"))
    rows: array = field(default_factory=lambda: array("q"))
    not_events: Counter[str] = field(default_factory=Counter)
    last_row: int | None = None


def phases_of(states: Iterable[StateRow], runs: Sequence[float]) -> Iterator[Phases]:
    """Return the phases of each binary sensor.

    Parameters
    ----------
    states : iterable of StateRow
        Those of an entity together, in the order of time.
    runs : sequence of float
        Starts of the recorder's runs, in order.

    Yields
    ------
    phases : Phases
        Of one entity.
    """
    for entity, rows in groupby(states, attrgetter("entity")):
        if isinstance(entity, str):
            yield _phases(entity, rows, runs)


def _phases(entity: str, rows: Iterable[StateRow], runs: Sequence[float]) -> Phases:
    found = Phases(entity)
    before: str | None = None  # the state before, in the same run
    run = -1
    is_first, is_open = True, False
    for _, state, time, changed, is_change, row in rows:
        own_run = bisect_right(runs, time)
        if own_run != run:
            before, run, is_open = None, own_run, False
        if state == "on":
            found.last_row = row
            if before == "off" or (is_first and is_change and _is_settled(time, runs, run)):
                found.starts.append(changed)
                found.ends.append(float("nan"))
                found.rows.append(row)
                is_open = True
            else:
                found.not_events[_why_not(before, is_first)] += 1
        else:
            if state == "off":
                found.last_row = row
                if is_open:
                    found.ends[-1] = changed
            is_open = False
        before, is_first = state, False
    return found


def _is_settled(time: float, runs: Sequence[float], run: int) -> bool:
    """Whether a row is long after the start of its run, which may be no longer in the table."""
    return run == 0 or time - runs[run - 1] > _SETTLED_S


def _why_not(before: str | None, is_first: bool) -> str:
    if before == "on":
        return REPEATED
    if is_first:
        return FIRST
    return AFTER_RESTART if before is None else AFTER_GAP


def presses_of(states: Iterable[StateRow]) -> Iterator[Phases]:
    """Return the presses of each entity of the domain ``event``, whose state is the time of one."""
    for entity, rows in groupby(states, attrgetter("entity")):
        found = Phases(entity)
        last: float | None = None
        for row in rows:
            pressed = seconds_of(row.state)
            if pressed is None:
                continue
            found.last_row = row.row
            if pressed == last or abs(pressed - row.time) >= _PRESS_S:
                found.not_events[OLD_PRESS] += 1
                continue
            last = pressed
            found.starts.append(pressed)
            found.ends.append(float("nan"))
            found.rows.append(row.row)
        if isinstance(entity, str):
            yield found
