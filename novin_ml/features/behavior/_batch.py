"""The past of each event of a log, for all events of all homes at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from novin_ml.features.behavior._codes import (
    MINUTE,
    N_CELLS,
    N_KINDS,
    N_MODES,
    N_PAIRS,
    N_ZONES,
    NO_PAIR,
    Cells,
    EventCodes,
    IntArray,
    Moment,
)
from novin_ml.features.behavior.formulas import (
    HOUR_COS,
    HOUR_SIN,
    Past,
    behavior_columns,
    rarity_of,
)
from novin_ml.features.behavior.specs import (
    BEHAVIOR_FEATURES,
    DAY_MINUTES,
    HOUR_MINUTES,
    RECENT,
)

#: Number of events in a block of whole homes, so that their tables stay in the cache.
_BLOCK = 16_384


def behavior_table(codes: EventCodes) -> NDArray[np.float32]:
    """Return the features of events, in their order, shape (n_events, 17)."""
    table = np.empty((len(codes), len(BEHAVIOR_FEATURES)), dtype=np.float32)
    order = codes.in_order()
    for rows in _blocks_of_homes(codes.home[order]):
        block = order[rows]
        past, _ = past_of(codes.take(block))
        features = np.empty((len(block), table.shape[1]), dtype=np.float32)
        features[:, 0] = HOUR_SIN[past.minute_of_day]
        features[:, 1] = HOUR_COS[past.minute_of_day]
        for position, column in enumerate(behavior_columns(past), start=2):
            features[:, position] = column
        table[block] = features
    return table


def _blocks_of_homes(home: IntArray) -> Iterator[slice]:
    """Divide homes that follow each other into blocks of a few thousand events."""
    is_last = np.ones(len(home), dtype=bool)
    is_last[:-1] = home[1:] != home[:-1]
    ends = (np.flatnonzero(is_last) + 1).tolist()
    start = 0
    for number, end in enumerate(ends):
        if number + 1 == len(ends) or ends[number + 1] - start > _BLOCK:
            yield slice(start, end)
            start = end


def past_of(codes: EventCodes) -> tuple[Past, Cells]:
    """Return the past of each event of a sorted log of at least one event."""
    timeline = _Timeline(codes)
    moment = Moment.of(codes.time, codes.offset)
    pair = codes.kind * N_ZONES + codes.zone
    last = timeline.instant - 1  # position of the previous event, if there is one
    previous = np.where(timeline.events > 0, pair[last], NO_PAIR)
    cells = Cells.of(pair, codes.zone, codes.mode, moment, previous)
    pairs, pair_hours = timeline.count_by_hour(pair, N_PAIRS, moment.hour, (0, -1, 1))
    pair_modes, mode_hours = timeline.count_by_hour(
        pair * N_MODES + codes.mode, N_PAIRS * N_MODES, moment.hour, (0, -1, 1)
    )
    _, hours = timeline.count_by_hour(np.zeros_like(pair), 1, moment.hour, (0, -1))
    of_kind, last_of_kind = timeline.count(codes.kind, N_KINDS)
    first = codes.time[timeline.home]
    past = Past(
        minute_of_day=moment.minute_of_day,
        events=timeline.events,
        pair=pairs,
        pair_hour=pair_hours[0],
        pair_hour_before=pair_hours[1],
        pair_hour_after=pair_hours[2],
        pair_mode=pair_modes,
        mode_hour=mode_hours[0],
        mode_hour_before=mode_hours[1],
        mode_hour_after=mode_hours[2],
        week=timeline.count(cells.week)[0],
        previous=timeline.count(cells.previous)[0],
        order=timeline.count(cells.order)[0],
        hour=hours[0],
        hour_before=hours[1],
        in_hour=timeline.within(HOUR_MINUTES),
        in_day=timeline.within(DAY_MINUTES),
        elapsed=codes.time - first,
        gap=codes.time - np.where(timeline.events > 0, codes.time[last], codes.time),
        gap_kind=codes.time - np.where(of_kind > 0, codes.time[last_of_kind], first),
        recent=0,
    )
    rarity = np.concatenate(([0], np.cumsum(rarity_of(past))))
    recent = np.maximum(timeline.instant - RECENT, timeline.home)
    return past._replace(recent=rarity[timeline.instant] - rarity[recent]), cells


class _Timeline:
    """A sorted log.

    Attributes
    ----------
    home, instant : ndarray of shape (n_events,)
        Positions of the first event of the same home, and of the same instant.
    events : ndarray of shape (n_events,)
        Number of events of the home before the instant.
    """

    def __init__(self, codes: EventCodes) -> None:
        n_events = len(codes)
        self._positions = np.arange(n_events)
        new_home = np.ones(n_events, dtype=bool)
        new_home[1:] = codes.home[1:] != codes.home[:-1]
        new_instant = new_home.copy()
        new_instant[1:] |= codes.time[1:] != codes.time[:-1]
        self.home = self._run_starts(new_home)
        self.instant = self._run_starts(new_instant)
        self.events = self.instant - self.home
        # Each home has its own number, and counts its instants from 0: a key of home, cell
        # and instant then orders events by home, cell and time.
        self._home_number = np.cumsum(new_home) - 1
        instants = np.cumsum(new_instant) - 1
        self._instant_number = instants - instants[self.home]
        self._n_instants = int(self._instant_number.max()) + 1
        self._minute = codes.time // MINUTE

    def count(self, cell: IntArray, n_cells: int = N_CELLS) -> tuple[IntArray, IntArray]:
        """Count the home's earlier events in the cell, and return the position of the last one."""
        order, start, stop = self._sorted(cell, n_cells)
        counts, last = np.empty_like(order), np.empty_like(order)
        counts[order] = stop - start
        last[order] = order[stop - 1]
        return counts, last

    def count_by_hour(
        self, cell: IntArray, n_cells: int, hour: IntArray, beside: tuple[int, ...]
    ) -> tuple[IntArray, list[IntArray]]:
        """Count the home's earlier events in the cell, and those in the hours around it."""
        order, start, stop = self._sorted(cell, n_cells)
        hour = hour[order]
        running = np.zeros((len(order) + 1, 24), dtype=np.int32)
        running[self._positions + 1, hour] = 1
        np.cumsum(running, axis=0, out=running)
        whole, by_hour = np.empty_like(order), []
        whole[order] = stop - start
        for hours in beside:
            there = (hour + hours) % 24
            counts = np.empty_like(order)
            counts[order] = running[stop, there] - running[start, there]
            by_hour.append(counts)
        return whole, by_hour

    def within(self, minutes: int) -> IntArray:
        """Count the home's earlier events in the last `minutes`, its own minute included."""
        # Put the minutes of the homes too far apart for any window.
        span = self._minute - self._minute[self.home]
        ends = np.flatnonzero(np.append(self._home_number[1:] != self._home_number[:-1], True))
        lengths = span[ends] + DAY_MINUTES
        line = span + (np.cumsum(lengths) - lengths)[self._home_number]
        return self.instant - np.searchsorted(line, line - minutes + 1)

    def _sorted(self, cell: IntArray, n_cells: int) -> tuple[IntArray, IntArray, IntArray]:
        """Sort by home, cell and time.

        Return the order, and for each position in it the start and the end of the home's earlier
        events in the cell.
        """
        group = self._home_number * n_cells + cell
        key = group * self._n_instants + self._instant_number
        order = np.argsort(key)
        key, group = key[order], group[order]
        new_group = np.ones(len(key), dtype=bool)
        new_group[1:] = group[1:] != group[:-1]
        new_instant = np.ones(len(key), dtype=bool)
        new_instant[1:] = key[1:] != key[:-1]
        return order, self._run_starts(new_group), self._run_starts(new_instant)

    def _run_starts(self, new: NDArray[np.bool_]) -> IntArray:
        return np.maximum.accumulate(np.where(new, self._positions, 0))
