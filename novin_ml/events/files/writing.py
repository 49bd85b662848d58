"""Write an event table to a file."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files.chunk import Breach, show
from novin_ml.events.files.parquet import write_parquet
from novin_ml.events.files.validation import check_columns
from novin_ml.events.tables.check import checked_events
from novin_ml.events.timestamps import find_timezone
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole

__all__ = ["write_events"]

_NAMES = tuple(field.name for field in EVENT_FIELDS if field.is_always_there)


def write_events(events: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write events without loss: `read_events` returns the same table.

    Timestamps are written as numbers, and `utc_offset` as a field of its own. `kind` and `zone` are
    not written: they follow from `type` and `location`.

    Parameters
    ----------
    events : DataFrame
        The event table.
    path : path
        File to write, replaced whole or not at all. The suffix
        names the format: ``.jsonl``, ``.csv`` or ``.parquet`` (extra
        "parquet").

    Raises
    ------
    InvalidEventError
        If a column is missing or an event breaks a rule, so that the file could not be read back.
        Then nothing is written.
    ValueError
        If the suffix is not one of the three.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from novin_ml.events import read_events, write_events
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "events.jsonl")
    ...     _ = path.write_text('{"type": "motion", "timestamp": "2024-05-01T12:00:00+02:00"}')
    ...     events = read_events(path)
    ...     write_events(events, Path(folder, "events.csv"))
    ...     again = read_events(Path(folder, "events.csv"))
    >>> pd.testing.assert_frame_equal(events, again)
    >>> again[["timestamp", "utc_offset"]].to_dict("records")
    [{'timestamp': 1714557600.0, 'utc_offset': 7200.0}]
    """
    target = Path(path)
    writer = {".jsonl": _write_json_lines, ".csv": _write_csv, ".parquet": write_parquet}.get(
        target.suffix.lower()
    )
    if writer is None:
        raise ValueError(
            f"The suffix of 'path' must be .jsonl, .csv or .parquet. Got {target.name!r} instead."
        )
    columns = _valid_values(events)
    with replace_whole(target) as new:
        writer(columns, new)


def event_documents(events: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield each event of a table as the JSON object that `write_events` writes."""
    return _documents(_valid_values(events))


def _valid_values(events: pd.DataFrame) -> dict[str, Sequence[Any]]:
    columns = _to_values(_checked(events))
    _refuse_invalid(columns, len(events))
    return columns


def _checked(events: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the dtypes of its fields, all of which must be there."""
    known = events.columns if isinstance(events, pd.DataFrame) else _NAMES
    missing = [
        field.name for field in EVENT_FIELDS if field.name not in known and field.is_always_there
    ]
    if missing:
        raise InvalidEventError(
            "The event table must have all columns of EVENT_FIELDS. Got one without "
            f"{', '.join(missing)} instead. Start from read_events or simulate_deliveries."
        )
    return checked_events(events, _NAMES, "write_events", reads_offset=False)


def _to_values(events: pd.DataFrame) -> dict[str, Sequence[Any]]:
    """Return the columns as for JSON: None where a value is missing or is the default."""
    values: dict[str, Sequence[Any]] = {}
    for field in EVENT_FIELDS:
        if field.name not in events.columns:
            continue
        column = events[field.name]
        if field.type == "samples":
            values[field.name] = _shorten_signals(column.tolist())
        elif field.type == "flag":
            values[field.name] = [value is True for value in column.tolist()]
        elif field.dtype in ("float32", "float64"):
            shortened = shorten(column.to_numpy(dtype=field.dtype))
            values[field.name] = [
                None if value in (None, field.default) else value for value in shortened
            ]
        else:
            values[field.name] = [
                None if value is None or value is pd.NA or value != value or value == field.default
                else value
                for value in column.tolist()
            ]  # fmt: skip
    return values


def shorten(numbers: np.ndarray) -> list[float | None]:
    """Round each number to the fewest decimals that read back as the same; None for NaN."""
    exact = numbers.astype(np.float64)
    if numbers.dtype == np.float32:
        left = np.flatnonzero(np.isfinite(exact))
        for n_decimals in range(9):
            rounded = np.round(exact[left], n_decimals)
            same = rounded.astype(np.float32) == numbers[left]
            exact[left[same]] = rounded[same]
            left = left[~same]
    shortened: list[float | None] = exact.tolist()
    for row in np.flatnonzero(np.isnan(exact)).tolist():
        shortened[row] = None
    return shortened


def _shorten_signals(signals: list) -> list[object]:
    known = [signal for signal in signals if isinstance(signal, np.ndarray)]
    flat = shorten(np.concatenate(known, dtype=np.float32)) if known else []
    shortened: list[object] = []
    begin = 0
    for signal in signals:
        if isinstance(signal, np.ndarray):
            shortened.append(flat[begin : begin + len(signal)])
            begin += len(signal)
        else:
            shortened.append(signal)
    return shortened


def _refuse_invalid(columns: dict[str, Sequence[Any]], n_events: int) -> None:
    _, breaches = check_columns(columns, n_events, find_timezone("UTC"))
    breaches += [
        Breach(row, field.path, "a text that is not read as a missing one", show(value))
        for field in EVENT_FIELDS
        if field.has_null_words
        for row, value in enumerate(columns.get(field.name, ()))
        if isinstance(value, str) and value and field.is_absent(value)
    ]
    if breaches:
        first = min(breaches, key=lambda breach: breach.row)
        raise InvalidEventError(
            f"Row {first.row} of the event table: {first.path} must be {first.expected}. "
            f"Got {first.got} instead. Correct it or leave the row out."
        )


def _documents(columns: dict[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    fields = [field for field in EVENT_FIELDS if field.name in columns]
    outer = [field.name for field in fields if "." not in field.path]
    inner = [field.name for field in fields if "." in field.path]
    # Null too, to keep the column.
    kept = {field.name for field in fields if field.is_label} | {
        field.name
        for field in fields
        if field.is_optional and all(value is None for value in columns[field.name])
    }

    def known(names: list[str], row: tuple[Any, ...]) -> dict[str, Any]:
        cells = zip(names, row, strict=True)
        return {name: value for name, value in cells if value is not None or name in kept}

    outer_rows = zip(*(columns[name] for name in outer), strict=True)
    inner_rows = zip(*(columns[name] for name in inner), strict=True)
    for outer_row, inner_row in zip(outer_rows, inner_rows, strict=True):
        event, metadata = known(outer, outer_row), known(inner, inner_row)
        if metadata:
            event["metadata"] = metadata
        yield event


def _write_json_lines(columns: dict[str, Sequence[Any]], path: Path) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(encode(event) + "\n" for event in _documents(columns))


def _write_csv(columns: dict[str, Sequence[Any]], path: Path) -> None:
    encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
    as_texts = [
        column
        if isinstance(next((value for value in column if value is not None), None), str)
        else [None if value is None else encode(value) for value in column]
        for column in columns.values()
    ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)  # ends lines by \r\n, and so quotes texts with either in them
        writer.writerow(columns)
        writer.writerows(zip(*as_texts, strict=True))
