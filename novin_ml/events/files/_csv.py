"""Decode CSV: a header of field names or paths, then one event per row.

A quote that is never closed would swallow the rows behind it. So a record that cannot be read
costs its first line only, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files.chunk import Chunk, Refusal, show

_CHUNK_BYTES = 1 << 20
_NUMBER_TYPES = frozenset({int, float, type(None)})


def read_csv(path: Path) -> Iterator[Chunk]:
    """Decode a CSV file part by part."""
    header: list[str] = []
    with path.open("rb") as stream:
        next_line = 1
        while lines := _read_lines(stream, _CHUNK_BYTES):
            if next_line == 1:
                lines[0] = lines[0].removeprefix("\ufeff")
            records, refusals = _parse(lines, next_line, stream, len(header))
            next_line += len(lines)
            if not header and records:
                header = records.pop(0)[1]
                doubled = [name for name in find_columns(header).values() if len(name) > 1]
                if doubled:
                    names = ", ".join(header[column] for column in doubled[0])
                    refusal = Refusal(1, "line", "a header that names each field once", names)
                    yield Chunk([], {}, refusals=[refusal])
                    return
            yield _to_chunk(header, records, refusals)


def find_columns(names: Sequence[str]) -> dict[str, list[int]]:
    """Find the column of each field: by its name or its path, else by an alias."""
    names = [name.strip() for name in names]
    found = {}
    for field in EVENT_FIELDS:
        columns = [row for row, name in enumerate(names) if name in (field.name, field.path)]
        aliases = [row for row, name in enumerate(names) if name in field.aliases]
        found[field.name] = columns or aliases
    return found


def _read_lines(stream: BinaryIO, n_bytes: int) -> list[str]:
    return [line.decode("utf-8", "surrogateescape") for line in stream.readlines(n_bytes)]


def _parse(
    lines: list[str], first_line: int, stream: BinaryIO, n_columns: int
) -> tuple[list[tuple[int, list[str]]], list[Refusal]]:
    """Split lines into records; lines that the last record continues in are added to `lines`."""
    try:
        rows = list(csv.reader(lines, strict=True))
    except csv.Error:
        rows = []
    if len(rows) != len(lines):
        return _parse_one_by_one(lines, first_line, stream, n_columns)
    return [(line, row) for line, row in enumerate(rows, first_line) if "".join(row).strip()], []


def _parse_one_by_one(
    lines: list[str], first_line: int, stream: BinaryIO, n_columns: int
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
        reader = csv.reader(lines_from(row), strict=True)
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
    header: list[str], records: list[tuple[int, list[str]]], refusals: list[Refusal]
) -> Chunk:
    """Turn records into columns of values."""
    lines, rows = [], []
    for line, row in records:
        if len(row) != len(header):
            expected = f"{len(header)} columns, as the header has"
            refusals.append(Refusal(line, "line", expected, f"{len(row)} columns"))
        elif not _is_text("".join(row)):
            refusals.append(Refusal(line, "line", "text in UTF-8", show(",".join(row))))
        else:
            lines.append(line)
            rows.append(row)
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(header)
    values: dict[str, Sequence[object] | np.ndarray] = {}
    columns = find_columns(header)
    for field in EVENT_FIELDS:
        for column in columns[field.name]:
            texts = cells[column]
            if field.type == "text":
                values[field.name] = [text or None for text in texts]
            elif field.type == "flag":
                values[field.name] = [text.strip().lower() == "true" for text in texts]
            else:
                values[field.name] = _decode_cells(texts)
    return Chunk(lines, values, refusals=refusals)


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
