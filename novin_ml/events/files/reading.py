"""Read files of events into the typed event table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, overload
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.consent import has_consent
from novin_ml.events.fields import EVENT_FIELDS, column_dtypes
from novin_ml.events.files._chunk import Chunk
from novin_ml.events.files._csv import read_csv
from novin_ml.events.files._json import read_json
from novin_ml.events.files._parquet import read_parquet
from novin_ml.events.files._validation import check_columns
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.kinds import event_kind
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.zones import normalize_zones
from novin_ml.exceptions import InvalidEventError

__all__ = ["read_events"]

StrPath = str | os.PathLike[str]

_GZIP = b"\x1f\x8b"
_READERS = {".csv": read_csv, ".parquet": read_parquet}


@overload
def read_events(
    path: StrPath | Sequence[StrPath],
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def read_events(
    path: StrPath | Sequence[StrPath],
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ReadReport]: ...


def read_events(
    path: StrPath | Sequence[StrPath],
    *,
    timezone: str = "UTC",
    strict: bool = False,
    rejects: StrPath | None = None,
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ReadReport]:
    r"""Read and check events.

    The suffix names the format: ``.csv``, ``.parquet`` (extra "parquet"), or JSON for every other
    suffix. JSON is either lines, each an event or a request with a list of `events`, or one
    document, which is a request or a list of events. `EVENT_FIELDS` lists the fields; other fields
    are ignored.

    An event that breaks a rule is left out, and reading goes on. Each of its broken fields is a row
    of the rejects.

    Parameters
    ----------
    path : path or sequence of paths
        The files, read in this order.
    timezone : str, default="UTC"
        IANA name of the time zone of the homes, for events without an offset from UTC: numbers of
        seconds, texts that end in ``Z``, and texts without an offset, which are local times.
    strict : bool, default=False
        Whether to raise at the first event that breaks a rule.
    rejects : path, optional
        Where to write the rejects as CSV.
    return_report : bool, default=False
        Whether to return a `ReadReport` as well.

    Returns
    -------
    events : DataFrame, shape (n_accepted, n_columns)
        The event table, rows in the order of the files. It has the columns `label` and
        `clean_label` if any event has them.
    report : ReadReport
        The rejects and the counts; only if `return_report`.

    Raises
    ------
    InvalidEventError
        At the first broken rule, if `strict`; if a file is compressed.
    ExtraNotInstalledError
        If a Parquet file is read without pyarrow.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events import read_events
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "events.jsonl")
    ...     _ = path.write_text(
    ...         '{"type": "front_motion", "timestamp": 1.7e9, "metadata": {"location": "patio"}}\n'
    ...         '{"type": "doorbell", "timestamp": 1.7e9, "confidence": 90}\n'
    ...     )
    ...     events, report = read_events(path, return_report=True)
    >>> events[["kind", "zone", "consent"]].to_dict("records")
    [{'kind': 'motion', 'zone': 'porch', 'consent': False}]
    >>> report.rejects[["line", "field", "expected", "got"]].to_dict("records")
    [{'line': 2, 'field': 'confidence', 'expected': 'a number from 0 to 1', 'got': '90'}]
    """
    zone = find_timezone(timezone)
    paths = [path] if isinstance(path, str | os.PathLike) else list(path)
    parts: list[dict[str, np.ndarray]] = []
    found: list[Reject] = []
    n_rejected = 0
    for source in paths:
        for chunk in _read_chunks(Path(source)):
            columns, broken, n_lost = _check(chunk, os.fspath(source), zone)
            if strict and broken:
                raise InvalidEventError(broken[0].sentence())
            parts.append(columns)
            found += broken
            n_rejected += n_lost
    events = _to_table(parts)
    table = to_table(found)
    if rejects is not None:
        table.to_csv(rejects, index=False)
    if not return_report:
        return events
    return events, ReadReport(
        rejects=table,
        n_read=len(events) + n_rejected,
        n_accepted=len(events),
        n_rejected=n_rejected,
        n_without_consent=int(np.count_nonzero(~has_consent(events))),
    )


def _read_chunks(path: Path) -> Iterator[Chunk]:
    with path.open("rb") as stream:
        if stream.read(len(_GZIP)) == _GZIP:
            raise InvalidEventError(
                f"{path} must be an uncompressed file of events. Got a gzip file. "
                "Decompress it first, with gunzip."
            )
    return _READERS.get(path.suffix.lower(), read_json)(path)


def _check(
    chunk: Chunk, file: str, zone: ZoneInfo
) -> tuple[dict[str, np.ndarray], list[Reject], int]:
    """Return the columns of the accepted events, the rejects by line, and the number rejected."""
    n_events = len(chunk.lines)
    columns, breaches = check_columns(chunk.values, n_events, zone)
    is_good = np.ones(n_events, dtype=bool)
    broken = [Reject(file, *refusal) for refusal in chunk.refusals]
    for breach in sorted([*chunk.breaches, *breaches], key=lambda breach: breach.row):
        is_good[breach.row] = False
        place = chunk.places[breach.row] if chunk.places else ""
        line = int(chunk.lines[breach.row])
        broken.append(Reject(file, line, place + breach.path, breach.expected, breach.got))
    if broken:
        broken.sort(key=lambda reject: reject.line)
        columns = {name: column[is_good] for name, column in columns.items()}
    return columns, broken, len(chunk.refusals) + int(np.count_nonzero(~is_good))


def _to_table(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Join the columns of the parts, in the order and with the dtypes of the event table."""
    labels = {field.name for field in EVENT_FIELDS if field.is_label}
    labels &= {name for part in parts for name in part}
    dtypes = column_dtypes(labels=tuple(labels))
    joined: dict[str, object] = {}
    for name, dtype in dtypes.items():
        if name == "kind":
            joined[name] = event_kind(pd.Series(joined["type"], dtype=object)).array
        elif name == "zone":
            joined[name] = normalize_zones(pd.Series(joined["location"], dtype=object)).array
        else:
            column = _join(name, parts)
            is_category = isinstance(dtype, pd.CategoricalDtype)
            joined[name] = pd.Categorical(column, dtype=dtype) if is_category else column
    return pd.DataFrame(
        {name: pd.Series(column, dtype=dtypes[name], copy=False) for name, column in joined.items()}
    )


def _join(name: str, parts: list[dict[str, np.ndarray]]) -> np.ndarray:
    pieces = []
    for part in parts:
        # A label column that this part of the files does not have is missing in all its rows.
        pieces.append(part[name] if name in part else np.full(len(part["type"]), None))
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=object)
