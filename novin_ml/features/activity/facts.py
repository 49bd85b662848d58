"""What a history knew at rows of a home's activity: the counts behind their scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.features.activity._counts import HOUR
from novin_ml.features.activity.history import FORGET, ActivityHistory
from novin_ml.features.activity.steps import Step, steps_of
from novin_ml.features.activity.table import ActivityRows

__all__ = ["EventFacts", "Facts", "Follow", "QuietTick", "SilenceFacts", "StillOnFacts", "facts_at"]


@dataclass(frozen=True)
class Follow:
    """An event, and how rare it is after the one before, and at its hour.

    Attributes
    ----------
    time : float
        Seconds since 1970.
    sensor : str
        The sensor of the event.
    previous : str or None
        The sensor of the event before it; None for the first one of the home.
    n_seen, n_previous : int
        Times on earlier days that this sensor, and that any sensor, came after `previous`.
    hour : int
        Its local hour.
    bits, hour_bits : float
        The columns ``transition`` and ``sensor_hour``.
    """

    time: float
    sensor: str
    previous: str | None
    n_seen: int
    n_previous: int
    hour: int
    bits: float
    hour_bits: float


@dataclass(frozen=True)
class EventFacts:
    """What is known at an event.

    Attributes
    ----------
    utc_offset : float
        Seconds by which local time is ahead.
    start, usual : (float, float)
        Mean rarity of transitions, and of sensors at their hours, before the first of `follows`,
        and of the past.
    follows : tuple of Follow
        The events of the mean, this one last.
    """

    utc_offset: float
    start: tuple[float, float]
    usual: tuple[float, float]
    follows: tuple[Follow, ...]


@dataclass(frozen=True)
class QuietTick:
    """A tick of a silence.

    Attributes
    ----------
    hour : int
        Local hour that it ends.
    n_active, n_ticks : int
        Ticks of this hour on earlier days with a start or end, and all of them.
    bits : float
        What it adds to the column ``silence``.
    """

    hour: int
    n_active: int
    n_ticks: int
    bits: float


@dataclass(frozen=True)
class SilenceFacts:
    """What is known at a row of a silence.

    Attributes
    ----------
    utc_offset : float
        Seconds by which local time is ahead.
    length, longest : float
        Seconds since the last start or end, and the longest such time before; 0 if none is known.
    ticks : tuple of QuietTick
        Those of the silence.
    """

    utc_offset: float
    length: float
    longest: float
    ticks: tuple[QuietTick, ...]


@dataclass(frozen=True)
class StillOnFacts:
    """What is known at a row of an activation.

    Attributes
    ----------
    utc_offset : float
        Seconds by which local time is ahead.
    is_door : bool
        Whether the sensor is a door or a window.
    length, longest : float
        Seconds since the sensor came on, and its longest activation on earlier days; 0 if none.
    n_as_long, n_before : int
        Its activations on earlier days that were at least as long, in half octaves, and all.
    rarity, excess : float
        The columns ``on_rarity`` and ``on_excess``.
    """

    utc_offset: float
    is_door: bool
    length: float
    longest: float
    n_as_long: int
    n_before: int
    rarity: float
    excess: float


Facts = EventFacts | SilenceFacts | StillOnFacts


def facts_at(
    events: pd.DataFrame,
    rows: Mapping[str, ActivityRows],
    wanted: Mapping[str, Collection[int]],
    history: ActivityHistory,
) -> dict[tuple[str, int], Facts]:
    """Return what was known at some rows.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Checked event table of one home, in the order of time.
    rows : dict of str to ActivityRows
        What `activity_rows` returned for them.
    wanted : dict of str to collection of int
        By kind: positions in the rows of the kind.
    history : ActivityHistory
        What the home did before; it is continued.

    Returns
    -------
    facts : dict of (str, int) to EventFacts, SilenceFacts or StillOnFacts
        By kind and position.
    """
    replay = _Replay(history, rows, wanted)
    for step in steps_of(events):
        replay.stop_until(step.time)
        replay.take(step)
    replay.stop_until(None)
    return replay.found


class _Replay:
    """A history that stops where something is to be known."""

    def __init__(
        self,
        history: ActivityHistory,
        rows: Mapping[str, ActivityRows],
        wanted: Mapping[str, Collection[int]],
    ) -> None:
        self.found: dict[tuple[str, int], Facts] = {}
        self._history, self._rows, self._wanted = history, rows, wanted
        self._follows: list[Follow] = []
        self._start = (history._means[0], history._means[1])
        self._n_events = 0
        silences = rows["silence"]
        chosen = {int(silences.unit[place]) for place in wanted.get("silence", ())}
        units = map(int, silences.unit)
        ticks = zip(_milliseconds(silences.time), units, strict=True)
        self._silence_at = {tick: unit for tick, unit in ticks if unit in chosen}
        self._quiet: dict[int, list[QuietTick]] = {unit: [] for unit in chosen}
        self._at_stop: dict[int, list[tuple[str, int]]] = {}
        for kind in ("silence", "still on"):
            for place in wanted.get(kind, ()):
                [tick] = _milliseconds(rows[kind].time[[place]])
                self._at_stop.setdefault(tick, []).append((kind, place))
        self._stops = sorted({*self._silence_at, *self._at_stop}, reverse=True)

    def stop_until(self, time: int | None) -> None:
        """Note what is known at the ticks up to a time; a tick comes before events of its time."""
        while self._stops and (time is None or self._stops[-1] <= time):
            self._stop(self._stops.pop())

    def take(self, step: Step) -> None:
        """Take an event, and note what is known at it."""
        history = self._history
        previous, last = history._previous, history._last_event
        rows = history.take(step)
        if step.ends:
            return
        counts = history._counts  # the event itself is of today, which does not count yet
        usual = (counts.mean("transition"), counts.mean("sensor_hour"))
        if previous is None or step.time - last > FORGET:
            self._follows, self._start = [], usual
        seen = counts.cells["transition", previous, step.sensor] if previous is not None else 0
        of_previous = counts.cells["from", previous] if previous is not None else 0
        bits, hour_bits, *_ = rows[-1].values
        hour = (step.time + step.offset) // HOUR % 24
        self._follows.append(
            Follow(
                step.time / 1000, step.sensor, previous, seen, of_previous, hour, bits, hour_bits
            )
        )
        if self._n_events in self._wanted.get("event", ()):
            self.found["event", self._n_events] = EventFacts(
                step.offset / 1000, self._start, usual, tuple(self._follows)
            )
        self._n_events += 1

    def _stop(self, tick: int) -> None:
        history = self._history
        history.advance((tick - 1) / 1000)  # the counts of a day end at its last tick
        counts, offset = history._counts, history._offset
        if tick in self._silence_at:
            hour = (tick - 1 + offset) // HOUR % 24
            cells = counts.cells
            self._quiet[self._silence_at[tick]].append(
                QuietTick(hour, cells["active", hour], cells["tick", hour], counts.silence(hour))
            )
        for kind, place in self._at_stop.get(tick, ()):
            at = self._silence(tick) if kind == "silence" else self._still_on(tick, place)
            self.found[kind, place] = at

    def _silence(self, tick: int) -> SilenceFacts:
        since = self._silence_at[tick]
        return SilenceFacts(
            self._history._offset / 1000,
            (tick - since) / 1000,
            self._history.longest_silence / 1000,
            tuple(self._quiet[since]),
        )

    def _still_on(self, tick: int, place: int) -> StillOnFacts:
        history, counts = self._history, self._history._counts
        sensor = str(self._rows["still on"].sensor[place])
        activation = history._on[sensor]
        length = tick - activation.start
        return StillOnFacts(
            history._offset / 1000,
            activation.is_door,
            length / 1000,
            counts.longest.get(sensor, 0) / 1000,
            counts.n_as_long(sensor, length),
            counts.cells["lengths", sensor],
            counts.on_rarity(sensor, length),
            counts.on_excess(sensor, length),
        )


def _milliseconds(seconds: NDArray[np.float64]) -> list[int]:
    return [round(each * 1000) for each in seconds.tolist()]
