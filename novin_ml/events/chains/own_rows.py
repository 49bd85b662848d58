"""Where the events of chains are in the log of their homes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.chains.sensor_log import SensorLog
from novin_ml.events.chains.table import Chains
from novin_ml.events.ragged import positions_by_code
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import shown

__all__ = ["OwnRows", "own_rows"]

IntArray = NDArray[np.int64]


class OwnRows(NamedTuple):
    """The events of each chain among the rows of a log.

    Attributes
    ----------
    home : ndarray of shape (n_chains,), int64
        Position of the home in the log.
    begin, stop : ndarray of shape (n_chains,), int64
        Position of the first event, and behind the last.
    """

    home: IntArray
    begin: IntArray
    stop: IntArray


def own_rows(chains: Chains, log: SensorLog) -> OwnRows:
    """Find the events of chains in a log: from the first of the window on, behind those cut.

    Raises
    ------
    InvalidEventError
        If the log does not hold them.
    """
    home = log.home_codes(chains["home_id"])
    first, last = chains.timestamp[chains.offsets[:-1]], chains.timestamp[chains.offsets[1:] - 1]
    start = chains["start"].to_numpy(dtype=np.float64)
    begin = chains["n_left_out"].to_numpy(dtype=np.int64, copy=True)
    borders = log.borders()
    homes, place = np.unique(home, return_inverse=True)
    for number, rows in zip(homes.tolist(), positions_by_code(place, len(homes)), strict=True):
        if number >= 0:
            times = log.time[borders[number] : borders[number + 1]]
            begin[rows] += borders[number] + np.searchsorted(times, start[rows])
    stop = begin + chains.lengths
    is_there = (home >= 0) & (begin >= 0) & (stop <= len(log))
    if is_there.all():
        is_there = (log.time[begin] == first) & (log.time[stop - 1] == last)
        is_there &= log.home[begin] == home
    if not is_there.all():
        raise InvalidEventError(
            "The log of chains must hold their events. Got a chain of home "
            f"{shown(chains['home_id'].iloc[int(np.argmin(is_there))])} that is not in it. "
            "Make the chains with chains_from_events."
        )
    return OwnRows(home, begin, stop)
