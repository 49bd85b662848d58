"""The activity of one home, followed event by event and tick by tick."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events import read_event
from novin_ml.events.timestamps import find_timezone
from novin_ml.exceptions import InvalidEventError
from novin_ml.features._own_home import require_own_home
from novin_ml.features.activity._counts import HOUR, Counts
from novin_ml.features.activity._document import STATE, check_document
from novin_ml.features.activity.steps import Step, step_of

__all__ = ["ActivityHistory", "ActivityRow"]

_DAY, _MINUTE = 24 * HOUR, 60_000
#: Milliseconds without an event after which the means start anew.
FORGET = 30 * _MINUTE
#: Weights of the mean before and of an event, in the means.
KEEP, TAKE = 0.8, 0.2


class ActivityRow(NamedTuple):
    """A row of a history.

    Attributes
    ----------
    kind : {"event", "silence", "still on"}
        What the row is about.
    time : int
        Milliseconds since 1970.
    unit : int
        Rows of a kind with the same unit are one alarm: the clock hour of an event, the beginning
        of a silence, the number of an activation.
    sensor : str
        The sensor of the event or activation; empty for a silence.
    values : tuple of float
        The columns of its kind.
    """

    kind: str
    time: int
    unit: int
    sensor: str
    values: tuple[float, ...]


class _Activation:
    """A sensor that is on."""

    def __init__(self, number: int, start: int, end: int | None, is_door: bool) -> None:
        self.number, self.start, self.end, self.is_door = number, start, end, is_door


class ActivityHistory:
    """The activity of one home: transitions between sensors, activations and silences.

    A clock tick stands at each full local hour, and for doors and windows at each full quarter of
    an hour. At a tick there is a row for each sensor that is on, and one for the silence if nothing
    started or ended since the tick before. One activation, and one silence, is one unit of alarms.

    Parameters
    ----------
    home_id : str, default=None
        Name of the home. Events that name another home are refused; None accepts all events.
    tick_minutes : int, default=60
        Minutes between ticks, a divisor of 1440.
    door_tick_minutes : int, default=15
        The same for doors and windows that are open; a divisor of `tick_minutes`.
    timezone : str, default="UTC"
        IANA name of the home's time zone, for events that carry no offset from UTC.

    Attributes
    ----------
    longest_silence : int
        Milliseconds of the longest silence that has ended. It is for words alone, and no part of
        what `to_dict` returns.

    Notes
    -----
    Definitions for the formulas of the columns:

    - Counts are of earlier local days: a day is added when it is over.
    - s is the sensor of the event, N the number of events, n(...) the number of events with the
      same values, V the number of known sensors and one more, which was never seen;
      u(s) = (n(s) + 1/2) / (N + V/2).
    - m(s, hour) = (2 n(s, hour) + n(s, hour - 1) + n(s, hour + 1)) / 4; m(hour) is the same for all
      sensors; q(hour) = (m(hour) + 1/10) / (N + 2.4).
    - lg is the logarithm to base 2, linear between powers of two.
    - An event without an end, a duration or the state on or open lasts no time. A sensor that
      comes on while it is on stays on.
    - A tick comes before the events of its instant, and after activations that end at it, if an
      earlier event named that end.
    - Between events, the offset from UTC of the last one is used.

    Examples
    --------
    >>> from novin_ml.features import ActivityHistory
    >>> history = ActivityHistory()
    >>> rows = history.update({"type": "door", "timestamp": 7200, "metadata": {"state": "open"}})
    >>> [row.kind for row in rows]
    ['event']
    >>> [(row.kind, row.time // 60_000) for row in history.advance(to=7200 + 3600)][-2:]
    [('still on', 165), ('still on', 180)]
    """

    def __init__(
        self,
        home_id: str | None = None,
        *,
        tick_minutes: int = 60,
        door_tick_minutes: int = 15,
        timezone: str = "UTC",
    ) -> None:
        find_timezone(timezone)
        for name, value, whole in (
            ("tick_minutes", tick_minutes, 1440),
            ("door_tick_minutes", door_tick_minutes, tick_minutes),
        ):
            if type(value) is not int or value < 1 or whole % value:
                raise ValueError(
                    f"The {name!r} parameter must be a divisor of {whole}. Got {value!r} instead."
                )
        self.home_id = home_id
        self.timezone = timezone
        self.tick_minutes, self.door_tick_minutes = tick_minutes, door_tick_minutes
        self._tick, self._door_tick = tick_minutes * _MINUTE, door_tick_minutes * _MINUTE
        self._counts = Counts()
        self._time: int | None = None
        self._offset = 0
        self._day = -1
        self._previous: str | None = None
        self._last_event = 0
        self._means = [0.0, 0.0]
        self._on: dict[str, _Activation] = {}
        self._n_activations = 0
        self._changed = 0
        self._is_active = False
        self._silence = 0.0
        self.longest_silence = 0

    def update(self, event: Mapping[str, Any] | pd.Series) -> list[ActivityRow]:
        """Add the home's next event; return the rows of the ticks before it, then its own.

        Parameters
        ----------
        event : mapping or Series
            An event as the SDK sends it, or a row of an event table: what
            `novin_ml.events.read_event` reads.

        Returns
        -------
        rows : list of ActivityRow
            In the order of time; an event that ends an activation has no row of its own.

        Raises
        ------
        InvalidEventError
            If the event breaks a rule, belongs to another home, or is earlier than what the history
            has seen. The history is then unchanged.
        """
        return self.take(self.checked(read_event(event, timezone=self.timezone)))

    def checked(self, row: Mapping[str, Any]) -> Step:
        """Check an event that was read, and change nothing.

        Parameters
        ----------
        row : dict
            From `novin_ml.events.read_event`.

        Returns
        -------
        step : Step
            For `take`, which then cannot refuse it.

        Raises
        ------
        InvalidEventError
            If the event belongs to another home, or is earlier than what the history has seen.
        """
        require_own_home(self.home_id, row["home_id"])
        step = step_of(row)
        self._require_later(step.time, "event")
        return step

    def advance(self, to: float) -> list[ActivityRow]:
        """Move time on without an event; return the rows of all ticks since, up to `to`.

        Parameters
        ----------
        to : float
            Seconds since 1970.

        Returns
        -------
        rows : list of ActivityRow
            In the order of time; none before the first event.

        Raises
        ------
        InvalidEventError
            If `to` is earlier than what the history has seen, or no number.
        """
        if (
            not isinstance(to, int | float | np.number)
            or isinstance(to, bool)
            or not abs(to) < 1e10
        ):
            raise InvalidEventError(
                f"The 'to' parameter must be a number of seconds since 1970. Got {to!r} instead."
            )
        time = round(float(to) * 1000)
        self._require_later(time, "tick")
        return self._advance(time)

    def copy(self) -> ActivityHistory:
        """Return an independent copy: updating it does not change this history.

        Returns
        -------
        history : ActivityHistory
            The copy.
        """
        other = copy(self)
        other._counts = self._counts.copy()
        other._on = {sensor: copy(each) for sensor, each in self._on.items()}
        other._means = list(self._means)
        return other

    def to_dict(self) -> dict[str, Any]:
        """Return the history as a dict for `json.dumps`.

        Returns
        -------
        document : dict
            Read by `from_dict`. Its size does not grow with the log.
        """
        document = {name: getattr(self, f"_{name}") for name in STATE}
        return document | {
            "home_id": self.home_id,
            "timezone": self.timezone,
            "tick_minutes": self.tick_minutes,
            "door_tick_minutes": self.door_tick_minutes,
            "on": [
                [sensor, each.number, each.start, each.end, each.is_door]
                for sensor, each in self._on.items()
            ],
            "counts": self._counts.to_dict(),
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> ActivityHistory:
        """Read a history that `to_dict` returned.

        Parameters
        ----------
        document : dict
            As read from JSON.

        Returns
        -------
        history : ActivityHistory
            It goes on as the first one would.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is no such document.
        """
        check_document(document)
        history = cls(
            document["home_id"],
            tick_minutes=document["tick_minutes"],
            door_tick_minutes=document["door_tick_minutes"],
            timezone=document["timezone"],
        )
        for name in STATE:
            setattr(history, f"_{name}", document[name])
        history._means = list(document["means"])
        history._on = {sensor: _Activation(*each) for sensor, *each in document["on"]}
        history._counts = Counts.from_dict(document["counts"])
        return history

    def take(self, step: Step) -> list[ActivityRow]:
        """Add a step, as `update` adds an event.

        Parameters
        ----------
        step : Step
            From `checked`.

        Returns
        -------
        rows : list of ActivityRow
            As those of `update`.

        Raises
        ------
        InvalidEventError
            If it is earlier than what the history has seen.
        """
        self._require_later(step.time, "event")
        rows = self._advance(step.time)
        self._time, self._offset = step.time, step.offset
        self._turn_day()
        if step.ends:
            self._end(step.sensor, step.time)
            return rows
        rows.append(self._event(step))
        self._begin(step)
        self._change(step.time)
        return rows

    def _require_later(self, time: int, what: str) -> None:
        if self._time is not None and time < self._time:
            raise InvalidEventError(
                f"The {what}s of a history must come in the order of time, the next at "
                f"{self._time / 1000:.3f} s or later. Got one at {time / 1000:.3f} s. Start again "
                "with a new history."
            )

    def _advance(self, time: int) -> list[ActivityRow]:
        rows: list[ActivityRow] = []
        if self._time is None:
            return rows
        while True:
            any_door = any(each.is_door for each in self._on.values())
            step = self._door_tick if any_door else self._tick
            local = self._time + self._offset
            tick = local - local % step + step - self._offset
            if tick > time:
                break
            self._end_until(tick)
            self._time = tick
            is_full = (tick + self._offset) % self._tick == 0
            rows += self._still_on(tick, is_full=is_full)
            if is_full:
                self._quiet(tick, rows)
            self._turn_day()
        self._end_until(time)
        self._time = time
        return rows

    def _turn_day(self) -> None:
        """Add the counts of a local day once the next one has begun."""
        if self._time is not None:
            day = (self._time + self._offset) // _DAY
            if day > self._day:
                self._counts.end_day()
                self._day = day

    def _event(self, step: Step) -> ActivityRow:
        counts, hour = self._counts, (step.time + step.offset) // HOUR % 24
        transition = counts.transition(self._previous, step.sensor)
        at_hour = counts.sensor_hour(step.sensor, hour)
        if self._previous is None or step.time - self._last_event > FORGET:
            self._means = [counts.mean("transition"), counts.mean("sensor_hour")]
        self._means = [
            KEEP * mean + TAKE * value
            for mean, value in zip(self._means, (transition, at_hour), strict=True)
        ]
        counts.note_event(self._previous, step.sensor, hour, transition, at_hour)
        self._previous, self._last_event = step.sensor, step.time
        return ActivityRow(
            "event", step.time, step.time // HOUR, step.sensor, (transition, at_hour, *self._means)
        )

    def _begin(self, step: Step) -> None:
        now = self._on.get(step.sensor)
        if now is not None:
            if step.end is not None:
                now.end = step.end if now.end is None else max(now.end, step.end)
        elif step.stays or (step.end is not None and step.end > step.time):
            self._n_activations += 1
            self._on[step.sensor] = _Activation(
                self._n_activations, step.time, step.end, step.is_door
            )
        elif step.end is not None:
            self._counts.lengths_today.append((step.sensor, 0))

    def _end(self, sensor: str, time: int) -> None:
        ended = self._on.pop(sensor, None)
        if ended is not None:
            self._counts.lengths_today.append((sensor, time - ended.start))
        self._change(time)

    def _end_until(self, time: int) -> None:
        over = [
            (each.end, sensor)
            for sensor, each in self._on.items()
            if each.end is not None and each.end <= time
        ]
        for end, sensor in sorted(over):
            self._end(sensor, end)

    def _change(self, time: int) -> None:
        if self._changed:
            self.longest_silence = max(self.longest_silence, time - self._changed)
        self._changed, self._is_active, self._silence = time, True, 0.0

    def _still_on(self, tick: int, *, is_full: bool) -> list[ActivityRow]:
        rows = []
        for sensor, each in self._on.items():
            length = tick - each.start
            if length > 0 and (is_full or each.is_door):
                rarity = self._counts.on_rarity(sensor, length)
                excess = self._counts.on_excess(sensor, length)
                values = (rarity + excess, length / 1000, rarity, excess)
                rows.append(ActivityRow("still on", tick, each.number, sensor, values))
        return rows

    def _quiet(self, tick: int, rows: list[ActivityRow]) -> None:
        hour = (tick - 1 + self._offset) // HOUR % 24
        if not self._is_active:
            self._silence += self._counts.silence(hour)
            silent_for = (tick - self._changed) / 1000
            values = (self._silence, silent_for)
            rows.append(ActivityRow("silence", tick, self._changed, "", values))
        self._counts.note_tick(hour, active=self._is_active)
        self._is_active = False
