"""Decode JSON: lines that are events or requests, and files that are one document.

Lines are decoded together, which is a third faster, as one array in which a mark stands between
any two of them. Only if every mark comes out where it was put is each line exactly one value.
Everything that is doubtful is decoded again line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, BinaryIO

import numpy as np

from novin_ml.events.fields import (
    CHAIN_KEYS,
    MAX_NESTING,
    MAX_REQUEST_BYTES,
    MAX_REQUEST_EVENTS,
)
from novin_ml.events.files.chunk import Breach, Chunk, Refusal, printable, show
from novin_ml.events.files.columns import METADATA, gather, open_metadata
from novin_ml.events.files.lines import (
    MAX_DOCUMENT_BYTES,
    MAX_LINE_BYTES,
    lines_of,
    read_lines,
    was_cut,
)
from novin_ml.events.refusals import BY_ROWS, EVENT, EVENTS, NO_JSON, OBJECT, REQUEST, REQUEST_BYTES
from novin_ml.plain import plural

CHUNK_BYTES = 256 << 10  # larger parts leave the processor's cache, and are slower
BOM = b"\xef\xbb\xbf"
# Odd and above 2**53, so that no float equals it; a line that holds it is decoded on its own.
_MARK = 98_765_432_109_876_543
_MARK_TEXT = str(_MARK).encode()
_HEAD_BYTES = 1_000
_SHORT_LINE = f"a line of at most {MAX_LINE_BYTES // 1_000_000} MB"
_FEW_LINES = 16  # so few are decoded one by one if one of them is broken


class _Doubled:
    """An object that has a key twice."""

    def __init__(self, key: str) -> None:
        self.key = key

    def __repr__(self) -> str:
        return f"the key {show(self.key)} twice"


def _object(pairs: list[tuple[str, object]]) -> object:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return _Doubled(key)
        seen.add(key)
    return value


_decode = json.JSONDecoder(object_pairs_hook=_object).decode


def read_json(stream: BinaryIO) -> Iterator[Chunk]:
    """Decode JSON lines, or one JSON document, part by part."""
    found = _read_document(stream)
    if found is not None:
        document, n_bytes = found
        collector = Collector()
        if isinstance(document, list):
            if document and all(isinstance(row, list) for row in document):
                collector.refuse(1, "line", BY_ROWS, "lists of values without names")
                document = []
            for place, value in enumerate(document):
                collector.add(value, 1, f"[{place}].", None)
        else:
            collector.add(document, 1, "", n_bytes)
        yield collector.chunk()
        return
    if _is_long_list(stream):
        yield Chunk([], {}, refusals=[Refusal(1, "line", _SHORT, "a longer list")])
    stream.seek(0)
    next_line = 1
    while lines := read_lines(stream, CHUNK_BYTES):
        if next_line == 1:
            lines[0] = lines[0].removeprefix(BOM)
        yield _decode_lines(lines, range(next_line, next_line + len(lines)))
        next_line += len(lines)


def _read_document(stream: BinaryIO) -> tuple[object, int] | None:
    """Decode the text as one document, and count its bytes; None if it is one of lines."""
    first = next((line for line in lines_of(stream) if line.removeprefix(BOM).strip()), b"")
    try:
        if isinstance(decode_bytes(first.removeprefix(BOM)), dict | _Doubled):
            return None
    except ValueError:
        pass
    stream.seek(0)
    text = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(text) > MAX_DOCUMENT_BYTES:
        return None
    text = text.removeprefix(BOM).strip()
    try:
        document = decode_bytes(text)
    except ValueError:
        return None
    return (document, len(text)) if isinstance(document, dict | list | _Doubled) else None


_SHORT = f"a list of at most {MAX_DOCUMENT_BYTES // 1_000_000} MB, or one event a line"


def _is_long_list(stream: BinaryIO) -> bool:
    """Tell whether the text is a list that is too long to be decoded as a whole."""
    n_bytes = stream.seek(0, 2)
    stream.seek(0)
    head = stream.read(_HEAD_BYTES).removeprefix(BOM).lstrip()
    return n_bytes > MAX_DOCUMENT_BYTES and head.startswith(b"[")


def decode_bytes(text: bytes) -> object:
    """Decode one JSON text; raise ValueError if it is not JSON, or nested too deep."""
    decoded = text.decode()
    if nests_too_deep(text):
        raise ValueError(NO_JSON)
    return _decode(decoded)


def decode_object(text: str) -> object:
    """Read a cell that holds an object, each key once; one that is no JSON stays a text."""
    if not text.strip():
        return None
    try:
        return decode_bytes(text.encode())
    except ValueError:
        return text


def nests_too_deep(text: bytes) -> bool:
    """Tell whether the lists and objects of a JSON text are nested too deep."""
    if len(text) <= MAX_NESTING or text.count(b"[") + text.count(b"{") <= MAX_NESTING:
        return False
    # Brackets within strings do not count; a backslash can only be in a string.
    if b"\\" in text:
        text = re.sub(rb"\\.", b"", text, flags=re.DOTALL)
    depth = 0
    for bracket in b"".join(text.split(b'"')[::2]).translate(None, _NO_BRACKETS):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_NESTING:
            return True
    return False


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _decode_lines(lines: list[bytes], numbers: Sequence[int]) -> Chunk:
    if b"\n" in lines or b"\r\n" in lines:
        kept = [row for row, line in enumerate(lines) if line.strip()]
        lines, numbers = [lines[row] for row in kept], [numbers[row] for row in kept]
    events = decode_joined(lines)
    if None not in events and len(events) > 1 and "events" not in _keys_of(events):
        return _to_chunk(events, numbers, [], [])
    collector = Collector()
    for event, line, number in zip(events, lines, numbers, strict=True):
        if event is None:
            collector.add_line(line, number)
        else:
            collector.add(event, number, "", len(line.strip()))
    return collector.chunk()


def decode_joined(lines: list[bytes]) -> list[Any]:
    """Decode lines together; None stands for a line that must be looked at on its own."""
    joined = (b"," + _MARK_TEXT + b",").join(lines)
    values = []
    if not any(map(nests_too_deep, lines)):
        try:
            text = joined.decode()
            values = json.loads(f"[{text}]")
        except ValueError:
            pass
    objects, marks = values[::2], values[1::2]
    if (
        len(values) != 2 * len(lines) - 1
        or joined.count(_MARK_TEXT) != len(marks)
        or marks.count(_MARK) != len(marks)
        or set(map(type, objects)) != {dict}
    ):
        if len(lines) <= _FEW_LINES:
            return [None] * len(lines)
        half = len(lines) // 2
        return decode_joined(lines[:half]) + decode_joined(lines[half:])
    # A key that stands twice shows only in that the text has more keys than the objects. Unless
    # space stands before a colon, the text has at least as many '":' as keys.
    spaced = any(space in text and f"{space}:" in text for space in "\t\r ")
    if spaced or text.count('":') != _count_keys(objects):
        return [None] * len(lines)
    return objects


def _keys_of(objects: Sequence[Mapping[str, Any]]) -> set[str]:
    return set().union(*objects)


def _take(objects: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    try:
        return list(map(itemgetter(key), objects))
    except KeyError:
        return [each.get(key) for each in objects]


def _count_keys(objects: list[dict]) -> int:
    """Count the keys of events and their metadata, and of requests and their events."""
    n_keys = sum(map(len, objects))
    names = _keys_of(objects)
    if "metadata" in names:
        n_keys += sum([len(value) for value in _take(objects, "metadata") if type(value) is dict])
    if "events" in names:
        lists = [value for value in _take(objects, "events") if type(value) is list]
        n_keys += _count_keys([value for value in chain(*lists) if type(value) is dict])
    return n_keys


def is_by_columns(document: dict) -> bool:
    """Tell whether an object is a whole table, as pandas writes one by default."""
    told = [document.get(name) for name in ("type", "timestamp")]
    if told == [None, None]:
        if isinstance(document.get("data"), list) and not {"columns", "schema"}.isdisjoint(
            document
        ):
            return True
        rows = [*document.values()]
        return bool(rows) and all(isinstance(row, dict) and "timestamp" in row for row in rows)
    return all(isinstance(column, dict | list) and len(column) > 0 for column in told)


class Collector:
    """Gathers the events of lines, requests and documents, and what is refused."""

    takes_chains = False

    def __init__(self) -> None:
        self._events: list[dict] = []
        self._lines: list[int] = []
        self._places: list[str] = []
        self._refusals: list[Refusal] = []

    def refuse(self, line: int, field: str, expected: str, got: str) -> None:
        """Refuse what stands in a line, or a part of it, as a whole."""
        self._refusals.append(Refusal(line, printable(field), expected, got))

    def add_line(self, line: bytes, number: int) -> None:
        """Decode a line and add its events."""
        line = line.strip()
        if not line:
            return
        try:
            value = decode_bytes(line)
        except UnicodeDecodeError:
            expected = _SHORT_LINE if was_cut(line) else "text in UTF-8"
            self.refuse(number, "line", expected, show(line[:_HEAD_BYTES]))
        except ValueError:
            self.refuse(number, "line", EVENT, f"{show(line.decode())}, {NO_JSON}")
        else:
            self.add(value, number, "", len(line))

    def add(self, value: object, line: int, place: str, n_bytes: int | None) -> None:
        """Add an event, or a request's events if its `n_bytes` are within the limit."""
        if isinstance(value, _Doubled):
            self.refuse(line, place + value.key, OBJECT, repr(value))
        elif not isinstance(value, dict):
            self.refuse(line, place.removesuffix(".") or "line", EVENT, show(value))
        elif not place and is_by_columns(value):
            self.refuse(line, "line", BY_ROWS, "a table by columns")
        elif "events" not in value:
            self._events.append(value)
            self._lines.append(line)
            self._places.append(place)
        elif self.takes_chains or CHAIN_KEYS.isdisjoint(value):
            self._add_request(value["events"], line, place, n_bytes)
        else:  # the home and the label of the chain would be lost
            key = next(key for key in value if key in CHAIN_KEYS)
            self.refuse(line, place.removesuffix(".") or "line", REQUEST, f"one with a {key}")

    def _add_request(self, events: object, line: int, place: str, n_bytes: int | None) -> None:
        name = f"{place}events"
        if not isinstance(events, list):
            self.refuse(line, name, EVENTS, show(events))
        elif len(events) > MAX_REQUEST_EVENTS:
            self.refuse(line, name, EVENTS, f"{plural(len(events), 'event')}")
        elif n_bytes is not None and n_bytes > MAX_REQUEST_BYTES:
            self.refuse(line, name, REQUEST_BYTES, f"{plural(n_bytes, 'byte')}")
        else:
            for number, event in enumerate(events):
                if isinstance(event, dict) and "events" in event:
                    self.refuse(line, f"{name}[{number}]", EVENT, "a request within a request")
                else:
                    self.add(event, line, f"{name}[{number}].", None)

    def chunk(self) -> Chunk:
        """Return what was added."""
        return _to_chunk(self._events, self._lines, self._places, self._refusals)


def _to_chunk(
    events: list[dict], lines: Sequence[int], places: list[str], refusals: list[Refusal]
) -> Chunk:
    """Turn objects into columns of values."""
    breaches: list[Breach] = []
    metadata: Sequence[Mapping[str, Any]] = _take(events, METADATA)
    if set(map(type, metadata)) != {dict}:
        metadata, breaches = open_metadata(metadata, problem_of)
    names = _keys_of(events)
    values = gather(
        names,
        lambda name, field: _take(events, name),
        _keys_of(metadata),
        lambda name, field: _take(metadata, name),
    )
    return Chunk(
        np.asarray(lines, dtype=np.int64), values, places, breaches, refusals, [*sorted(names)]
    )


def problem_of(value: object) -> tuple[str, str] | None:
    """Return the path and what was got of metadata in which a key stands twice."""
    if isinstance(value, _Doubled):
        return printable(f"{METADATA}.{value.key}"), repr(value)
    return None
