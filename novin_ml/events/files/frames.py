"""Read events from a table of pandas, polars or another library into the typed event table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, overload

import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files._arrow_frame import arrow_chunks
from novin_ml.events.files._pandas_frame import pandas_chunk
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.columns import doubled
from novin_ml.events.files.formats import (
    check_options,
    decimal_commas,
    other_separator,
    refuse_misspelt,
)
from novin_ml.events.files.renaming import check_names
from novin_ml.events.files.report import ReadReport, no_columns
from novin_ml.events.files.sources import file_refusal
from novin_ml.events.files.table import check_chunks
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

__all__ = ["events_from_frame"]

#: What the rejects have as their file.
_SOURCE = "frame"
_REQUIRED = tuple(field.name for field in EVENT_FIELDS if field.required)


@overload
def events_from_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = ...,
    timezone: str = ...,
    strict: bool = ...,
    decimal: str = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def events_from_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = ...,
    timezone: str = ...,
    strict: bool = ...,
    decimal: str = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ReadReport]: ...


def events_from_frame(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    strict: bool = False,
    decimal: str = ".",
    vocabulary: Vocabulary | None = None,
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ReadReport]:
    """Read and check events in a table of pandas, polars, Arrow or another library.

    Parameters
    ----------
    frame : DataFrame of shape (n_events, n_columns)
        One event a row: a table of pandas; or of any library that gives Arrow's columns or the
        dataframe interchange protocol, such as polars (also a LazyFrame), pyarrow or DuckDB,
        which needs pyarrow (extra "parquet"). Its columns are fields, or paths such as
        ``"metadata.location"``; a column `metadata` may hold the fields of the metadata as dicts,
        structs or JSON. An event table of ours is read too.
    columns : mapping of str to str, optional
        The field that each column of your own means, such as ``{"ts": "timestamp"}``.
    timezone : str, default="UTC"
        IANA name of the homes' time zone, for events that tell no offset from UTC: times in UTC,
        numbers of seconds, and times without a zone, which are local. A column in another time zone
        tells the offset itself.
    strict : bool, default=False
        Raise at the first event that breaks a rule.
    decimal : {".", ","}, default="."
        Decimal mark of numbers that stand in the table as texts; with a comma they are read.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.
    return_report : bool, default=False
        Return a `ReadReport` as well.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table, rows in the order of the frame, with a new index.
    report : ReadReport
        The rejects, whose file is ``"frame"`` and whose line is the number of the row, from 1, and
        the counts; only if `return_report`.

    Raises
    ------
    InvalidEventError
        If `frame` is no table or lacks a column that is required, a name differs from a field only
        in case, or numbers have decimal commas; at the first broken rule, if `strict`.
    ValueError
        If `columns` names no column or no field, or an option is not known.
    ExtraNotInstalledError
        If a table of another library than pandas is read without pyarrow.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    See Also
    --------
    check_events : Checks an event table and keeps its index and all columns.

    Notes
    -----
    Kind and zone follow from type and location; where a table has only `kind` or `zone`, they are
    read for them. A level of a pandas index counts as a column if it has the name of one.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import events_from_frame
    >>> states = pd.DataFrame({
    ...     "device": ["front_motion", "doorbell"],
    ...     "at": pd.to_datetime(["2024-05-01 12:00:00+09:00", "2024-05-01 12:01:00+09:00"]),
    ...     "room": ["porch", "front door"],
    ... })
    >>> named = {"device": "type", "at": "timestamp", "room": "location"}
    >>> events = events_from_frame(states, columns=named)
    >>> events[["kind", "zone", "timestamp", "utc_offset"]].to_dict("records")[0]
    {'kind': 'motion', 'zone': 'porch', 'timestamp': 1714532400.0, 'utc_offset': 32400.0}
    """
    zone = find_timezone(timezone)
    check_options(None, decimal)
    names = check_names(columns)
    chunks = ((_SOURCE, chunk) for chunk in _checked(_chunks_of(frame, names, decimal), decimal))
    events, report = check_chunks(
        chunks, zone, strict=strict, vocabulary=checked_vocabulary(vocabulary)
    )
    return (events, report) if return_report else events


def _chunks_of(frame: Any, names: Mapping[str, str], decimal: str) -> Iterator[Chunk]:
    if isinstance(frame, pd.DataFrame):
        yield pandas_chunk(frame, names, decimal)
        return
    chunks = arrow_chunks(frame, names, decimal)
    if chunks is None:
        raise InvalidEventError(
            "The 'frame' parameter must be a table: of pandas, or of a library that gives "
            f"Arrow's columns or the dataframe interchange. Got a {kind_of(frame)} instead. "
            f"{_remedy(frame)}"
        )
    yield from chunks


def _remedy(frame: object) -> str:
    if isinstance(frame, str | bytes | bytearray):
        return "Read JSON with novin_ml.events.events_from_json, a file with read_events."
    if isinstance(frame, list | tuple | Mapping):
        return "Read dicts with novin_ml.events.events_from_records."
    return "Convert it to a pandas DataFrame."


def _checked(chunks: Iterator[Chunk], decimal: str) -> Iterator[Chunk]:
    """Refuse a table as a whole by what its first chunk shows."""
    for number, chunk in enumerate(chunks):
        if not number and not chunk.refusals:
            _refuse_unreadable(chunk, decimal)
        yield chunk


def _refuse_unreadable(chunk: Chunk, decimal: str) -> None:
    if twice := doubled(chunk.names):
        raise file_refusal(
            "The 'frame' parameter", "a table that names each field once", ", ".join(twice),
            "Leave one out, or name it in columns",
        )  # fmt: skip
    refuse_misspelt("The 'frame' parameter", chunk)
    missing = [name for name in _REQUIRED if name not in chunk.values]
    if missing:
        found = other_separator(chunk.names, missing, ",")
        raise file_refusal(
            "The 'frame' parameter", "a table of events", no_columns(missing, chunk.names),
            f"Read the file with separator={found!r}" if found
            else "Name the columns that mean them: columns={'mine': 'timestamp'}",
        )  # fmt: skip
    if decimal == ".":
        for name, comma in decimal_commas(chunk):
            raise file_refusal(
                "The 'frame' parameter", "a table with points in its numbers",
                f"{comma} as a {name}", "Read it with decimal=','",
            )  # fmt: skip
