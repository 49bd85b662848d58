"""Chains of events as one table: all events, and where each chain begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.consent import has_consent
from novin_ml.events.fields import CHAIN_COLUMNS, EVENT_FIELDS, HOME_MODES, MAX_REQUEST_EVENTS
from novin_ml.events.files.chunk import show
from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.ragged import RaggedRows, offsets_of, positions_of, refuse_nothing, rises
from novin_ml.events.tables.refusal import expected_of, remedy_of
from novin_ml.events.zones import ZONE_DTYPE
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of
from novin_ml.plain import shown

__all__ = ["CHAIN_COLUMNS", "MAX_CHAIN_EVENTS", "Chains"]

#: A chain holds at most as many events as a request does.
MAX_CHAIN_EVENTS = MAX_REQUEST_EVENTS

#: Seconds for which a home is watched after the last event of a chain.
SILENCE = 20.0

_LABELS = ("label", "clean_label")


@dataclass(frozen=True, eq=False)
class Chains(RaggedRows):
    """A table of chains. A chain is what happened in one home within a minute.

    The table has one row per chain and is indexed like a list: a number returns the events of one
    chain; a slice, a mask or an array of numbers returns a table; a text returns a column of
    `table`. The splitters and the cross-validation of scikit-learn take it like a DataFrame.

    Parameters
    ----------
    table : DataFrame of shape (n_chains, n_columns)
        One row per chain: ``home_id``; ``start``, the time of the first event, and
        ``observed_until``, until when the home was watched, both in seconds since 1970;
        ``utc_offset`` in seconds; ``home_mode``; ``consent``, true if all events may be trained on;
        ``n_left_out``, the number of events that were cut because the chain was too long; and
        ``label`` and ``clean_label``, if known. All but ``home_id`` and ``start`` may be absent.
        The index and other columns are not kept.
    offsets : ndarray of shape (n_chains + 1,), int64
        The events of chain i are at ``offsets[i]:offsets[i + 1]`` of the arrays below. A chain has
        1 to 100 events.
    timestamp : ndarray of shape (n_events,), float64
        Seconds since 1970.
    kind, zone : ndarray of shape (n_events,), int8
        Positions in the categories of `KIND_DTYPE` and `ZONE_DTYPE`.
    confidence : ndarray of shape (n_events,), float32
        Confidence of the sensor, 0 to 1; NaN where it has none.

    Raises
    ------
    InvalidEventError
        If the arrays do not fit together, or a value is out of its range.

    See Also
    --------
    chains_from_events : Make chains from an event log.

    Notes
    -----
    The events of a chain are sorted by timestamp, then by kind, zone and confidence (missing ones
    last). The constructor sorts them, so that no result depends on the order of the input.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import Chains
    >>> chains = Chains(
    ...     table=pd.DataFrame({"home_id": ["a", "b"], "start": [5.0, 0.0]}),
    ...     offsets=[0, 2, 3],
    ...     timestamp=[5.0, 7.5, 0.0],
    ...     kind=[1, 0, 0],
    ...     zone=[0, 0, 7],
    ...     confidence=[0.9, 0.8, 0.4],
    ... )
    >>> len(chains), chains["home_id"].tolist(), chains.lengths.tolist()
    (2, ['a', 'b'], [2, 1])
    >>> chains[0][["kind", "zone"]].to_numpy().tolist()
    [['doorbell', 'front_door'], ['motion', 'front_door']]
    >>> chains[[1]]["home_id"].tolist()
    ['b']
    """

    table: pd.DataFrame
    offsets: NDArray[np.int64]
    timestamp: NDArray[np.float64]
    kind: NDArray[np.int8]
    zone: NDArray[np.int8]
    confidence: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Convert and sort the arrays, and check that they are chains."""
        for name, dtype in _ARRAYS.items():
            array = _numbers(getattr(self, name), name, np.dtype(dtype))
            if array.ndim != 1:
                raise InvalidEventError(
                    f"The {name} of chains must be a 1-d array. Got {array.ndim} dimensions. "
                    "Use chains_from_events."
                )
            object.__setattr__(self, name, array)
        columns = _checked_columns(self.table)
        _check_events(self, len(columns["start"]))
        _sort_events(self)
        _check_times(self, columns)
        object.__setattr__(self, "table", pd.DataFrame(columns))

    @classmethod
    def _of_checked(cls, table: pd.DataFrame, *arrays: np.ndarray) -> Chains:
        """Make a table from parts of other tables of chains, without checks."""
        chains = object.__new__(cls)
        for name, value in zip(("table", *_ARRAYS), (table, *arrays), strict=True):
            object.__setattr__(chains, name, value)
        return chains

    @classmethod
    def concatenate(cls, tables: Sequence[Chains]) -> Chains:
        """Put tables one after the other.

        Parameters
        ----------
        tables : sequence of Chains
            At least one.

        Returns
        -------
        chains : Chains
            All chains, in the order of the tables. A label that a table lacks is None.
        """
        refuse_nothing(tables, cls.__name__)
        table = pd.concat([chains.table for chains in tables], ignore_index=True)
        for name in _LABELS:
            if name in table:
                table[name] = table[name].astype(object).where(table[name].notna(), None)
        return cls(
            table,
            offsets_of(np.concatenate([chains.lengths for chains in tables])),
            **{
                name: np.concatenate([getattr(chains, name) for chains in tables])
                for name in _ARRAYS
                if name != "offsets"
            },
        )

    @property
    def columns(self) -> pd.Index:
        """Names of the columns of `table`."""
        return self.table.columns

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of events of each chain."""
        return np.diff(self.offsets)

    def assign(self, **columns: Any) -> Chains:
        """Return a copy whose `table` has new or replaced columns, as `DataFrame.assign` does.

        Parameters
        ----------
        **columns
            Values by name, one per chain. Names are those of `CHAIN_COLUMNS`, ``label`` and
            ``clean_label``.

        Returns
        -------
        chains : Chains
            The same events.

        Raises
        ------
        InvalidEventError
            If a table of chains has no column of that name, or a value is out of its range.
        """
        for name in columns:
            if name not in (*CHAIN_COLUMNS, *_LABELS):
                raise InvalidEventError(
                    f"A column of chains must be one of {', '.join((*CHAIN_COLUMNS, *_LABELS))}. "
                    f"Got {name!r}. Keep other columns beside the chains, row by row."
                )
        return Chains(
            self.table.assign(**columns),
            self.offsets, self.timestamp, self.kind, self.zone, self.confidence,
        )  # fmt: skip

    def take_rows(self, rows: NDArray[np.int64]) -> Chains:
        """Return some of the chains.

        Parameters
        ----------
        rows : ndarray of shape (n_taken,), int64
            Positions, from 0 on.

        Returns
        -------
        chains : Chains
            In that order.
        """
        positions, offsets = positions_of(self.offsets, rows)
        table = self.table.take(rows)
        table.index = pd.RangeIndex(len(rows))
        return Chains._of_checked(
            table,
            offsets,
            self.timestamp[positions],
            self.kind[positions],
            self.zone[positions],
            self.confidence[positions],
        )

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.table[key]
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            row = range(len(self))[key]
            part = slice(self.offsets[row], self.offsets[row + 1])
            return pd.DataFrame(
                {
                    "timestamp": self.timestamp[part],
                    "kind": pd.Categorical.from_codes(self.kind[part], dtype=KIND_DTYPE),
                    "zone": pd.Categorical.from_codes(self.zone[part], dtype=ZONE_DTYPE),
                    "confidence": self.confidence[part],
                }
            )
        return super().__getitem__(key)


_TIME_FIELD = next(field for field in EVENT_FIELDS if field.name == "timestamp")

_ARRAYS: dict[str, Any] = {
    "offsets": np.int64,
    "timestamp": np.float64,
    "kind": np.int8,
    "zone": np.int8,
    "confidence": np.float32,
}


# Meaning of each column, and the remedy if a value is something else.
_CODES = "a position in the categories of {0}_DTYPE, 0 to {1}"
_NAMES = "Look names up by {0}_DTYPE.categories.get_indexer, or use chains_from_events"
_MEANINGS: dict[str, tuple[str, str]] = {
    "offsets": ("whole numbers of events", "Use chains_from_events"),
    "kind": (_CODES.format("KIND", len(KIND_DTYPE.categories) - 1), _NAMES.format("KIND")),
    "zone": (_CODES.format("ZONE", len(ZONE_DTYPE.categories) - 1), _NAMES.format("ZONE")),
    "confidence": ("a number from 0 to 1, NaN where there is none", "Correct it"),
    "utc_offset": ("a number of seconds, NaN where there is none", "Correct it"),
    "n_left_out": ("a number of events, at least 0", "Leave it out where it is not known"),
}
_TIME = (
    "a number of seconds since 1970",
    "Use read_events and chains_from_events, which take dates and times",
)


def _numbers(values: Any, name: str, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Convert numbers to a dtype; refuse numbers that a cast would change silently."""
    array = np.asarray(values)
    if array.dtype == dtype or array.size == 0:
        return array.astype(dtype, copy=False)
    if array.dtype.kind == "O":  # numbers among which None is missing
        is_number = [
            each is None or (isinstance(each, Real) and not isinstance(each, bool))
            for each in array.ravel().tolist()
        ]
        if not all(is_number):
            raise _refusal(name, array.ravel()[is_number.index(False)])
        array = array.astype(np.float64)
    if array.dtype.kind not in "iuf":
        raise _refusal(name, array.ravel()[0])
    if dtype.kind == "i":
        limits = np.iinfo(dtype)
        with np.errstate(invalid="ignore"):
            wrong = ~((array >= limits.min) & (array <= limits.max) & (array == np.rint(array)))
        if wrong.any():
            raise _refusal(name, array[wrong][0])
    return array.astype(dtype)


