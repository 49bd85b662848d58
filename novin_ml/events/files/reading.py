"""Read files of events into the typed event table."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, overload

import pandas as pd

from novin_ml.events.files._csv import read_csv
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.json_text import read_json
from novin_ml.events.files.parquet import read_parquet
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.table import check_chunks
from novin_ml.events.timestamps import find_timezone
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole

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
    chunks = ((os.fspath(each), chunk) for each in paths for chunk in _chunks_of(Path(each)))
    events, report = check_chunks(chunks, zone, strict=strict)
    if rejects is not None:
        with replace_whole(Path(rejects)) as new:
            report.rejects.to_csv(new, index=False)
    return (events, report) if return_report else events


def _chunks_of(path: Path) -> Iterator[Chunk]:
    with path.open("rb") as stream:
        if stream.read(len(_GZIP)) == _GZIP:
            raise InvalidEventError(
                f"{path} must be an uncompressed file of events. Got a gzip file. "
                "Decompress it first, with gunzip."
            )
        reader = _READERS.get(path.suffix.lower())
        if reader is None:
            stream.seek(0)
            yield from read_json(stream)
            return
    yield from reader(path)
