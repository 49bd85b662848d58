"""Anomalies that are planted into the days of a home after its training, one at a time.

Half an hour begins with an event and has at least `LEAST_EVENTS`; it takes the place of what the
home itself reported in that half hour. A sensor of another home stands for the sensor of this home
that reports as often by rank, so that no sensor is new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.real_homes._layout import DAY
from benchmarks.real_homes._sensors import ends_of, sensor_columns, sensors_of

HOUR, HALF_HOUR = 3_600.0, 1_800.0
OPEN_HOURS = 8
#: Events that half an hour must have to be planted.
LEAST_EVENTS = 3


class Days(NamedTuple):
    """The log of a home, and where its training ends.

    Attributes
    ----------
    name : str
        The home's.
    events : DataFrame
        In the order of time.
    split : float
        Seconds since 1970; events from then on are not trained on.
    """

    name: str
    events: pd.DataFrame
    split: float

    @property
    def training(self) -> pd.DataFrame:
        """The events before the split."""
        return self.events[self.events["timestamp"] < self.split]

    @property
    def rest(self) -> pd.DataFrame:
        """The events after it."""
        return self.events[self.events["timestamp"] >= self.split].reset_index(drop=True)


class Plant(NamedTuple):
    """Days with one anomaly; an alarm from `start` to `until` finds it."""

    events: pd.DataFrame
    start: float
    until: float


def other_homes_half_hour(rng: np.random.Generator, days: Days, others: list[Days]) -> Plant:
    """Put half an hour of another home at its own time of a day."""
    other = others[rng.integers(len(others))].rest
    half = _half_hour(rng, other)
    return _put(days, _as_sensors_here(half, other, days), _same_clock(rng, half, days))


def own_half_hour_at_3(rng: np.random.Generator, days: Days, others: list[Days]) -> Plant:
    """Put half an hour of the home at 3 in the morning of another day."""
    half = _half_hour(rng, days.rest, lambda hour: (hour >= 7) & (hour < 23))
    rest = days.rest["timestamp"].to_numpy()
    offset = _offset(days.rest)
    nights = np.arange(np.floor((rest[0] + offset) / DAY), np.floor((rest[-1] + offset) / DAY) + 1)
    starts = nights * DAY + 3 * HOUR - offset
    starts = starts[(starts >= rest[0]) & (starts <= rest[-1])]
    return _put(days, half, float(rng.choice(starts)))


def rooms_swapped(rng: np.random.Generator, days: Days, others: list[Days]) -> Plant:
    """Exchange two rooms in half an hour of the home."""
    half = _half_hour(rng, days.rest)
    rooms = _rooms(days.events)
    here = sorted(set(_rooms(half)))
    one = here[rng.integers(len(here))]
    other = rng.choice([room for room in sorted(set(rooms)) if room != one])
    sensors = sensors_of(days.events)
    ranked = {
        room: pd.Series(sensors[rooms == room]).value_counts(sort=True).index.to_numpy()
        for room in (one, other)
    }
    exchange = {}
    for room, instead in ((one, other), (other, one)):
        for rank, sensor in enumerate(ranked[room]):
            exchange[sensor] = ranked[instead][rank % len(ranked[instead])]
    changed = [exchange.get(sensor, sensor) for sensor in sensors_of(half)]
    swapped = sensor_columns(half, days.events, np.array(changed, dtype=object))
    return _put(days, swapped, float(half["timestamp"].iloc[0]))


def left_open(rng: np.random.Generator, days: Days, others: list[Days]) -> Plant | None:
    """Leave a sensor on for 8 hours that never was so long in training; None if there is none."""
    rest = days.rest
    sensors, times = sensors_of(rest), rest["timestamp"].to_numpy()
    can = np.isin(sensors, never_so_long(days)) & (times + OPEN_HOURS * HOUR <= times[-1])
    chosen = np.unique(sensors[can])
    if not len(chosen):
        return None
    row = int(rng.choice(np.flatnonzero(can & (sensors == rng.choice(chosen)))))
    start, until = times[row], times[row] + OPEN_HOURS * HOUR
    is_same = (sensors == sensors[row]) & (times > start) & (times < until)
    end = ends_of(rest)
    end[row] = until
    return Plant(rest.assign(end=end)[~is_same].reset_index(drop=True), start, until)


def day_of_absence(rng: np.random.Generator, days: Days, others: list[Days]) -> Plant:
    """Take a day's events away, from any moment on; what was on then ends."""
    rest = days.rest
    times = rest["timestamp"].to_numpy()
    start = float(rng.uniform(times[0], times[-1] - DAY))
    end = ends_of(rest)
    end = np.where((times < start) & (end > start), start, end)
    is_away = (times >= start) & (times < start + DAY)
    back = times[times >= start + DAY][0]
    return Plant(rest.assign(end=end)[~is_away].reset_index(drop=True), start, back)


