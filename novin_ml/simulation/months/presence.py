"""Presence: how many people are at home and awake, and which mode is set, over months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.months.calendar import Calendar
from novin_ml.simulation.months.day_plans import Days, at_home
from novin_ml.simulation.months.household import Household
from novin_ml.simulation.months.local_time import within

#: The presence is known in steps of 5 minutes.
STEPS_PER_HOUR = 12


@dataclass(frozen=True)
class Presence:
    """How many people are at home and awake in each step of time.

    Attributes
    ----------
    present, awake : ndarray of shape (n_steps,)
    mode : ndarray of shape (n_steps,)
        Positions in `HOME_MODES`.
    """

    present: np.ndarray
    awake: np.ndarray
    mode: np.ndarray

    def look(self, name: str, time: np.ndarray) -> np.ndarray:
        """Return `present`, `awake` or `mode` at local hours."""
        values: np.ndarray = getattr(self, name)
        step = np.clip((time * STEPS_PER_HOUR).astype(np.int64), 0, len(values) - 1)
        return values[step]


def presence_of(
    rng: np.random.Generator, home: Household, calendar: Calendar, people: list[Days]
) -> Presence:
    """Count who is at home and awake, and set the modes that people remember to set."""
    n = len(calendar) * 24 * STEPS_PER_HOUR
    time = (np.arange(n) + 0.5) / STEPS_PER_HOUR
    present, awake = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for days in people:
        there = at_home(time, days, calendar)
        up = there & within(time, np.column_stack([days.wakes, days.sleeps]))
        present += there
        awake += up
    mode = np.where(present == 0, 1, np.where(awake == 0, 2, 0))
    # People set or forget the mode at each change; a forgotten mode stays "home".
    begins = np.flatnonzero(np.diff(mode, prepend=-1))
    remembered = chance(rng, len(begins), home.sets_modes)
    remembered |= (mode[begins] == 0) & (home.sets_modes > 0)
    spans = np.where(remembered, mode[begins], 0)
    mode = np.repeat(spans, np.diff(np.append(begins, n)))
    mode[within(time, calendar.holidays[calendar.on_holiday])] = 3
    return Presence(present, awake, mode)