def _refusal(name: str, got: Any) -> InvalidEventError:
    meaning, remedy = _MEANINGS.get(name, _TIME)
    owner = "an event" if name in ("kind", "zone", "confidence", "timestamp") else "chains"
    got = got.item() if isinstance(got, np.generic) and got.dtype.kind in "iufbU" else got
    return InvalidEventError(
        f"The {name} of {owner} must be {meaning}. Got {show(got)} instead. {remedy}."
    )


def mode_codes(modes: pd.Series) -> NDArray[np.int8]:
    """Return the positions of home modes in `HOME_MODES`, -1 where missing."""
    # Dtypes are equal whatever the order of their categories, which the codes follow.
    if modes.dtype == CHAIN_COLUMNS["home_mode"] and [*modes.cat.categories] == [*HOME_MODES]:
        return np.asarray(modes.cat.codes, dtype=np.int8)
    codes, found = pd.factorize(modes)
    places = pd.Index(HOME_MODES, dtype=object).get_indexer(pd.Index(found, dtype=object))
    if (places < 0).any():
        raise InvalidEventError(
            f"The home_mode of a chain must be one of {', '.join(HOME_MODES)}. "
            f"Got {shown(found[int(np.argmin(places))])} instead. Correct it or leave it out."
        )
    known: NDArray[np.int8] = np.array([*places, -1], dtype=np.int8)
    return known[codes]


