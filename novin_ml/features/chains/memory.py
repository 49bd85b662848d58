"""Columns for each sensor and each zone, from the events of a chain and before it.

They use only events up to the last one of the chain, and the ends that were known by then. Times
are whole milliseconds; a column is one operation in float64 on them, rounded to float32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.chains.own_rows import OwnRows, own_rows
from novin_ml.events.chains.sensor_log import SensorLog
from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, Chains
from novin_ml.events.ragged import positions_by_code
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.spec import FeatureSpec

IntArray = NDArray[np.int64]

#: Longest time since something, in seconds: a week. Longer times count as this.
LONGEST_MEMORY = 604_800.0
#: Number of sensors before the last event that have columns.
N_BEFORE = 2


class Wanted(NamedTuple):
    """The columns to compute.

    Attributes
    ----------
    sensors, zones : tuple of str
        Names in the vocabulary.
    memory : float or None
        Seconds after which what happened counts half; None for no column of what was before.
    """

    sensors: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    memory: float | None = None

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.sensors or self.zones)


def memory_specs(wanted: Wanted) -> tuple[FeatureSpec, ...]:
    """Describe the columns, in their order. T is the time of the last event of the chain."""
    sensors, zones, memory = wanted
    keys = identifiers(sensors)
    most = float(MAX_CHAIN_EVENTS)
    specs = [
        FeatureSpec(f"n_sensor_{key}", "1", 0.0, most, f"events of the sensor {name}")
        for key, name in zip(keys, sensors, strict=True)
    ]
    if sensors:
        specs.append(_code("sensor_last", "last event", sensors))
    specs += [
        FeatureSpec(f"n_zone_{name}", "1", 0.0, most, f"events at the zone {name}")
        for name in zones
    ]
    if memory is None:
        return tuple(specs)
    if sensors:
        order = ("last event before T", "event before that")
        specs += [
            _code(f"sensor_before_{number + 1}", order[number], sensors)
            for number in range(N_BEFORE)
        ]
    for key, name in zip(keys, sensors, strict=True):
        began = f"last event before T with which {name} was not off"
        specs += [
            FeatureSpec(
                f"on_sensor_{key}", "1", 0.0, 1.0, f"1 if {name} is on since before T, else 0"
            ),
            FeatureSpec(
                f"ends_sensor_{key}", "1", 0.0, float("inf"),
                f"activations of {name} that ended from the first event of the chain on, before T",
            ),
            FeatureSpec(
                f"since_sensor_{key}", "s", 0.0, LONGEST_MEMORY,
                f"min(T - time of the {began}, a week); missing if none",
            ),
            FeatureSpec(
                f"recent_sensor_{key}", "1", 0.0, 1.0,
                f"{memory:g} / ({memory:g} + T - time of the {began}); 0 if none",
            ),
        ]  # fmt: skip
    specs += [
        FeatureSpec(
            f"recent_zone_{name}", "1", 0.0, 1.0,
            f"{memory:g} / ({memory:g} + T - time of the last event before T at {name}); 0 if none",
        )
        for name in zones
    ]  # fmt: skip
    return tuple(specs)


def identifiers(names: Sequence[str]) -> list[str]:
    """Return names as parts of identifiers, in small letters; equal ones are numbered."""
    found: list[str] = []
    for name in names:
        stem = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or "sensor"
        key, number = stem, 1
        while key in found:
            number += 1
            key = f"{stem}_{number}"
        found.append(key)
    return found


def _code(name: str, event: str, sensors: Sequence[str]) -> FeatureSpec:
    return FeatureSpec(
        name, "code", 0.0, float(len(sensors) - 1),
        f"position of the {event}'s sensor in ({', '.join(sensors)}); missing if it is none",
    )  # fmt: skip


def bag_and_memory(chains: Chains, wanted: Wanted) -> NDArray[np.float32]:
    """Return the columns of chains, shape (n_columns, n_chains), in the order of `memory_specs`.

    Raises
    ------
    InvalidEventError
        If the chains have no log, or it does not hold their events.
    """
    log = chains.log
    table = np.empty((len(memory_specs(wanted)), len(chains)), dtype=np.float32)
    if not len(chains):
        return table  # no events tell no sensors
    if log is None:
        raise InvalidEventError(
            "The chains must have a log of sensors for columns of sensors. Got none. "
            "Make them with chains_from_events, from events that have a type and a location."
        )
    own = own_rows(chains, log)
    # Chains with consent must not use events without it.
    hidden = np.append(0, np.cumsum(~log.consent))
    is_open = hidden[own.stop] == hidden[own.begin]
    for rows, known, places in (
        (np.flatnonzero(~is_open), log, own),
        (
            np.flatnonzero(is_open),
            log.of_consenting(),
            OwnRows(own.home, own.begin - hidden[own.begin], own.stop - hidden[own.stop]),
        ),
    ):
        if len(rows):
            part = OwnRows(*(each[rows] for each in places))
            for place, column in enumerate(_columns(wanted, known, part)):
                table[place, rows] = column
    return table


def _columns(
    wanted: Wanted, log: SensorLog, own: OwnRows
) -> Iterator[NDArray[np.int64 | np.float64]]:
    """Yield the columns of chains, in the order of `memory_specs`."""
    sensor = _places(wanted.sensors, log.names, log.sensor)
    zone = _places(wanted.zones, log.zones, log.zone)
    of_sensor = positions_by_code(sensor, len(wanted.sensors))
    of_zone = positions_by_code(zone, len(wanted.zones))
    yield from (_count(mine, own) for mine in of_sensor)
    if of_sensor:
        yield _or_missing(sensor[own.stop - 1])
    yield from (_count(mine, own) for mine in of_zone)
    if wanted.memory is None:
        return
    before = _Before(log, own, wanted.memory)
    if of_sensor:
        yield from before.last_sensors(sensor)
    for mine in of_sensor:
        yield from before.of_sensor(mine[~log.ends[mine]])
    for mine in of_zone:
        yield before.recent(before.since(mine, before.latest(mine)))


def _places(names: tuple[str, ...], known: tuple[str, ...], code: NDArray[np.integer]) -> IntArray:
    """Return the positions in `names` of codes of known names; -1 for others."""
    places = {name: place for place, name in enumerate(names)}
    of_code = [*(places.get(name, -1) for name in known), -1]
    found: IntArray = np.array(of_code, dtype=np.int16)[code]
    return found


def _count(mine: IntArray, own: OwnRows) -> IntArray:
    """Count in each chain the events at some positions."""
    return np.searchsorted(mine, own.stop) - np.searchsorted(mine, own.begin)


def _or_missing(place: IntArray) -> NDArray[np.float64]:
    return np.where(place >= 0, place, np.nan)


class _Before:
    """What was in the homes of chains before the last event of each."""

    def __init__(self, log: SensorLog, own: OwnRows, memory: float) -> None:
        self.log, self.home, self.memory = log, own.home, float(memory)
        self.start = log.borders()[own.home]  # position of the first event of the home
        self.at = own.stop - 1  # and of the last one of the chain
        self.first, self.last = log.time[own.begin], log.time[self.at]

    def last_sensors(self, sensor: IntArray) -> list[NDArray[np.float64]]:
        """Return the sensors of the events before the last one, the latest first."""
        places = (self.at - number for number in range(1, N_BEFORE + 1))
        return [
            _or_missing(np.where(place >= self.start, sensor[np.maximum(place, 0)], -1))
            for place in places
        ]

    def latest(self, mine: IntArray) -> IntArray:
        """Return which of some positions is the last before the end of each chain; -1 for none."""
        latest = np.searchsorted(mine, self.at) - 1
        return np.where(np.append(mine, -1)[latest] >= self.start, latest, -1)

    def of_sensor(self, mine: IntArray) -> list[NDArray[np.float64]]:
        """Return the columns of a sensor from the positions of what it began, of all homes."""
        latest = self.latest(mine)
        since = self.since(mine, latest)
        ends = self.log.end[mine]
        # Times by rank, so that home and time are one whole number.
        times, rank = np.unique(np.where(np.isnan(ends), -np.inf, ends), return_inverse=True)
        key = self.log.home[mine] * (len(times) + 1) + rank
        first, last = (
            self.home * (len(times) + 1) + np.searchsorted(times, time)
            for time in (self.first, self.last)
        )
        longest = np.append(np.maximum.accumulate(key), -1)[latest]
        ended = np.sort(key[np.isfinite(ends)])
        return [
            (longest >= last).astype(np.float64),
            (np.searchsorted(ended, last) - np.searchsorted(ended, first)).astype(np.float64),
            np.minimum(since, LONGEST_MEMORY),
            self.recent(since),
        ]

    def since(self, mine: IntArray, latest: IntArray) -> NDArray[np.float64]:
        """Return the seconds since the last of some events of the home; NaN if there is none."""
        times = np.append(self.log.time[mine], np.nan)
        since: NDArray[np.float64] = np.rint((self.last - times[latest]) * 1000.0) / 1000.0
        return since

    def recent(self, since: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how recent something is: 1 at once, a half after the memory, 0 if never."""
        return np.where(np.isnan(since), 0.0, self.memory / (self.memory + since))
