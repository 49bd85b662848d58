"""Read events that are in memory into the typed event table."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Literal, overload

import pandas as pd

from novin_ml.events.files.chunk import Chunk, show
from novin_ml.events.files.json_text import read_json
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.sources import Source
from novin_ml.events.files.table import check_chunks
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError

__all__ = ["events_from_json"]

#: What the rejects have as their file.
_SOURCE = "json"


@overload
def events_from_json(
    text: str | bytes,
    *,
    timezone: str = ...,
    strict: bool = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def events_from_json(
    text: str | bytes,
    *,
    timezone: str = ...,
    strict: bool = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ReadReport]: ...


def events_from_json(
    text: str | bytes,
    *,
    timezone: str = "UTC",
    strict: bool = False,
    encoding: str | None = None,
    vocabulary: Vocabulary | None = None,
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ReadReport]:
    """Read and check the events of a JSON text, as `read_events` does those of a file.

    The text is an event, a request with a list of `events`, a list of events, or lines that each
    hold an event or a request.

    Parameters
    ----------
    text : str or bytes
        The JSON. Bytes are UTF-8 unless `encoding` says otherwise, and may be compressed by gzip
        or zstd (extra "parquet").
    timezone : str, default="UTC"
        IANA name of the homes' time zone, for events that tell no offset from UTC.
    strict : bool, default=False
        Raise at the first event that breaks a rule.
    encoding : str, optional
        Encoding of bytes, such as ``"utf-16"`` or ``"cp1252"``; UTF-8 if not given.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.
    return_report : bool, default=False
        Return a `ReadReport` as well.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table, rows in the order of the text.
    report : ReadReport
        The rejects, whose file is ``"json"``, and the counts; only if `return_report`.

    Raises
    ------
    InvalidEventError
        If `text` is neither str nor bytes, or is in another encoding; at the first broken rule, if
        `strict`.
    ValueError
        If the encoding or the time zone is not known.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    See Also
    --------
    read_events : The same for files.
    events_from_records : The same for dicts.

    Examples
    --------
    >>> from novin_ml.events import events_from_json
    >>> request = b'''{"events": [
    ...     {"type": "doorbell", "timestamp": "2024-05-01T12:00:00+02:00"},
    ...     {"type": "motion", "timestamp": 1714557608, "confidence": 90}
    ... ]}'''
    >>> events, report = events_from_json(request, return_report=True)
    >>> events[["kind", "timestamp", "utc_offset"]].to_dict("records")
    [{'kind': 'doorbell', 'timestamp': 1714557600.0, 'utc_offset': 7200.0}]
    >>> report.rejects[["field", "expected", "got"]].to_dict("records")
    [{'field': 'events[1].confidence', 'expected': 'a number from 0 to 1', 'got': '90'}]
    """
    zone = find_timezone(timezone)
    if isinstance(text, str):
        encoding = None  # it is decoded
        text = text.encode("utf-8", "surrogatepass")  # half of a pair is refused with its line
    if not isinstance(text, bytes | bytearray | memoryview):
        raise InvalidEventError(
            f"The 'text' parameter must be JSON, as str or bytes. Got {show(text)} instead. Write "
            "it with json.dumps, or read dicts with novin_ml.events.events_from_records."
        )
    chunks = ((_SOURCE, chunk) for chunk in _chunks_of(bytes(text), encoding))
    events, report = check_chunks(
        chunks, zone, strict=strict, vocabulary=checked_vocabulary(vocabulary)
    )
    return (events, report) if return_report else events


def _chunks_of(text: bytes, encoding: str | None) -> Iterator[Chunk]:
    stream = io.BytesIO(text)
    if encoding is None and text[:1] in (b"{", b"[", b"") and b"\0" not in text[:4]:
        yield from read_json(stream)
        return
    source = Source(stream, encoding, _SOURCE)
    try:
        yield from read_json(source.open())
    finally:
        source.close()
