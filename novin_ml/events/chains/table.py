"""Chains of events as one table: all events, and where each chain begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._arrays import CODES, numbers, refusal, together
from novin_ml.events.chains._columns import LABELS, checked_columns
from novin_ml.events.chains.sensor_log import SensorLog
from novin_ml.events.fields import CHAIN_COLUMNS, MAX_REQUEST_EVENTS, field_named
from novin_ml.events.ragged import RaggedRows, offsets_of, positions_of, refuse_nothing, rises
from novin_ml.events.tables.refusal import expected_of, remedy_of
from novin_ml.events.vocabulary.columns import refuse_others
from novin_ml.events.vocabulary.naming import Texts
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural

__all__ = ["CHAIN_COLUMNS", "MAX_CHAIN_EVENTS", "Chains"]

#: A chain holds at most as many events as a request does.
MAX_CHAIN_EVENTS = MAX_REQUEST_EVENTS

#: Seconds for which a home is watched after the last event of a chain.
SILENCE = 20.0


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
        Positions in the categories of `KIND_DTYPE` and `ZONE_DTYPE`, or of the `vocabulary`.
    confidence : ndarray of shape (n_events,), float32
        Confidence of the sensor, 0 to 1; NaN where it has none.
    sensor : ndarray of shape (n_events,), int16, or None, default=None
        Positions in the categories of ``vocabulary.sensor_dtype``; None, if the vocabulary names no
        sensors, or for all of them unseen.
    vocabulary : Vocabulary or None, default=None
        That of kinds, zones and sensors; None is `Vocabulary.sdk`.
    log : SensorLog or None, default=None
        What the homes' sensors did before, for features that look back; parts of the table share
        it. Files do not hold it.
    text : ndarray of shape (n_events,), int32, or None, default=None
        Positions in `texts`; None, if it is not known what was sent.
    texts : tuple of (type, location) or None, default=()
        What sensors send, by which another built-in vocabulary finds kinds and zones again; None
        stands for several that cannot be told apart.

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
    last), and by sensor. The constructor sorts them, so that no result depends on the order of the
    input.

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
    sensor: NDArray[np.int16] | None = None
    vocabulary: Vocabulary | None = None
    log: SensorLog | None = None
    text: NDArray[np.int32] | None = None
    texts: tuple[Texts | None, ...] = ()

    def __post_init__(self) -> None:
        """Convert and sort the arrays, and check that they are chains."""
        vocabulary = self.vocabulary or Vocabulary.sdk()
        object.__setattr__(self, "vocabulary", vocabulary)
        if not vocabulary.sensors:
            object.__setattr__(self, "sensor", None)
        elif self.sensor is None:
            unseen = np.full(np.shape(self.timestamp), len(vocabulary.sensors))
            object.__setattr__(self, "sensor", unseen)
        for name, dtype in _ARRAYS.items():
            if getattr(self, name) is None and name in _OPTIONAL:
                continue
            array = numbers(getattr(self, name), name, np.dtype(dtype))
            if array.ndim != 1:
                raise InvalidEventError(
                    f"The {name} of chains must be a 1-d array. Got "
                    f"{plural(array.ndim, 'dimension')}. "
                    "Use chains_from_events."
                )
            object.__setattr__(self, name, array)
        columns = checked_columns(self.table)
        _check_events(self, len(columns["start"]))
        _sort_events(self)
        _check_times(self, columns)
        object.__setattr__(self, "table", pd.DataFrame(columns))

    @classmethod
    def _of_checked(cls, table: pd.DataFrame, *arrays: Any) -> Chains:
        """Make a table from parts of other tables of chains, without checks."""
        chains = object.__new__(cls)
        names = ("table", *_ARRAYS, "vocabulary", "log", "texts")
        for name, value in zip(names, (table, *arrays), strict=True):
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
            All chains, in the order of the tables. A label that a table lacks is None. They have a
            `log` if all tables share one.

        Raises
        ------
        InvalidEventError
            If there is none, or their vocabularies differ.
        """
        refuse_nothing(tables, cls.__name__)
        vocabulary = tables[0].vocabulary
        text, texts = together([(chains.text, chains.texts) for chains in tables])
        for chains in tables:
            refuse_others(chains.vocabulary, vocabulary, "Chains to concatenate")
        table = pd.concat([chains.table for chains in tables], ignore_index=True)
        for name in LABELS:
            if name in table:
                table[name] = table[name].astype(object).where(table[name].notna(), None)
        return cls(
            table,
            offsets_of(np.concatenate([chains.lengths for chains in tables])),
            **{
                name: np.concatenate([getattr(chains, name) for chains in tables])
                for name in _arrays_of(tables[0])
                if name != "text"
            },
            text=text,
            vocabulary=vocabulary,
            log=_shared_log(tables),
            texts=texts,
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
            if name not in (*CHAIN_COLUMNS, *LABELS):
                raise InvalidEventError(
                    f"A column of chains must be one of {', '.join((*CHAIN_COLUMNS, *LABELS))}. "
                    f"Got {name!r}. Keep other columns beside the chains, row by row."
                )
        return self._with(self.table.assign(**columns))

    def _with(self, table: pd.DataFrame) -> Chains:
        """Return the same events with another table."""
        arrays = {name: getattr(self, name) for name in _arrays_of(self)}
        return Chains(
            table, self.offsets, **arrays,
            vocabulary=self.vocabulary, log=self.log, texts=self.texts,
        )  # fmt: skip

    def events_at(self, positions: Any) -> dict[str, Any]:
        """Return the arrays of some events, by name, the vocabulary, the log and the texts.

        Parameters
        ----------
        positions : slice or ndarray of int
            Positions in the flat arrays.

        Returns
        -------
        arrays : dict
            What `Chains` takes beside its table and its offsets.
        """
        arrays = {name: getattr(self, name)[positions] for name in _arrays_of(self)}
        shared = ("vocabulary", "log", "texts")
        return arrays | {name: getattr(self, name) for name in shared}

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
            *(
                None if array is None else array[positions]
                for array in (getattr(self, name) for name in [*_ARRAYS][1:])
            ),
            self.vocabulary,
            self.log,
            self.texts,
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
                    name: pd.Categorical.from_codes(column[part], dtype=self.dtype_of(name))
                    if name in CODES
                    else column[part]
                    for name, column in self._columns_of_events()
                }
            )
        return super().__getitem__(key)

    def dtype_of(self, name: str) -> pd.CategoricalDtype:
        """Return the categories of the codes of events.

        Parameters
        ----------
        name : {"kind", "zone", "sensor"}
            Name of an array.

        Returns
        -------
        dtype : CategoricalDtype
            That of the vocabulary.
        """
        dtype: pd.CategoricalDtype = getattr(self.vocabulary, f"{name}_dtype")
        return dtype

    def _columns_of_events(self) -> Iterator[tuple[str, np.ndarray]]:
        names = ("timestamp", "kind", "zone", "sensor", "confidence")
        return ((name, getattr(self, name)) for name in names if name in _arrays_of(self))