def _checked_columns(table: Any) -> dict[str, Any]:
    """Return the columns of chains, in order and with their dtypes."""
    required = ("home_id", "start")
    if not isinstance(table, pd.DataFrame) or not set(required) <= set(table.columns):
        raise InvalidEventError(
            f"The table of chains must be a DataFrame with the columns {', '.join(required)}. "
            f"Got {list(getattr(table, 'columns', [kind_of(table)]))}. "
            "Use chains_from_events."
        )
    n_chains = len(table)
    absent = {"observed_until": np.nan, "utc_offset": np.nan, "consent": False, "n_left_out": 0}
    columns: dict[str, Any] = {}
    for name, dtype in CHAIN_COLUMNS.items():
        if name == "home_mode":
            codes = mode_codes(table[name]) if name in table else np.full(n_chains, -1, np.int8)
            columns[name] = pd.Categorical.from_codes(codes, dtype=dtype)
        elif name not in table:
            columns[name] = np.full(n_chains, absent[name], dtype=dtype)
        elif name == "consent":
            columns[name] = has_consent(table).copy()
        else:
            values = table[name].to_numpy(dtype=object if dtype == "object" else None, copy=True)
            if dtype != "object":
                values = _numbers(values, name, np.dtype(dtype))
            columns[name] = _column(values)
    for name in (name for name in _LABELS if name in table):
        labels = table[name].to_numpy(dtype=object, copy=True)
        labels[pd.isna(labels)] = None
        columns[name] = _column(labels)
    return columns


