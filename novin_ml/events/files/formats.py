"""Choose the reader of a file, and refuse a file that none can read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files._csv import read_csv
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.json_text import BOM, read_json
from novin_ml.events.files.parquet import read_parquet
from novin_ml.events.files.report import no_columns
from novin_ml.events.files.sources import Source, file_refusal
from novin_ml.events.shown import printable
from novin_ml.plain import shown

__all__ = ["check_options", "chunks_of", "decimal_commas", "other_separator", "refuse_misspelt"]

_JSON = frozenset((".json", ".jsonl", ".ndjson"))
_TABS = frozenset((".tsv", ".tab"))
_SEPARATORS = {";": "';'", "\t": "'\\t'", "|": "'|'"}
_REQUIRED = tuple(field.name for field in EVENT_FIELDS if field.required)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_LONGEST_LINE = 10_000


def check_options(separator: Any, decimal: Any) -> None:
    """Refuse an invalid separator or decimal mark."""
    if separator is not None and not (
        isinstance(separator, str) and len(separator) == 1 and separator not in '"\r\n.'
    ):
        raise ValueError(
            "The 'separator' parameter must be one character, such as ';' or a tab, or None. "
            f"Got {shown(separator)} instead."
        )
    if decimal not in (".", ","):
        raise ValueError(
            f"The 'decimal' parameter must be '.' or ','. Got {shown(decimal)} instead."
        )


def chunks_of(source: Source, separator: str | None = None, decimal: str = ".") -> Iterator[Chunk]:
    """Decode a file part by part, by its suffix, or by its content if it is a pipe without one."""
    kind = _kind_of(source, separator)
    if kind == "parquet":
        chunks = read_parquet(source.open())
    elif kind == "csv":
        chunks = read_csv(source.open(), separator or ",", decimal)
    else:
        chunks = read_json(source.open())
    is_first = True
    for chunk in chunks:
        if is_first and chunk.names:
            is_first = False
            refuse_misspelt(source.name, chunk)
            if kind != "json":
                _refuse_without_required(source.name, chunk, separator or ",", kind)
            if kind == "csv" and decimal == ".":
                _refuse_decimal_commas(source.name, chunk)
        yield chunk


def _kind_of(source: Source, separator: str | None) -> str:
    suffix = source.suffix
    if source.is_parquet or suffix == ".parquet":
        return "parquet"
    if suffix in _JSON:
        return "json"
    is_json = source.head.removeprefix(BOM).lstrip()[:1] in (b"{", b"[", b"")
    if suffix == ".csv":
        if is_json and source.head.strip():
            raise file_refusal(
                source.name, "a table, as its name says", "JSON", "Name it .jsonl instead"
            )
        return "csv"
    if separator is not None:
        return "csv"
    if suffix in _TABS:
        raise _separator_refusal(source.name, "\t")
    if not source.is_file:
        return "json" if is_json else "csv"
    if not is_json:
        _refuse_table(source)
    return "json"


def _refuse_table(source: Source) -> None:
    """Refuse a file that is read as JSON by its name, but begins with the header of a table."""
    line = source.open().readline(_LONGEST_LINE).removeprefix(BOM).decode("utf-8", "replace")
    for separator in (",", *_SEPARATORS):
        if set(_REQUIRED) <= set(_split(line.strip(), separator)):
            if separator != ",":
                raise _separator_refusal(source.name, separator)
            raise file_refusal(
                source.name, "JSON, for its name does not end in .csv", "a table of columns",
                "Name it .csv",
            )  # fmt: skip


def _split(line: str, separator: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return []


def _separator_refusal(name: str, separator: str) -> Exception:
    what = _SEPARATORS[separator]
    return file_refusal(
        name, "a table with commas between its columns", f"one with {what}",
        f"Read it with separator={what} (--separator {what})",
    )  # fmt: skip


def _refuse_without_required(name: str, chunk: Chunk, separator: str, kind: str) -> None:
    missing = [each for each in _REQUIRED if each not in chunk.values]
    if not missing:
        return
    if kind == "csv" and (other := other_separator(chunk.names, missing, separator)):
        raise _separator_refusal(name, other)
    raise file_refusal(
        name, "a table of events", no_columns(missing, chunk.names),
        "Rename the columns that mean them",
    )  # fmt: skip


def other_separator(names: Sequence[str], missing: Sequence[str], separator: str) -> str | None:
    """Return the separator by which the names of columns hold the missing ones, if one does."""
    line = separator.join(names)
    return next(
        (
            other
            for other in _SEPARATORS
            if other != separator and set(missing) <= set(_split(line, other))
        ),
        None,
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


_MEANT: dict[str, EventField] = {
    _letters(name): field
    for field in EVENT_FIELDS
    for name in (*field.aliases, field.path, field.name)
}


def refuse_misspelt(name: str, chunk: Chunk) -> None:
    """Refuse names that differ from those of fields only in case, spaces and the like."""
    exact = {each for field in EVENT_FIELDS for each in (field.name, field.path, *field.aliases)}
    pairs = [
        (found, _MEANT[_letters(found)].name)
        for found in chunk.names
        if found not in exact and _letters(found) in _MEANT
        and _MEANT[_letters(found)].name not in chunk.values
    ]  # fmt: skip
    if pairs:
        raise file_refusal(
            name,
            f"a file that names its fields {', '.join(right for _, right in pairs)}",
            ", ".join(printable(found) for found, _ in pairs),
            "Rename them, or leave them out",
        )


def _refuse_decimal_commas(name: str, chunk: Chunk) -> None:
    for each, comma in decimal_commas(chunk):
        raise file_refusal(
            name, "a table with points in its numbers", f"{comma} as a {each}",
            "Read it with decimal=',' (--decimal ,)",
        )  # fmt: skip


def decimal_commas(chunk: Chunk) -> Iterator[tuple[str, str]]:
    """Yield the fields whose numbers have decimal commas, each with one of them."""
    for field in EVENT_FIELDS:
        sent = chunk.values.get(field.name)
        if field.type not in ("number", "time") or sent is None or isinstance(sent, np.ndarray):
            continue
        commas = [
            value for value in sent if isinstance(value, str) and _DECIMAL_COMMA.fullmatch(value)
        ]
        if commas and not any(isinstance(value, float) for value in sent):
            yield field.name, commas[0]
