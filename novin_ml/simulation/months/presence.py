"""Who is in a simulated home, who is awake, and which mode is set, hour by hour for months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.months.household import Household, Resident

_STEPS = 12  # of an hour: the presence is known by 5 minutes
_SICK, _LATE = 0.008, 0.06  # chances of a day in bed, and of a late night
_NEW_HABITS = 0.3  # chance of a new job or timetable in half a year


@dataclass(frozen=True)
class Calendar:
    """What the days of a home are.

    Attributes
    ----------
    weekday : ndarray of shape (n_days,)
        0 is a Monday.
    summer : ndarray of shape (n_days,)
        1 at midsummer, -1 at midwinter of the home's hemisphere.
    holidays : ndarray of shape (n, 2)
        Local hours from which to which everybody is away.
    on_holiday : ndarray of shape (n,), bool
        Whether they set the mode "vacation" for it.
    """

    weekday: np.ndarray
    summer: np.ndarray
    holidays: np.ndarray
    on_holiday: np.ndarray

    def __len__(self) -> int:
        return len(self.weekday)

    def away(self, time: np.ndarray) -> np.ndarray:
        """Tell which local hours are in holidays."""
        if not len(self.holidays):
            return np.zeros(len(time), dtype=bool)
        number = np.searchsorted(self.holidays[:, 0], time, side="right") - 1
        return (number >= 0) & (time < self.holidays[number, 1])


@dataclass(frozen=True)
class Days:
    """The days of one person; arrays of local hours since the first midnight, NaN for never.

    Attributes
    ----------
    wakes, sleeps : ndarray of shape (n_days,)
    absences : ndarray of shape (n, 2)
        From when to when the person is out.
    sick : ndarray of shape (n_days,), bool
    """

    wakes: np.ndarray
    sleeps: np.ndarray
    absences: np.ndarray
    sick: np.ndarray


def plan_days(
    rng: np.random.Generator, person: Resident, calendar: Calendar, share: float = 1.0
) -> Days:
    """Draw when a person gets up, is out, and goes to bed on each day.

    Habits drift as an autoregressive walk from week to week, follow the light, and may change for
    good on one day.
    """
    n = len(calendar)
    day = np.arange(n)
    start = day * 24.0
    works = person.workdays[calendar.weekday] & ~np.isnan(person.leaves)
    changed = day >= (rng.uniform(0, n) if rng.random() < _NEW_HABITS * share else n)
    shift = np.where(changed, rng.normal(0, 1.0), 0.0) + _drift(rng, n)
    works = np.where(changed & (rng.random() < 0.3), works & (calendar.weekday % 2 == 0), works)
    sick = _sick_days(rng, n) & (works | np.isnan(person.leaves))
    works &= ~sick

    def jitter(scale: float = 1.0) -> np.ndarray:
        return scale * person.jitter * rng.standard_normal(n)

    later = np.where(person.workdays[calendar.weekday], 0.0, person.weekend)
    dark = -0.15 * calendar.summer
    wakes = start + person.wakes + later + dark + shift + jitter() + np.where(sick, 1.0, 0.0)
    late = np.where(rng.random(n) < _LATE, rng.exponential(1.5, n), 0.0)
    sleeps = start + person.sleeps + 0.8 * later - dark + 0.5 * shift + jitter(1.3) + late
    leaves = np.maximum(start + person.leaves + shift + jitter(0.6), wakes + 0.3)
    returns = np.maximum(start + person.returns + shift + jitter(1.2), leaves + 1.0)
    returns += np.where(rng.random(n) < 0.1, rng.exponential(1.2, n), 0.0)
    work = np.stack([leaves, returns], axis=1)[works]

    goes = rng.random(n) < np.where(works, person.outings / 3, person.outings) * ~sick
    evening = works & ~np.isnan(person.returns)
    begin = np.where(evening, returns + rng.uniform(0.4, 1.5, n), start + rng.normal(13.5, 2.8, n))
    begin = np.maximum(begin, wakes + 0.5)
    end = begin + np.exp(rng.normal(0.5, 0.6, n))
    goes &= begin < sleeps - 0.5
    sleeps = np.maximum(sleeps, np.where(goes, end + 0.4, -np.inf))
    wakes[1:] = np.maximum(wakes[1:], sleeps[:-1] + 3.5)
    out = np.concatenate([work, np.stack([begin, end], axis=1)[goes]])
    sleeps = np.maximum(sleeps, wakes + 1.0)
    return Days(wakes, sleeps, out[np.argsort(out[:, 0], kind="stable")], sick)


def at_home(time: np.ndarray, days: Days, calendar: Calendar) -> np.ndarray:
    """Tell at which of these local hours a person is neither out nor on holiday."""
    begins, ends = days.absences[:, 0], np.maximum.accumulate(days.absences[:, 1])
    number = np.searchsorted(begins, time, side="right") - 1
    out = (number >= 0) & (time < ends[np.maximum(number, 0)]) if len(begins) else False
    return ~(out | calendar.away(time))


@dataclass(frozen=True)
class Presence:
    """How many are at home and awake in each step of time.

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
        step = np.clip((time * _STEPS).astype(np.int64), 0, len(values) - 1)
        return values[step]


def presence_of(
    rng: np.random.Generator, home: Household, calendar: Calendar, people: list[Days]
) -> Presence:
    """Count who is there, and set the modes that they remember to set."""
    n = len(calendar) * 24 * _STEPS
    time = (np.arange(n) + 0.5) / _STEPS
    present, awake = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    for days in people:
        there = at_home(time, days, calendar)
        number = np.searchsorted(days.wakes, time, side="right") - 1
        up = there & (number >= 0) & (time < days.sleeps[np.maximum(number, 0)])
        present += there
        awake += up
    mode = np.where(present == 0, 1, np.where(awake == 0, 2, 0))
    # From one change to the next a mode is remembered or not; what is forgotten stays as it was.
    begins = np.flatnonzero(np.diff(mode, prepend=-1))
    remembered = rng.random(len(begins)) < home.sets_modes
    remembered |= (mode[begins] == 0) & (home.sets_modes > 0)
    spans = np.where(remembered, mode[begins], 0)
    mode = np.repeat(spans, np.diff(np.append(begins, n)))
    for (start, end), told in zip(calendar.holidays, calendar.on_holiday, strict=True):
        if told:
            mode[(time >= start) & (time < end)] = 3
    return Presence(present, awake, mode)


def _drift(rng: np.random.Generator, n_days: int) -> np.ndarray:
    """Hours by which habits are later, by the week."""
    n = n_days // 7 + 2
    steps = 0.12 * rng.standard_normal(n)
    values = np.zeros(n)
    for week in range(1, n):
        values[week] = 0.9 * values[week - 1] + steps[week]
    return np.interp(np.arange(n_days), 7.0 * np.arange(n), values)


def _sick_days(rng: np.random.Generator, n_days: int) -> np.ndarray:
    sick = np.zeros(n_days, dtype=bool)
    for first in np.flatnonzero(rng.random(n_days) < _SICK):
        sick[first : first + 1 + rng.poisson(1.2)] = True
    return sick