def _column(values: NDArray[Any]) -> Any:
    """Keep the dtype object of texts."""
    return pd.Series(values, dtype=object) if values.dtype == object else values


def _check_events(chains: Chains, n_chains: int) -> None:
    lengths = {name: len(getattr(chains, name)) for name in _ARRAYS if name != "offsets"}
    if len(set(lengths.values())) > 1 or not rises(chains.offsets, len(chains.timestamp), n_chains):
        raise InvalidEventError(
            "The offsets of chains must rise from 0 to the number of events, one more than there "
            f"are chains. Got {len(chains.offsets)} offsets, {n_chains} chains and "
            f"{lengths} that do not fit together. Use chains_from_events."
        )
    n_events = chains.lengths
    if n_events.min(initial=1) < 1 or n_events.max(initial=1) > MAX_CHAIN_EVENTS:
        wrong = n_events[(n_events < 1) | (n_events > MAX_CHAIN_EVENTS)][0]
        raise InvalidEventError(
            f"A chain must have 1 to {MAX_CHAIN_EVENTS} events. Got one of {wrong}. "
            "Use chains_from_events, which keeps the latest."
        )
    for name, dtype in (("kind", KIND_DTYPE), ("zone", ZONE_DTYPE)):
        codes = getattr(chains, name)
        if codes.min(initial=0) < 0 or codes.max(initial=0) >= len(dtype.categories):
            raise _refusal(name, codes.min() if codes.min() < 0 else codes.max())
    if not np.isfinite(chains.timestamp).all():
        raise InvalidEventError(
            "The timestamp of an event must be a finite number of seconds since 1970. "
            "Got one that is none. Leave that event out."
        )
    latest = chains.timestamp.max(initial=0.0)
    if latest > _TIME_FIELD.high:
        raise InvalidEventError(
            f"The timestamp of an event must be {expected_of(_TIME_FIELD, latest)}. "
            f"Got {float(latest)!r}. {remedy_of(_TIME_FIELD, float(latest))}."
        )
    with np.errstate(invalid="ignore"):
        wrong = (chains.confidence < 0) | (chains.confidence > 1)
    if wrong.any():
        raise InvalidEventError(
            "The confidence of an event must be a number from 0 to 1, NaN where there is none. "
            f"Got {chains.confidence[wrong][0]}. Correct it."
        )


def _sort_events(chains: Chains) -> None:
    """Put the events of each chain in order, where they are not."""
    time, kind, zone, confidence = chains.timestamp, chains.kind, chains.zone, chains.confidence
    step = time[1:] - time[:-1]
    begins = np.zeros(len(time) + 1, dtype=bool)
    begins[chains.offsets] = True
    same = ~begins[1:-1]
    wrong = step < 0
    tie = np.flatnonzero(same & (step == 0))
    if len(tie):
        # NaN compares as false: a confidence after none would be missed, so none counts as 2.
        certain = np.where(np.isnan(confidence), np.float32(2), confidence)
        place = kind.astype(np.int32) * 128 + zone
        before, after = place[tie], place[tie + 1]
        wrong[tie] = (before > after) | ((before == after) & (certain[tie] > certain[tie + 1]))
    if not (wrong & same).any():
        return
    chain = np.repeat(np.arange(len(chains.lengths)), chains.lengths)
    order = np.lexsort((confidence, zone, kind, time, chain))
    for name in ("timestamp", "kind", "zone", "confidence"):
        object.__setattr__(chains, name, getattr(chains, name)[order])


def _check_times(chains: Chains, columns: dict[str, Any]) -> None:
    """Fill in missing `observed_until`, and refuse impossible times."""
    first, last = chains.timestamp[chains.offsets[:-1]], chains.timestamp[chains.offsets[1:] - 1]
    until, start = columns["observed_until"], columns["start"]
    columns["observed_until"] = until = np.where(np.isnan(until), last, until)
    if not np.isfinite(start).all() or (start > first).any() or (until < last).any():
        raise InvalidEventError(
            "The events of a chain must lie between its start and its observed_until. "
            "Got a chain of which one does not. Use chains_from_events."
        )
    if columns["n_left_out"].min(initial=0) < 0:
        raise InvalidEventError(
            "The n_left_out of a chain must be a number of events, at least 0. "
            f"Got {columns['n_left_out'].min()}. Leave it out where it is not known."
        )
