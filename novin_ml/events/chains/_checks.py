"""Check the chains of a file by the rules of events, and fill in fields that are absent."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._arrays import mode_codes
from novin_ml.events.chains._decoding import (
    ABSENT,
    CHAIN_FIELDS,
    LABELS,
    ChainChunk,
    names_home,
)
from novin_ml.events.chains._summaries import label_codes, last_known, most_common_label
from novin_ml.events.chains.table import SILENCE, Chains
from novin_ml.events.fields import HOME_MODES
from novin_ml.events.files.chunk import show
from novin_ml.events.files.report import Reject
from novin_ml.events.files.validation import check_columns
from novin_ml.events.ragged import offsets_of
from novin_ml.events.vocabulary.naming import Texts
from novin_ml.events.vocabulary.vocabulary import Vocabulary

_HOME = "one home, of the chain and all its events"
_COUNT = "a whole number of events, at least 0"


def to_chains(
    chunk: ChainChunk, file: str, zone: ZoneInfo, vocabulary: Vocabulary
) -> tuple[Chains, set[str], list[Reject], int, pd.DataFrame]:
    """Return valid chains, label columns, rejects by line, number of events lost, and texts."""
    n_chains = len(chunk.lines)
    events, rejects = _valid_events(chunk, file, zone)
    table, first, wrong = _checked_chains(chunk, events, zone)
    rejects += [
        Reject(file, chunk.lines[row], *reasons)
        for row, *reasons in sorted(wrong, key=lambda reason: reason[0])
    ]
    rejects.sort(key=lambda reject: reject.line)
    is_kept = np.ones(n_chains, dtype=bool)
    is_kept[[row for row, *_ in wrong]] = False
    rows = events.rows[is_kept[events.owner[events.rows]]]
    chains, texts = _chains_of(
        chunk, events, rows, table, first, np.flatnonzero(is_kept), vocabulary
    )
    labels = {
        name
        for name in LABELS
        if name in events.columns or any(value is not ABSENT for value in chunk.values[name])
    }
    n_lost = len(chunk.events.refusals) + len(events.owner) - len(rows)
    return chains, labels, rejects, n_lost, texts


class _Events(NamedTuple):
    """The events of a chunk of chains.

    Attributes
    ----------
    columns : dict of str to ndarray of shape (n_events,)
        Those of the event table, of all events.
    owner : ndarray of shape (n_events,), int64
        Number of the chain of each event.
    rows : ndarray of shape (n_valid,), int64
        Positions of the valid events, by chain and time.
    offsets : ndarray of shape (n_chains + 1,), int64
        Where each chain begins in `rows`.
    """

    columns: dict[str, NDArray[Any]]
    owner: NDArray[np.int64]
    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]


def _valid_events(chunk: ChainChunk, file: str, zone: ZoneInfo) -> tuple[_Events, list[Reject]]:
    events = chunk.events
    columns, breaches = check_columns(events.values, len(events.lines), zone)
    owner = np.searchsorted(chunk.lines, events.lines)
    breaches = sorted([*events.breaches, *breaches], key=lambda breach: breach.row)
    rejects = [Reject(file, *refusal) for refusal in events.refusals] + [
        Reject(
            file,
            int(events.lines[breach.row]),
            events.places[breach.row] + breach.path,
            breach.expected,
            breach.got,
        )
        for breach in breaches
    ]
    is_good = np.ones(len(owner), dtype=bool)
    is_good[[breach.row for breach in breaches]] = False
    rows = np.flatnonzero(is_good)
    rows = rows[np.lexsort((columns["timestamp"][rows], owner[rows]))]
    offsets = offsets_of(np.bincount(owner[rows], minlength=len(chunk.lines)))
    return _Events(columns, owner, rows, offsets), rejects


def _checked_chains(
    chunk: ChainChunk, events: _Events, zone: ZoneInfo
) -> tuple[dict[str, NDArray[Any]], NDArray[np.float64], list[tuple[int, str, str, str]]]:
    """Return the columns of chains, the times of their first events, and what is wrong."""
    n_chains, (columns, owner, rows, offsets) = len(chunk.lines), events
    table, wrong = check_chain_values(chunk.values, n_chains, zone)
    is_empty = np.diff(offsets) == 0
    wrong += [
        (row, "events", "a list with at least one valid event", "none")
        for row in np.flatnonzero(is_empty).tolist()
    ]
    first, last = np.full(n_chains, np.nan), np.full(n_chains, np.nan)
    first[~is_empty] = columns["timestamp"][rows[offsets[:-1][~is_empty]]]
    last[~is_empty] = columns["timestamp"][rows[offsets[1:][~is_empty] - 1]]
    wrong += _wrong_times(table, first, last)
    table["home_id"], strange = _homes_of_chains(chunk, table["home_id"], columns, owner, rows)
    until = table["observed_until"]
    table["observed_until"] = np.where(np.isnan(until), last + SILENCE, until)
    return table, first, wrong + strange


def _chains_of(
    chunk: ChainChunk,
    events: _Events,
    rows: NDArray[np.int64],
    table: dict[str, NDArray[Any]],
    first: NDArray[np.float64],
    kept: NDArray[np.int64],
    vocabulary: Vocabulary,
) -> tuple[Chains, pd.DataFrame]:
    """Return some of the chains, with their events `rows`, and what these say in texts."""
    columns = {name: column[rows] for name, column in events.columns.items()}
    offsets = offsets_of(np.diff(events.offsets)[kept])
    texts = pd.DataFrame({name: columns[name] for name in ("type", "location")}, dtype=object)
    found = vocabulary.columns_of(texts["type"], texts["location"])
    pairs, told_texts = _pairs(texts)
    chains = Chains(
        pd.DataFrame(
            _chain_table(
                {name: column[kept] for name, column in table.items()},
                {name: _objects(chunk.values[name])[kept] for name in CHAIN_FIELDS},
                first[kept],
                columns,
                _without_consent(chunk, events.owner)[kept],
                offsets,
            )
        ),
        offsets,
        columns["timestamp"],
        _codes(found["kind"], np.int8),
        _codes(found["zone"], np.int8),
        columns["confidence"],
        _codes(found["sensor"], np.int16) if "sensor" in found else None,
        vocabulary,
        text=None if vocabulary.sensors else pairs,
        texts=() if vocabulary.sensors else told_texts,
    )
    return chains, texts.assign(**found)


def _wrong_times(
    table: dict[str, NDArray[Any]], first: NDArray[np.float64], last: NDArray[np.float64]
) -> list[tuple[int, str, str, str]]:
    """Return chains that start after their first event, or whose observation ends too early."""
    rules = (
        ("start", "at most the time of the first event", table["start"] > first),
        ("observed_until", "at least the time of the last event", table["observed_until"] < last),
    )
    return [
        (row, name, expected, repr(float(table[name][row])))
        for name, expected, outside in rules
        for row in np.flatnonzero(outside).tolist()
    ]


def _pairs(texts: pd.DataFrame) -> tuple[NDArray[np.int32], tuple[Texts, ...]]:
    """Return which type and location each event sends, and all of them."""
    pairs = zip(texts["type"], texts["location"], strict=True)
    codes, found = pd.factorize(pd.Series([*pairs], dtype=object))
    return codes.astype(np.int32), tuple(found)


def _homes_of_chains(
    chunk: ChainChunk,
    homes: NDArray[Any],
    events: dict[str, NDArray[Any]],
    owner: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> tuple[NDArray[Any], list[tuple[int, str, str, str]]]:
    """Fill in homes from the events of a chain, and refuse homes that disagree."""
    sent = chunk.events.values.get("home_id")
    if sent is None:
        return homes, []
    named = rows[[names_home(sent[row]) for row in rows.tolist()]]
    codes, found = pd.factorize(events["home_id"][named])
    lowest, highest = np.full(len(homes), len(found)), np.full(len(homes), -1)
    np.minimum.at(lowest, owner[named], codes)
    np.maximum.at(highest, owner[named], codes)
    is_told = np.array([names_home(home) for home in chunk.values["home_id"]], dtype=bool)
    names = np.array([*found, None], dtype=object)[highest]
    differs = (highest >= 0) & ((lowest != highest) | (is_told & (names != homes)))
    homes = np.where(~is_told & (highest >= 0), names, homes)
    wrong = []
    for row in np.flatnonzero(differs).tolist():
        several = sorted({*events["home_id"][named[owner[named] == row]].tolist()})
        got = ", ".join(map(show, several[:3])) + (", ..." if len(several) > 3 else "")
        of_chain = f"{show(homes[row])} of the chain, " if is_told[row] else ""
        wrong.append((row, "home_id", _HOME, f"{of_chain}{got} of its events"))
    return homes, wrong


def check_chain_values(
    values: dict[str, list[Any]], n_chains: int, zone: ZoneInfo
) -> tuple[dict[str, NDArray[Any]], list[tuple[int, str, str, str]]]:
    """Check the fields of chains by the rules of the fields of events."""
    known = {
        name: [None if value is ABSENT else value for value in column]
        for name, column in values.items()
    }
    shared = {name: known[name] for name in ("home_id", "utc_offset", "home_mode", *LABELS)}
    table: dict[str, NDArray[Any]] = {}
    wrong: list[tuple[int, str, str, str]] = []
    for name in ("observed_until", "start"):  # times, with which all else is checked once
        is_told = np.array([value is not None for value in known[name]], dtype=bool)
        times = [0.0 if value is None else value for value in known[name]]
        columns, breaches = check_columns(
            {"type": ["chain"] * n_chains, "timestamp": times, **shared}, n_chains, zone
        )
        table[name] = np.where(is_told, columns.pop("timestamp"), np.nan)
        for breach in breaches:
            field = breach.path.rpartition(".")[2]
            if field == "timestamp":
                table[name][breach.row] = np.nan
            reason = (breach.row, name if field == "timestamp" else field, *breach[2:])
            if reason not in wrong:
                wrong.append(reason)
    table |= {name: columns[name] for name in shared}
    counts = [0 if value is None else value for value in known["n_left_out"]]
    for row, value in enumerate(counts):
        if type(value) is not int or not 0 <= value < 2**63:
            wrong.append((row, "n_left_out", _COUNT, show(value)))
            counts[row] = 0
    table["n_left_out"] = np.array(counts, dtype=np.int64)
    return table, wrong


def _chain_table(
    table: dict[str, NDArray[Any]],
    sent: dict[str, NDArray[np.object_]],
    first: NDArray[np.float64],
    events: dict[str, NDArray[Any]],
    is_refused: NDArray[np.bool_],
    offsets: NDArray[np.int64],
) -> dict[str, Any]:
    """Fill in absent columns of chains from their events."""
    begin, stop = offsets[:-1], offsets[1:]
    is_absent = {name: _are(column, ABSENT) for name, column in sent.items()}
    told = events["utc_offset"]
    table["utc_offset"] = np.where(
        is_absent["utc_offset"],
        last_known(told, ~np.isnan(told), begin, stop),
        np.where(_are(sent["utc_offset"], None), np.nan, table["utc_offset"]),
    )
    modes = mode_codes(pd.Series(events["home_mode"], dtype=object))
    of_events = np.array([*HOME_MODES, None], dtype=object)[
        last_known(modes, modes >= 0, begin, stop)
    ]
    table["home_mode"] = np.where(is_absent["home_mode"], of_events, table["home_mode"])
    table["start"] = np.where(np.isnan(table["start"]), first, table["start"])
    table["consent"] = (_are(sent["consent"], True) | is_absent["consent"]) & ~is_refused
    for name in LABELS:
        if name in events:
            codes, names = label_codes(events[name])
            labels = most_common_label(codes, names, begin, stop)
            table[name] = np.where(is_absent[name], labels, table[name])
    return table


def _without_consent(chunk: ChainChunk, owner: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of which chains an event lacks consent, be it left out or not.

    An event without the field has the consent of its chain, and a chain that of its events.
    """
    told = _objects(chunk.events.values.get("consent", [None] * len(owner)))
    of_chain = _are(_objects(chunk.values["consent"]), True)[owner]
    is_refused = ~_are(told, True) & ~(_are(told, None) & of_chain)
    return np.bincount(owner[is_refused], minlength=len(chunk.lines)) > 0


def _codes(column: pd.Series, dtype: Any) -> NDArray[Any]:
    return np.asarray(column.cat.codes, dtype=dtype)


def _objects(values: Any) -> NDArray[np.object_]:
    return np.fromiter(values, dtype=object, count=len(values))


def _are(values: NDArray[np.object_], it: object) -> NDArray[np.bool_]:
    return np.array([value is it for value in values], dtype=bool)
