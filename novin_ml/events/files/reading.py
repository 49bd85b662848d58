"""Read files of events into the typed event table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, overload

import pandas as pd

from novin_ml.docstrings import substitute
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.formats import check_options, chunks_of
from novin_ml.events.files.inputs import files_in
from novin_ml.events.files.report import ReadReport, write_rejects
from novin_ml.events.files.sources import Readable, Source, StrPath, opened
from novin_ml.events.files.table import check_chunks
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["read_events"]

#: The parameters that say how to read.
OPTIONS = r"""
timezone : str, default="UTC"
    IANA name of the time zone of the homes, for events without an offset from UTC: numbers of
    seconds, texts that end in ``Z``, and texts without an offset, which are local times.
strict : bool, default=False
    Whether to raise at the first event that breaks a rule.
separator : str, optional
    Character between the columns of a table, such as ``";"`` or ``"\t"``; a comma in ``.csv``.
    A file whose suffix is none of JSON's or Parquet's is then a table.
decimal : {".", ","}, default="."
    Decimal mark of the numbers of a table.
encoding : str, optional
    Encoding of CSV or JSON, such as ``"utf-16"`` or ``"cp1252"``; UTF-8 if not given.
vocabulary : Vocabulary or None, default=None
    The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.
"""


@overload
def read_events(
    path: Readable | Sequence[Readable],
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    separator: str | None = ...,
    decimal: str = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def read_events(
    path: Readable | Sequence[Readable],
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    separator: str | None = ...,
    decimal: str = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ReadReport]: ...


@substitute(options=OPTIONS)
def read_events(
    path: Readable | Sequence[Readable],
    *,
    rejects: StrPath | None = None,
    timezone: str = "UTC",
    strict: bool = False,
    separator: str | None = None,
    decimal: str = ".",
    encoding: str | None = None,
    vocabulary: Vocabulary | None = None,
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ReadReport]:
    r"""Read and check events.

    The suffix names the format: ``.csv``, ``.parquet`` (extra "parquet"), or JSON for every other
    suffix. A file may be compressed by gzip or zstd (extra "parquet"), with or without a second
    suffix ``.gz`` or ``.zst``. A pipe, a file object, and ``"-"`` for standard input, are read
    once; without a suffix their content tells the format.

    Of a folder, all files of these suffixes are read, also those in folders in it, in the order of
    their paths. Files whose name, or whose folder's, begins with ``.`` or ``_`` are left out.

    JSON is either lines, each an event or a request with a list of `events`, or one document, which
    is a request or a list of events. `EVENT_FIELDS` lists the fields; other fields are ignored. In
    all formats a field of the metadata may stand in an object ``metadata`` or beside it, under its
    name or its whole path.

    An event that breaks a rule is left out, and reading goes on. Each of its broken fields is a row
    of the rejects.

    Parameters
    ----------
    path : path, file object, or sequence of them
        The files and folders, read in this order. A file object is of bytes or of text; it is read
        from where it stands, and stays open.
    rejects : path, optional
        Where to write the rejects as CSV.
    {options}
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
        At the first broken rule, if `strict`. If a file as a whole cannot be read: it is none of
        the formats, lacks a column that is required, names a field in another case, or needs one of
        the options. The message names it.
    ValueError
        If an option or the time zone is not known.
    ExtraNotInstalledError
        If a Parquet file, or one compressed by zstd, is read without pyarrow.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

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
    check_options(separator, decimal)
    files = files_in(path)
    chunks = (pair for each in files for pair in chunks_of_file(each, separator, decimal, encoding))
    events, report = check_chunks(
        chunks, zone, strict=strict, vocabulary=checked_vocabulary(vocabulary)
    )
    if rejects is not None:
        write_rejects(report.rejects, rejects)
    return (events, report) if return_report else events


def chunks_of_file(
    path: Readable | Source, separator: str | None, decimal: str, encoding: str | None
) -> Iterator[tuple[str, Chunk]]:
    """Yield the chunks of a file, each with its name."""
    with opened(path, encoding) as source:
        for chunk in chunks_of(source, separator, decimal):
            yield source.name, chunk
