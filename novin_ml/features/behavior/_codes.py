"""Events as integers: the fields that the features of behavior use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.fields import HOME_MODES
from novin_ml.events.vocabulary.limits import MAX_KINDS, MAX_ZONES
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import shown

IntArray = NDArray[np.int64]

MODE_NAMES: tuple[str, ...] = HOME_MODES
#: Modes by name; what is missing has the name None.
MODE_CODES: dict[str | None, int] = {name: i for i, name in enumerate((*MODE_NAMES, None))}

#: Room for the kinds and zones of any vocabulary, so that the numbers of cells are constants; the
#: last code is that of what is missing. Only cells that are not empty take memory.
N_KINDS, N_ZONES, N_MODES = MAX_KINDS + 1, MAX_ZONES + 1, len(MODE_NAMES) + 1
N_PAIRS = N_KINDS * N_ZONES


class NameCodes(NamedTuple):
    """The codes of the kinds and zones of a vocabulary.

    Attributes
    ----------
    kinds, zones : tuple of str
        Names by code.
    kind, zone : dict
        Codes by name; what is missing has the name None.
    """

    kinds: tuple[str, ...]
    zones: tuple[str, ...]
    kind: dict[str | None, int]
    zone: dict[str | None, int]


@lru_cache(maxsize=64)
def name_codes(vocabulary: Vocabulary) -> NameCodes:
    """Return the codes of a vocabulary."""
    kinds = tuple(kind.name for kind in vocabulary.kinds)
    zones = tuple(zone.name for zone in vocabulary.zones)
    return NameCodes(
        kinds,
        zones,
        {**{name: i for i, name in enumerate(kinds)}, None: N_KINDS - 1},
        {**{name: i for i, name in enumerate(zones)}, None: N_ZONES - 1},
    )


#: Code of the pair before a home's first event.
NO_PAIR = N_PAIRS

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000  # milliseconds

#: Columns of the event table that the features of behavior are computed from.
BEHAVIOR_INPUTS = ("home_id", "timestamp", "utc_offset", "kind", "zone", "home_mode")


@dataclass(frozen=True)
class EventCodes:
    """Events of homes, as arrays of one length.

    Attributes
    ----------
    home : ndarray of int64
        Number of the home.
    time : ndarray of int64
        Milliseconds since 1970.
    offset : ndarray of int64
        Milliseconds that the local time is ahead.
    kind, zone, mode : ndarray of int64
        Codes.
    """

    home: IntArray
    time: IntArray
    offset: IntArray
    kind: IntArray
    zone: IntArray
    mode: IntArray

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: Any) -> EventCodes:
        """Return some of the events."""
        return EventCodes(
            *(column[rows] for column in (self.home, self.time, self.offset)),
            *(column[rows] for column in (self.kind, self.zone, self.mode)),
        )

    def then(self, later: EventCodes) -> EventCodes:
        """Return these events and others after them."""
        return EventCodes(
            *(
                np.concatenate((getattr(self, name), getattr(later, name)))
                for name in self.__dataclass_fields__
            )
        )

    def in_order(self) -> IntArray:
        """Order by home and time; what is simultaneous by its codes, so that rows do not matter."""
        content = (self.kind * N_ZONES + self.zone) * N_MODES + self.mode
        return np.lexsort((self.offset, content, self.time, self.home))


class Moment(NamedTuple):
    """The local time, as integers or as arrays of them."""

    hour: Any
    minute_of_day: Any
    at_weekend: Any

    @classmethod
    def of(cls, time: Any, offset: Any) -> Self:
        """Look at the clock."""
        minute = (time + offset) // MINUTE
        minute_of_day = minute % 1440
        # 1 January 1970 was a Thursday.
        return cls(minute_of_day // 60, minute_of_day, (minute // 1440 + 3) % 7 >= 5)


class Cells(NamedTuple):
    """Which cell of each table of counts an event is in, as integers or as arrays of them.

    The tables are laid end to end, so that a cell's number tells its table too.
    """

    pair: Any
    pair_hour: Any
    pair_mode: Any
    pair_mode_hour: Any
    hour: Any
    week: Any
    previous: Any
    order: Any

    @classmethod
    def of(cls, pair: Any, zone: Any, mode: Any, moment: Moment, previous: Any) -> Self:
        """Find the cells; `previous` is the pair of the event before, or `NO_PAIR`."""
        pair_mode, hour = pair * N_MODES + mode, moment.hour
        return cls(
            _STARTS.pair + pair,
            _STARTS.pair_hour + pair * 24 + hour,
            _STARTS.pair_mode + pair_mode,
            _STARTS.pair_mode_hour + pair_mode * 24 + hour,
            _STARTS.hour + hour,
            _STARTS.week + (zone * 2 + moment.at_weekend) * 24 + hour,
            _STARTS.previous + previous,
            _STARTS.order + previous * N_PAIRS + pair,
        )


_SIZES = Cells(
    pair=N_PAIRS,
    pair_hour=N_PAIRS * 24,
    pair_mode=N_PAIRS * N_MODES,
    pair_mode_hour=N_PAIRS * N_MODES * 24,
    hour=24,
    week=N_ZONES * 48,
    previous=N_PAIRS + 1,
    order=(N_PAIRS + 1) * N_PAIRS,
)
_STARTS = Cells(*(sum(_SIZES[:table]) for table in range(len(_SIZES))))
N_CELLS = sum(_SIZES)


def cell_starts() -> Cells:
    """Return the number of the first cell of each table."""
    return _STARTS


def encode_events(
    events: pd.DataFrame, vocabulary: Vocabulary
) -> tuple[EventCodes, NDArray[np.object_]]:
    """Turn an event table into codes.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table, as `check_events` returns it.
    vocabulary : Vocabulary
        That of the table.

    Returns
    -------
    codes : EventCodes
        In the order of the rows, homes numbered from 0.
    homes : ndarray of shape (n_homes,), dtype object
        Their names.

    Raises
    ------
    InvalidEventError
        If an event names no home.
    """
    home, found = pd.factorize(events["home_id"].astype(object), use_na_sentinel=False)
    names = np.array(found, dtype=object)
    for name in names:
        if not isinstance(name, str):
            raise InvalidEventError(
                f"The 'home_id' of every event must be a text. Got {shown(name)}. "
                "Read events with novin_ml.events.read_events."
            )
    offset = events["utc_offset"].to_numpy(np.float64)
    offset = np.where(np.isnan(offset), 0.0, offset)
    known = name_codes(vocabulary)
    codes = EventCodes(
        home.astype(np.int64),
        _milliseconds(events["timestamp"].to_numpy(np.float64)),
        _milliseconds(offset),
        _codes_of(events["kind"], known.kind),
        _codes_of(events["zone"], known.zone),
        _codes_of(events["home_mode"], MODE_CODES),
    )
    return codes, names


def _milliseconds(seconds: NDArray[np.float64]) -> IntArray:
    return np.rint(seconds * 1000).astype(np.int64)


def _codes_of(column: pd.Series, code: Mapping[str | None, int]) -> IntArray:
    """Return the code of each value, whatever the order of the column's categories."""
    categories = column.astype("category").cat
    known = [code.get(name, code[None]) for name in categories.categories]
    return np.array([*known, code[None]], dtype=np.int64)[categories.codes.to_numpy()]
