"""Decode files of chains.

A chain is a line of JSON, which is a request with fields of its own, or a row of Parquet lists. The
events of all chains are checked together, like other events.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

import numpy as np

from novin_ml.events.chains.table import MAX_CHAIN_EVENTS
from novin_ml.events.fields import CHAIN_COLUMNS, CHAIN_KEYS, EVENT_FIELDS
from novin_ml.events.files.chunk import Chunk, Refusal, show
from novin_ml.events.files.columns import is_missing_field
from novin_ml.events.files.json_text import (
    BOM,
    CHUNK_BYTES,
    Collector,
    decode_joined,
)
from novin_ml.events.files.lines import lines_of, read_lines
from novin_ml.events.files.parquet import batches_of, values_of
from novin_ml.events.refusals import EVENT, EVENTS
from novin_ml.optional import import_optional
from novin_ml.plain import plural

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "nothing"})()
LABELS = tuple(field.name for field in EVENT_FIELDS if field.is_label)
#: Fields of a chain beside its events.
CHAIN_FIELDS = (*CHAIN_COLUMNS, *LABELS)
#: Columns of lists in Parquet, by the name of the event's field.
LIST_COLUMNS = {
    "timestamp": "timestamp", "type": "kind", "location": "zone", "confidence": "confidence",
}  # fmt: skip

_FIELDS = {field.name: field for field in EVENT_FIELDS}
#: Fields of chains under another name than that of events.
_LIKE = {"start": "timestamp", "observed_until": "timestamp", "user_id": "home_id"}
# Lines of a file that are read to find out whether it holds chains.
_FIRST_LINES = 100
_CHAIN = "a chain: a JSON object with a list of events, each key once"


@dataclass
class ChainChunk:
    """A part of a file of chains, decoded but not yet checked.

    Parameters
    ----------
    lines : list of int
        Line of each chain, from 1.
    values : dict
        By name of `CHAIN_FIELDS`, the chains' values as sent: None where null, `ABSENT` where a
        chain does not have the field.
    events : Chunk
        The events of all chains, and what was refused.
    """

    lines: list[int]
    values: dict[str, list[Any]]
    events: Chunk


class _ChainLines(Collector):
    """Collect the chains of lines, and their events."""

    takes_chains = True

    def __init__(self) -> None:
        super().__init__()
        self.objects: list[dict[str, Any]] = []
        self.lines: list[int] = []

    def refuse(self, line: int, field: str, expected: str, got: str) -> None:
        is_whole = field == "line" and expected == EVENT
        super().refuse(line, field, _CHAIN if is_whole else expected, got)

    def add(self, value: object, line: int, place: str, n_bytes: int | None) -> None:
        if not place and isinstance(value, dict):
            if "events" not in value:
                self.refuse(line, "line", _CHAIN, show(value))
                return
            n_refused = len(self._refusals)
            super().add(value, line, place, n_bytes)
            if "events" not in [refusal.field for refusal in self._refusals[n_refused:]]:
                self.objects.append(value)
                self.lines.append(line)
            return
        super().add(value, line, place, n_bytes)


def read_json_chains(stream: BinaryIO) -> Iterator[ChainChunk]:
    """Decode JSON lines, each a chain, part by part."""
    next_line = 1
    while lines := read_lines(stream, CHUNK_BYTES):
        if next_line == 1:
            lines[0] = lines[0].removeprefix(BOM)
        kept = [(line, next_line + row) for row, line in enumerate(lines) if line.strip()]
        next_line += len(lines)
        collector = _ChainLines()
        values = decode_joined([line for line, _ in kept])
        for value, (line, number) in zip(values, kept, strict=True):
            if value is None:
                collector.add_line(line, number)
            else:
                collector.add(value, number, "", len(line.strip()))
        found = {
            name: [each.get(name, ABSENT) for each in collector.objects]
            for name in (*CHAIN_FIELDS, "user_id")
        }
        found["home_id"] = _homes(found["home_id"], found.pop("user_id"))
        yield ChainChunk(collector.lines, found, collector.chunk())


def read_parquet_chains(stream: BinaryIO) -> Iterator[ChainChunk]:
    """Decode a Parquet file with columns of lists, part by part; a line is a row, from 1."""
    compute = import_optional("pyarrow.compute", extra="parquet", purpose="Reading Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    next_line = 1
    with parquet.ParquetFile(stream) as source:
        names = source.schema_arrow.names
        lists = {field: name for field, name in LIST_COLUMNS.items() if name in names}
        fields = [name for name in (*CHAIN_FIELDS, "user_id") if name in names]
        for batch in batches_of(source, [*lists.values(), *fields]):
            if isinstance(batch, str):
                refused = Refusal(next_line, "line", "a row of a whole Parquet file", batch)
                yield ChainChunk(
                    [], {name: [] for name in CHAIN_FIELDS}, Chunk([], {}, refusals=[refused])
                )
                return
            lines = np.arange(next_line, next_line + batch.num_rows)
            next_line += batch.num_rows
            lengths = {
                # Lists of a fixed size have lengths without nulls.
                name: np.where(
                    batch[name].is_valid().to_numpy(zero_copy_only=False),
                    compute.fill_null(compute.list_value_length(batch[name]), 0).to_numpy(),
                    0,
                )
                for name in lists.values()
            }
            n_events = lengths["timestamp"]
            is_even = np.all([other == n_events for other in lengths.values()], axis=0)
            is_short = n_events <= MAX_CHAIN_EVENTS
            refusals = [
                Refusal(int(lines[row]), "events", EVENTS, f"{plural(n_events[row], 'event')}")
                if is_even[row]
                else Refusal(
                    int(lines[row]), "events", "lists of one length",
                    ", ".join(f"{each[row]} of {name}" for name, each in lengths.items()),
                )
                for row in np.flatnonzero(~(is_even & is_short)).tolist()
            ]  # fmt: skip
            batch = batch.filter(is_even & is_short)
            lines = lines[is_even & is_short]
            places = [f"events[{row}]." for row in range(MAX_CHAIN_EVENTS)]
            n_events = n_events[is_even & is_short]
            events = Chunk(
                np.repeat(lines, n_events),
                {
                    field: _flat_values(compute.list_flatten(batch[name]), field)
                    for field, name in lists.items()
                },
                [place for n in n_events.tolist() for place in places[:n]],
                refusals=refusals,
            )
            values = {
                name: _chain_values(batch[name], name) if name in fields else [ABSENT] * len(lines)
                for name in (*CHAIN_FIELDS, "user_id")
            }
            values["home_id"] = _homes(values["home_id"], values.pop("user_id"))
            yield ChainChunk(lines.tolist(), values, events)


def _homes(homes: list[Any], users: list[Any]) -> list[Any]:
    """Take the user for the home where there is none, as of an event."""
    return [
        home if names_home(home) or not names_home(user) else user
        for home, user in zip(homes, users, strict=True)
    ]


def names_home(value: Any) -> bool:
    """Tell whether a value names a home, or is none that can."""
    return value is not ABSENT and not is_missing_field(value, _FIELDS["home_id"])


def _chain_values(column: Any, name: str) -> list[Any]:
    """Return the values of a field of chains, as of the field of events that it is like."""
    field = _FIELDS.get(_LIKE.get(name, name))
    if field is None:
        values: list[Any] = column.to_pylist()
        return values
    return [
        None if isinstance(value, float) and value != value else value
        for value in _listed(values_of(column, field))
    ]


def _listed(values: Any) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else [*values]


def _flat_values(column: Any, field: str) -> Any:
    if hasattr(column, "dictionary_decode"):
        column = column.dictionary_decode()
    values = values_of(column, _FIELDS[field])
    if field == "timestamp" and isinstance(values, np.ndarray) and np.isnan(values).any():
        return [None if value != value else value for value in values.tolist()]
    return values


def has_lists_of_events(stream: BinaryIO) -> bool | None:
    """Tell whether any line of JSON is an object with ``events``; None if none is an object."""
    found = None
    for line in lines_of(stream):
        if found is None or b'"events"' in line:  # no other line needs to be decoded
            value = _object_in(line)
            if value is not None and "events" in value:
                return True
            found = found if value is None else False
    return found


def lines_hold_chains(stream: BinaryIO) -> bool:
    """Tell whether an object among the first lines has ``events`` and a field of a chain."""
    for value in map(_object_in, islice(filter(bytes.strip, stream), _FIRST_LINES)):
        if value is not None and "events" in value and not CHAIN_KEYS.isdisjoint(value):
            return True
    return False


def _object_in(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line.removeprefix(BOM))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