def _shared_log(tables: Sequence[Chains]) -> SensorLog | None:
    logs = {id(chains.log): chains.log for chains in tables}
    return tables[0].log if len(logs) == 1 else None


_TIME_FIELD = field_named("timestamp")

_ARRAYS: dict[str, Any] = {
    "offsets": np.int64,
    "timestamp": np.float64,
    "kind": np.int8,
    "zone": np.int8,
    "confidence": np.float32,
    "sensor": np.int16,
    "text": np.int32,
}
_OPTIONAL = ("sensor", "text")


def _arrays_of(chains: Chains) -> list[str]:
    """Return the names of the arrays of events."""
    names = [name for name in _ARRAYS if name != "offsets"]
    return [name for name in names if getattr(chains, name) is not None]


def _check_events(chains: Chains, n_chains: int) -> None:
    lengths = {name: len(getattr(chains, name)) for name in _arrays_of(chains)}
    if len(set(lengths.values())) > 1 or not rises(chains.offsets, len(chains.timestamp), n_chains):
        raise InvalidEventError(
            "The offsets of chains must rise from 0 to the number of events, one more than there "
            f"are chains. Got {plural(len(chains.offsets), 'offset')}, "
            f"{plural(n_chains, 'chain')} and "
            f"{lengths} that do not fit together. Use chains_from_events."
        )
    n_events = chains.lengths
    if n_events.min(initial=1) < 1 or n_events.max(initial=1) > MAX_CHAIN_EVENTS:
        wrong = n_events[(n_events < 1) | (n_events > MAX_CHAIN_EVENTS)][0]
        raise InvalidEventError(
            f"A chain must have 1 to {MAX_CHAIN_EVENTS} events. Got one of {wrong}. "
            "Use chains_from_events, which keeps the latest."
        )
    for name in (name for name in CODES if name in _arrays_of(chains)):
        codes = getattr(chains, name)
        if codes.min(initial=0) < 0 or codes.max(initial=0) >= len(
            chains.dtype_of(name).categories
        ):
            wrong = codes.min() if codes.min() < 0 else codes.max()
            raise refusal(name, wrong, chains.vocabulary)
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
        if chains.sensor is not None:
            wrong[tie] = True  # rare enough to be sorted by the sensor too
    if not (wrong & same).any():
        return
    chain = np.repeat(np.arange(len(chains.lengths)), chains.lengths)
    last = () if chains.sensor is None else (chains.sensor,)
    order = np.lexsort((*last, confidence, zone, kind, time, chain))
    for name in _arrays_of(chains):
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
