"""Days of one person: when they get up, are out, are ill, and go to bed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.months.calendar import Calendar
from novin_ml.simulation.months.household import Resident
from novin_ml.simulation.months.local_time import within

_SICK, _LATE = 0.008, 0.06  # chances of a day in bed, and of a late night
_NEW_HABITS = 0.3  # chance of a new job or timetable in half a year


@dataclass(frozen=True)
class Days:
    """The days of one person, in local hours since the first midnight.

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
    """Draw when a person gets up, is out and goes to bed on each day.

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
    late = np.where(chance(rng, n, _LATE), rng.exponential(1.5, n), 0.0)
    sleeps = start + person.sleeps + 0.8 * later - dark + 0.5 * shift + jitter(1.3) + late
    leaves = np.maximum(start + person.leaves + shift + jitter(0.6), wakes + 0.3)
    returns = np.maximum(start + person.returns + shift + jitter(1.2), leaves + 1.0)
    returns += np.where(chance(rng, n, 0.1), rng.exponential(1.2, n), 0.0)
    work = np.stack([leaves, returns], axis=1)[works]

    goes = chance(rng, n, np.where(works, person.outings / 3, person.outings) * ~sick)
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
    """Tell at which local hours a person is neither out nor on holiday."""
    return ~(within(time, days.absences) | calendar.away(time))


def _drift(rng: np.random.Generator, n_days: int) -> np.ndarray:
    """Draw by how many hours habits are late on each day; changes from week to week."""
    n = n_days // 7 + 2
    steps = 0.12 * rng.standard_normal(n)
    values = np.zeros(n)
    for week in range(1, n):
        values[week] = 0.9 * values[week - 1] + steps[week]
    return np.interp(np.arange(n_days), 7.0 * np.arange(n), values)


def _sick_days(rng: np.random.Generator, n_days: int) -> np.ndarray:
    sick = np.zeros(n_days, dtype=bool)
    for first in np.flatnonzero(chance(rng, n_days, _SICK)):
        sick[first : first + 1 + rng.poisson(1.2)] = True
    return sick