#: The kinds of anomaly, by the words of the table.
PLANTS: dict[str, Callable[[np.random.Generator, Days, list[Days]], Plant | None]] = {
    "other home's half hour": other_homes_half_hour,
    "own half hour at 3 am": own_half_hour_at_3,
    "left open 8 h": left_open,
    "a day of absence": day_of_absence,
    "rooms swapped": rooms_swapped,
}


def never_so_long(days: Days) -> np.ndarray:
    """Name the sensors that tell how long they were on, and never so long in training."""
    training = days.training
    length = ends_of(training) - training["timestamp"].to_numpy()
    longest = pd.Series(length).groupby(sensors_of(training)).max()
    names = longest.index[longest < OPEN_HOURS * HOUR]
    return np.asarray(names, dtype=object)


def _half_hour(
    rng: np.random.Generator,
    events: pd.DataFrame,
    allows: Callable[[np.ndarray], np.ndarray] = lambda hour: hour >= 0,
) -> pd.DataFrame:
    times = events["timestamp"].to_numpy()
    hour = (times + events["utc_offset"].to_numpy(np.float64)) % DAY / HOUR
    many = np.searchsorted(times, times + HALF_HOUR) - np.arange(len(times)) >= LEAST_EVENTS
    row = rng.choice(np.flatnonzero(many & allows(hour)))
    return events[(times >= times[row]) & (times < times[row] + HALF_HOUR)]


def _put(days: Days, half: pd.DataFrame, start: float) -> Plant:
    """Put half an hour at a time, in the place of the home's own."""
    rest = days.rest
    times = rest["timestamp"].to_numpy()
    kept = rest.assign(end=ends_of(rest))[(times < start) | (times >= start + HALF_HOUR)]
    shift = start - half["timestamp"].iloc[0]
    moved = half.assign(
        timestamp=half["timestamp"] + shift,
        end=ends_of(half) + shift,
        utc_offset=np.float32(_offset(rest)),
        home_id=rest["home_id"].iloc[0],
        home_mode=_mode_at(rest, start),
    )
    moved = moved.astype({"home_mode": rest["home_mode"].dtype})
    events = pd.concat([kept, moved[kept.columns]], ignore_index=True)
    events = events.sort_values("timestamp", kind="stable", ignore_index=True)
    return Plant(events, start, start + HALF_HOUR)


def _mode_at(events: pd.DataFrame, time: float) -> str | None:
    """Return the mode of the last event before a time: that of the alarm system there and then."""
    before = events.loc[events["timestamp"] <= time, "home_mode"].dropna()
    return None if before.empty else str(before.iloc[-1])


def _same_clock(rng: np.random.Generator, half: pd.DataFrame, days: Days) -> float:
    """Return a time of these days at which the clock shows that of the half hour."""
    rest = days.rest["timestamp"].to_numpy()
    clock = (half["timestamp"].iloc[0] + half["utc_offset"].iloc[0]) % DAY
    offset = _offset(days.rest)
    first = np.floor((rest[0] + offset) / DAY)
    starts = (first + np.arange(int((rest[-1] - rest[0]) // DAY) + 2)) * DAY + clock - offset
    return float(rng.choice(starts[(starts >= rest[0]) & (starts <= rest[-1] - HALF_HOUR)]))


def _as_sensors_here(half: pd.DataFrame, other: pd.DataFrame, days: Days) -> pd.DataFrame:
    theirs = pd.Series(sensors_of(other)).value_counts(sort=True).index
    ours = pd.Series(sensors_of(days.events)).value_counts(sort=True).index
    rank = {sensor: place for place, sensor in enumerate(theirs)}
    meant = [ours[rank[sensor] % len(ours)] for sensor in sensors_of(half)]
    return sensor_columns(half, days.events, np.array(meant, dtype=object))


def _rooms(events: pd.DataFrame) -> np.ndarray:
    """Name the room of each event: its zone, or where it was in the vendor's words."""
    zone = events["zone"].astype(object).to_numpy()
    words = events["location"].fillna("").to_numpy(dtype=object)
    return np.where(zone == "unknown", words, zone)


def _offset(events: pd.DataFrame) -> float:
    return float(np.nan_to_num(events["utc_offset"].iloc[0]))
