"""Counts of what a home did on earlier days: the part of a history that learns."""

from __future__ import annotations

from collections import Counter
from typing import Any

from novin_ml.features._log2 import line_log2
from novin_ml.plain import shown

HOUR = 3_600_000  # milliseconds
#: Half octaves of seconds in which lengths are counted.
N_LENGTHS = 40
_LEAST_LONGEST = 60_000

#: A cell of counts: the name of its table, then what it counts.
Cell = tuple[Any, ...]

#: The types of what the cells of each table count.
_TABLES: dict[str, tuple[type, ...]] = {
    "events": (),
    "sensors": (),
    "sensor": (str,),
    "hour": (int,),
    "sensor_hour": (str, int),
    "transition": (str, str),
    "from": (str,),
    "tick": (int,),
    "active": (int,),
    "length": (str, int),
    "lengths": (str,),
}


class Counts:
    """Counts of earlier days; the counts of a day are added when it is over.

    Attributes
    ----------
    cells : Counter
        Counts by cell; a cell is a table and a position.
    longest : dict of str to int
        Longest activation of each sensor, in milliseconds.
    sums : dict of str to float
        Sums of ``"transition"`` and ``"sensor_hour"``.
    """

    def __init__(self) -> None:
        self.cells: Counter[Cell] = Counter()
        self.longest: dict[str, int] = {}
        self.sums = {"transition": 0.0, "sensor_hour": 0.0}
        self.today: list[Cell] = []
        self.sensors_today: set[str] = set()
        self.lengths_today: list[tuple[str, int]] = []
        self.sums_today = {"transition": 0.0, "sensor_hour": 0.0}

    def copy(self) -> Counts:
        """Return an independent copy."""
        other = Counts()
        other.cells, other.longest = Counter(self.cells), dict(self.longest)
        other.sums, other.sums_today = dict(self.sums), dict(self.sums_today)
        other.today, other.lengths_today = list(self.today), list(self.lengths_today)
        other.sensors_today = set(self.sensors_today)
        return other

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as JSON has them."""
        return {
            "cells": [[list(cell), count] for cell, count in self.cells.items()],
            "longest": [[sensor, length] for sensor, length in self.longest.items()],
            "sums": self.sums,
            "today": [list(cell) for cell in self.today],
            "lengths_today": [list(each) for each in self.lengths_today],
            "sums_today": self.sums_today,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Counts:
        """Read the counts that `to_dict` returned; ValueError, TypeError or KeyError if none."""
        counts = cls()
        for cell, count in document["cells"]:
            counts.cells[_cell(cell)] = _whole(count)
        counts.longest = {str(sensor): _whole(each) for sensor, each in document["longest"]}
        for name in counts.sums:
            counts.sums[name] = float(document["sums"][name])
            counts.sums_today[name] = float(document["sums_today"][name])
        counts.today = [_cell(cell) for cell in document["today"]]
        counts.sensors_today = {cell[1] for cell in counts.today if cell[0] == "sensor"}
        counts.lengths_today = [
            (str(sensor), _whole(length)) for sensor, length in document["lengths_today"]
        ]
        return counts

    def end_day(self) -> None:
        """Add the counts of the day."""
        for cell in self.today:
            self.cells[cell] += 1
        for sensor, length in self.lengths_today:
            self.cells[("length", sensor, half_octave(length))] += 1
            self.cells[("lengths", sensor)] += 1
            self.longest[sensor] = max(length, self.longest.get(sensor, 0))
        for name, value in self.sums_today.items():
            self.sums[name] += value
            self.sums_today[name] = 0.0
        self.today.clear()
        self.sensors_today.clear()
        self.lengths_today.clear()

    def mean(self, name: str) -> float:
        """Return the mean of a score over the events of earlier days; 0 without any."""
        n_events = self.cells["events",]
        return self.sums[name] / n_events if n_events else 0.0

    def transition(self, previous: str | None, sensor: str) -> float:
        """Return the rarity of a sensor after another, in bits."""
        if previous is None:
            return 0.0
        cells = self.cells
        n_sensors = cells["sensors",] + 1  # one of them was never seen
        share = (cells["sensor", sensor] + 0.5) / (cells["events",] + 0.5 * n_sensors)
        follows = cells["transition", previous, sensor] + 2 * share
        return float(line_log2((cells["from", previous] + 2) / follows))

    def sensor_hour(self, sensor: str, hour: int) -> float:
        """Return the rarity of the hour for a sensor, in bits; below 0 for a usual hour."""
        cells = self.cells
        here = _around(cells, ("sensor_hour", sensor), hour) + 2 * (
            (_around(cells, ("hour",), hour) + 0.1) / (cells["events",] + 2.4)
        )
        return float(line_log2((cells["sensor", sensor] + 2) / (24 * here)))

    def silence(self, hour: int) -> float:
        """Return the rarity of a tick in this hour without a start or end, in bits."""
        ticks, active = self.cells["tick", hour], self.cells["active", hour]
        return float(line_log2((ticks + 1) / (ticks - active + 0.5)))

    def on_rarity(self, sensor: str, length: int) -> float:
        """Return the rarity of an activation of at least this length, in bits."""
        longer = self.n_as_long(sensor, length)
        return float(line_log2((self.cells["lengths", sensor] + 1) / (longer + 0.5)))

    def n_as_long(self, sensor: str, length: int) -> int:
        """Return the number of activations of at least this length, in half octaves."""
        places = range(half_octave(length), N_LENGTHS)
        return sum(self.cells["length", sensor, place] for place in places)

    def on_excess(self, sensor: str, length: int) -> float:
        """Return by how much a length exceeds the longest one of a sensor, in bits."""
        longest = max(self.longest.get(sensor, 0), _LEAST_LONGEST)
        return float(line_log2(length / longest)) if length > longest else 0.0

    def note_event(
        self, previous: str | None, sensor: str, hour: int, transition: float, sensor_hour: float
    ) -> None:
        """Count an event of today."""
        today = self.today
        if sensor not in self.sensors_today and not self.cells["sensor", sensor]:
            today.append(("sensors",))
        self.sensors_today.add(sensor)
        today += (("events",), ("sensor", sensor), ("hour", hour), ("sensor_hour", sensor, hour))
        if previous is not None:
            today += (("transition", previous, sensor), ("from", previous))
        self.sums_today["transition"] += transition
        self.sums_today["sensor_hour"] += sensor_hour

    def note_tick(self, hour: int, *, active: bool) -> None:
        """Count a tick of today, and whether anything started or ended before it."""
        self.today.append(("tick", hour))
        if active:
            self.today.append(("active", hour))


def _whole(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(
            f"The counts of a history must be whole numbers. Got {shown(number)}. Save it again."
        )
    return number


def _cell(parts: Any) -> Cell:
    is_cell = type(parts) is list and parts and type(parts[0]) is str
    types = _TABLES.get(parts[0]) if is_cell else None
    if types is None or tuple(map(type, parts[1:])) != types:
        raise ValueError(
            f"The counts of a history must be those that to_dict wrote. Got {shown(parts)}. "
            "Save it again."
        )
    return tuple(parts)


def half_octave(length: int) -> int:
    """Return the number of the half octave of seconds that a length in milliseconds is in."""
    return min(int(2 * line_log2(max(length / 1000, 1.0))), N_LENGTHS - 1)


def _around(cells: Counter[Cell], table: Cell, hour: int) -> float:
    """Return the count of an hour, half of it lent to the hours beside it."""
    before, after = (hour + 23) % 24, (hour + 1) % 24
    return (2 * cells[*table, hour] + cells[*table, before] + cells[*table, after]) / 4
