"""What homes do on an average day, by kind and zone of sensors: a past for a home without one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.vocabulary.naming import sensor_name
from novin_ml.features.activity._counts import N_LENGTHS, Counts
from novin_ml.features.activity.history import ActivityHistory
from novin_ml.features.activity.table import activity_rows

__all__ = ["Habits", "Key", "Role", "habits_of", "n_numbers", "sensor_roles", "with_past"]

#: Kind and zone of a sensor.
Role = tuple[str, str]
#: What a row of numbers is about: the name of a table, and the kinds and zones that it is of.
Key = tuple[str, ...]
#: Numbers by key.
Habits = dict[Key, NDArray[np.float64]]

_N_HOURS = 24
#: For each table: of how many kinds and zones it is, and how many numbers a key has.
_TABLES = {
    "events": ((0, 1, 2), _N_HOURS),  # a day and sensor, by hour
    "lengths": ((1, 2), N_LENGTHS),  # activations a day and sensor, by half octave
    "longest": ((1, 2), 1),  # lg of milliseconds, mean over sensors
    "again": ((0, 2), 1),  # share of events after which the same sensor comes next
    "next": ((4,), 1),  # share of other events after which one sensor of another role comes next
    "active": ((0,), _N_HOURS),  # share of ticks with a start or an end
    "means": ((0,), 2),  # mean rarity of transitions, and of a sensor at its hour
}


def n_numbers(key: Key) -> int:
    """Return how many numbers a key has; 0 if there is no such key."""
    n_names, size = _TABLES.get(key[0], ((), 0)) if key else ((), 0)
    return size if len(key) - 1 in n_names else 0


def sensor_roles(sensors: pd.DataFrame) -> dict[str, Role]:
    """Return kind and zone of each sensor.

    Parameters
    ----------
    sensors : DataFrame
        Columns `type`, `location`, `kind` and `zone`: an event table, or a list of sensors.

    Returns
    -------
    roles : dict of str to (kind, zone)
        By the name that `ActivityHistory` gives the sensor; of its rows the first counts.
    """
    roles: dict[str, Role] = {}
    columns = [sensors[name].astype(object) for name in ("type", "location", "kind", "zone")]
    for row in dict.fromkeys(zip(*columns, strict=True)):
        type_, location, kind, zone = (None if pd.isna(each) else str(each) for each in row)
        roles.setdefault(sensor_name(type_, location, kind), (kind or "other", zone or "unknown"))
    return roles


def habits_of(events: pd.DataFrame, *, tick_minutes: int = 60) -> Habits:
    """Return what a home does on an average day.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table of one home, of at least a day.
    tick_minutes : int, default=60
        As of `ActivityHistory`.

    Returns
    -------
    habits : dict of tuple to ndarray
        No time, no name of a sensor and no count: rates and shares by kind and zone.
    """
    history = ActivityHistory(tick_minutes=tick_minutes, door_tick_minutes=tick_minutes)
    activity_rows(events, history=history)
    counts, roles = history._counts, sensor_roles(events)
    times = events["timestamp"].to_numpy(dtype=np.float64)
    n_days = max((times.max() - times.min()) / 86_400, 1.0)
    habits: Habits = defaultdict(lambda: np.zeros(1))
    of_role = Counter(roles.values())
    for (role, _), sensors in _groups(roles).items():
        table = np.zeros(_N_HOURS), np.zeros(N_LENGTHS)
        for sensor in sensors:
            table[0][:] += _row(counts, ("sensor_hour", sensor), _N_HOURS)
            table[1][:] += _row(counts, ("length", sensor), N_LENGTHS)
        habits["events", *role] = table[0] / n_days / len(sensors)
        longest = [counts.longest[each] for each in sensors if counts.longest.get(each)]
        if role and longest:
            habits["lengths", *role] = table[1] / n_days / len(sensors)
            habits["longest", *role] = np.array([np.log2(longest).mean()])
    _add_transitions(habits, counts, roles, of_role)
    ticks, active = (_row(counts, (name,), _N_HOURS) for name in ("tick", "active"))
    habits["active",] = active / np.maximum(ticks, 1)
    habits["means",] = np.array([counts.mean("transition"), counts.mean("sensor_hour")])
    return dict(habits)


def with_past(
    history: ActivityHistory, habits: Mapping[Key, NDArray[np.float64]], n_days: float,
    roles: Mapping[str, Role],
) -> ActivityHistory:  # fmt: skip
    """Give a history that has seen nothing the past of an average home with its sensors.

    Parameters
    ----------
    history : ActivityHistory
        Changed in place: its counts are whole numbers, as those of a home that was observed, and
        its own days are added to them.
    habits : mapping of tuple to ndarray
        Of `habits_of`, or their means over homes.
    n_days : float
        How many days the past stands for. The home's own days outweigh it after as many.
    roles : mapping of str to (kind, zone)
        The home's sensors.

    Returns
    -------
    history : ActivityHistory
        The same.
    """
    counts, sensors = history._counts, sorted(roles)
    by_hour = {}
    for sensor in sensors:
        rates = _nearest(habits, "events", roles[sensor])
        by_hour[sensor] = np.rint(n_days * (np.zeros(_N_HOURS) if rates is None else rates))
        _put(counts, ("sensor_hour", sensor), by_hour[sensor])
        _put_one(counts, ("sensor", sensor), by_hour[sensor].sum())
        lengths = _nearest(habits, "lengths", roles[sensor])
        longest = _nearest(habits, "longest", roles[sensor])
        if lengths is not None and longest is not None:
            whole = np.rint(n_days * lengths)
            _put(counts, ("length", sensor), whole)
            _put_one(counts, ("lengths", sensor), whole.sum())
            counts.longest[sensor] = int(2 ** longest[0])
    all_hours = sum(by_hour.values(), np.zeros(_N_HOURS))
    _put(counts, ("hour",), all_hours)
    n_events = int(all_hours.sum())
    _put_one(counts, ("events",), n_events)
    _put_one(counts, ("sensors",), sum(bool(each.sum()) for each in by_hour.values()))
    _put_transitions(counts, habits, roles, {each: by_hour[each].sum() for each in sensors})
    ticks = np.full(_N_HOURS, np.rint(n_days * 60 / history.tick_minutes))
    _put(counts, ("tick",), ticks)
    active = np.minimum(habits.get(("active",), np.full(_N_HOURS, 0.5)), 1)
    _put(counts, ("active",), np.rint(ticks * active))
    means = habits.get(("means",), np.zeros(2))
    for name, mean in zip(("transition", "sensor_hour"), means.tolist(), strict=True):
        counts.sums[name] += n_events * mean
    return history


def _groups(roles: Mapping[str, Role]) -> dict[tuple[tuple[str, ...], int], list[str]]:
    """Return the sensors of each role, of each kind, and all."""
    groups: dict[tuple[tuple[str, ...], int], list[str]] = defaultdict(list)
    for sensor, role in sorted(roles.items()):
        for n_names in (0, 1, 2):
            groups[role[:n_names], n_names].append(sensor)
    return groups


def _add_transitions(
    habits: Habits, counts: Counts, roles: Mapping[str, Role], of_role: Mapping[Role, int]
) -> None:
    leaving: Counter[Role] = Counter()
    again: Counter[Role] = Counter()
    other: Counter[tuple[Role, Role]] = Counter()
    for cell, n in list(counts.cells.items()):
        if cell[0] == "transition":
            before, after = roles[cell[1]], roles[cell[2]]
            leaving[before] += n
            if cell[1] == cell[2]:
                again[before] += n
            else:
                other[before, after] += n
    if leaving:
        habits["again",] = np.array([again.total() / leaving.total()])
    for before, n in leaving.items():
        habits["again", *before] = np.array([again[before] / n])
        for after in of_role:
            n_sensors = of_role[after] - (after == before)
            if n_sensors and n > again[before]:
                share = other[before, after] / (n - again[before]) / n_sensors
                habits["next", *before, *after] = np.array([share])


def _put_transitions(
    counts: Counts,
    habits: Mapping[Key, NDArray[np.float64]],
    roles: Mapping[str, Role],
    n_events: Mapping[str, float],
) -> None:
    total = sum(n_events.values()) or 1.0
    for before, n in n_events.items():
        again = habits.get(("again", *roles[before]), habits.get(("again",), np.array([0.3])))[0]
        shares = {}
        for after in n_events:
            if after != before:
                known = habits.get(("next", *roles[before], *roles[after]))
                shares[after] = n_events[after] / total if known is None else known[0]
        rest = sum(shares.values()) or 1.0
        shares = {after: (1 - again) * share / rest for after, share in shares.items()}
        for after, share in {before: again, **shares}.items():
            _put_one(counts, ("transition", before, after), round(n * share))
            _put_one(counts, ("from", before), round(n * share))


def _nearest(
    habits: Mapping[Key, NDArray[np.float64]], table: str, role: Role
) -> NDArray[np.float64] | None:
    """Return the numbers of a role; else those of its kind, else those of all sensors."""
    for n_names in (2, 1, 0):
        found = habits.get((table, *role[:n_names]))
        if found is not None:
            return found
    return None


def _row(counts: Counts, table: Key, size: int) -> NDArray[np.float64]:
    return np.array([counts.cells[(*table, place)] for place in range(size)], dtype=np.float64)


def _put(counts: Counts, table: Key, numbers: NDArray[np.float64]) -> None:
    for place, number in enumerate(numbers.tolist()):
        _put_one(counts, (*table, place), number)


def _put_one(counts: Counts, cell: tuple[Any, ...], number: float) -> None:
    if number:
        counts.cells[cell] += int(number)
