"""Decode CSV: a header of field names or paths, then one event per row.

A quote that is never closed would swallow the rows behind it. So a record that cannot be read
costs its first line only, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from novin_ml.events.fields import EventField, says_true
from novin_ml.events.files.chunk import Breach, Chunk, Foreign, Refusal, show
from novin_ml.events.files.columns import METADATA, doubled, gather, open_metadata
from novin_ml.events.files.json_text import decode_object, problem_of
from novin_ml.events.files.lines import read_lines
from novin_ml.plain import plural

_CHUNK_BYTES = 1 << 20
#: Bytes and lengths of time as pandas writes them: in JSON they are other texts.
_OF_PYTHON = re.compile(r"""b(['"]).*\1|-?\d+ days(?: [+-]?\d\d:\d\d:\d\d(?:\.\d+)?)?""", re.DOTALL)
_NUMBER_TYPES = frozenset({int, float, type(None)})


def read_csv(stream: BinaryIO, separator: str = ",", decimal: str = ".") -> Iterator[Chunk]:
    """Decode a CSV file part by part."""
    header: list[str] = []
    next_line = 1
    while lines := _read_lines(stream, _CHUNK_BYTES):
        if next_line == 1:
            lines[0] = lines[0].removeprefix("\ufeff")
        records, refusals = _parse(lines, next_line, stream, len(header), separator)
        next_line += len(lines)
        if not header and records:
            header = [name.strip() for name in records.pop(0)[1]]
            if twice := doubled(header):
                expected = "a header that names each field once"
                refusal = Refusal(1, "line", expected, ", ".join(twice))
                yield Chunk([], {}, refusals=[refusal])
                return
        yield _to_chunk(header, records, refusals, decimal)


def _read_lines(stream: BinaryIO, n_bytes: int) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in read_lines(stream, n_bytes)]


def _parse(
    lines: list[str], first_line: int, stream: BinaryIO, n_columns: int, separator: str
) -> tuple[list[tuple[int, list[str]]], list[Refusal]]:
    """Split lines into records; lines that the last record continues in are added to `lines`."""
    try:
        rows = list(csv.reader(lines, strict=True, delimiter=separator))
    except csv.Error:
        rows = []
    if len(rows) != len(lines):
        return _parse_one_by_one(lines, first_line, stream, n_columns, separator)
    return [(line, row) for line, row in enumerate(rows, first_line) if "".join(row).strip()], []


def _parse_one_by_one(
    lines: list[str], first_line: int, stream: BinaryIO, n_columns: int, separator: str
) -> tuple[list[tuple[int, list[str]]], list[Refusal]]:
    def lines_from(row: int) -> Iterator[str]:
        while True:
            if row == len(lines):
                lines.extend(_read_lines(stream, 1))
            if row == len(lines):
                return
            yield lines[row]
            row += 1

    records, refusals = [], []
    row = 0
    while row < len(lines):
        reader = csv.reader(lines_from(row), strict=True, delimiter=separator)
        n_lines = 1
        try:
            record = next(reader)
            is_whole = reader.line_num == 1 or len(record) == (n_columns or len(record))
            problem = "" if is_whole else "a quote that is not closed"
        except csv.Error as error:
            problem = str(error)
        if problem:
            got = f"{show(lines[row].strip())} ({problem})"
            refusals.append(Refusal(first_line + row, "line", "a row of CSV", got))
        else:
            n_lines = reader.line_num
            if "".join(record).strip():
                records.append((first_line + row, record))
        row += n_lines
    return records, refusals


def _to_chunk(
    header: list[str],
    records: list[tuple[int, list[str]]],
    refusals: list[Refusal],
    decimal: str,
) -> Chunk:
    """Turn records into columns of values."""
    lines, rows = [], []
    for line, row in records:
        if len(row) != len(header):
            expected = f"{plural(len(header), 'column')}, as the header has"
            refusals.append(Refusal(line, "line", expected, f"{plural(len(row), 'column')}"))
        elif not _is_text("".join(row)):
            refusals.append(Refusal(line, "line", "text in UTF-8", show(",".join(row))))
        else:
            lines.append(line)
            rows.append(row)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    columns = {name: column for column, name in reversed([*enumerate(header)])}
    metadata: list[Mapping[str, Any]] = []
    breaches: list[Breach] = []
    if METADATA in columns:
        sent = map(decode_object, cells[columns[METADATA]])
        metadata, breaches = open_metadata(sent, problem_of)
    values = gather(
        header,
        lambda name, field: _values_of(cells[columns[name]], field, decimal),
        set().union(*metadata),
        lambda name, field: [each.get(name) for each in metadata],
    )
    return Chunk(lines, values, breaches=breaches, refusals=refusals, names=header)


def _values_of(texts: Sequence[str], field: EventField, decimal: str) -> Sequence[object]:
    if field.type == "text":
        foreign = {text for text in set(texts) if _OF_PYTHON.fullmatch(text)}
        return [Foreign(text) if text in foreign else text or None for text in texts]
    if field.type == "flag":
        return [*map(says_true, texts)]
    if decimal != "." and field.type in ("number", "time"):
        texts = [text.replace(decimal, ".") for text in texts]
    return _decode_cells(texts)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decode_cells(texts: Sequence[str]) -> list[object]:
    """Read cells as JSON; an empty cell is missing, and a cell that is not JSON stays a text."""
    try:
        values = json.loads(f"[{','.join([text or 'null' for text in texts])}]")
    except (ValueError, RecursionError):
        values = []
    # A number cannot contain a comma: as many numbers as cells are those of the cells.
    if len(values) == len(texts) and set(map(type, values)) <= _NUMBER_TYPES:
        return values
    return [_decode_cell(text) for text in texts]


def _decode_cell(text: str) -> object:
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
