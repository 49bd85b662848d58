"""Read events that are dicts, in a list or from a generator, into the typed event table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal, overload

import pandas as pd

from novin_ml.events.files._as_json import event_as_json
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.columns import METADATA
from novin_ml.events.files.formats import refuse_misspelt
from novin_ml.events.files.json_text import Collector
from novin_ml.events.files.renaming import check_names, renamed
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.table import check_chunks
from novin_ml.events.tables.values import is_missing
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

__all__ = ["events_from_records"]

#: What the rejects have as their file.
_SOURCE = "records"
#: Records that are checked together.
_CHUNK = 20_000
#: Types of values that are as JSON has them, NaN apart.
_PLAIN = frozenset({str, int, float, bool, type(None)})


@overload
def events_from_records(
    records: Iterable[Any],
    *,
    columns: Mapping[str, str] | None = ...,
    timezone: str = ...,
    strict: bool = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[False] = ...,
) -> pd.DataFrame: ...
@overload
def events_from_records(
    records: Iterable[Any],
    *,
    columns: Mapping[str, str] | None = ...,
    timezone: str = ...,
    strict: bool = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[True],
) -> tuple[pd.DataFrame, ReadReport]: ...


def events_from_records(
    records: Iterable[Any],
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    strict: bool = False,
    vocabulary: Vocabulary | None = None,
    return_report: bool = False,
) -> pd.DataFrame | tuple[pd.DataFrame, ReadReport]:
    """Read and check events that are dicts, as `read_events` does those of a file.

    Parameters
    ----------
    records : iterable of mappings
        A list, a generator or another iterable of events as JSON has them, requests, or rows of a
        table with the fields of the metadata beside the others. Numbers may be numpy's; times may
        be dates and times of Python, numpy or pandas: one without an offset is local time in
        `timezone`, one in UTC tells the instant only. It is gone through once.
    columns : mapping of str to str, optional
        The field that each key of your own means, such as ``{"ts": "timestamp"}``.
    timezone : str, default="UTC"
        IANA name of the homes' time zone, for events that tell no offset from UTC.
    strict : bool, default=False
        Raise at the first event that breaks a rule.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.
    return_report : bool, default=False
        Return a `ReadReport` as well.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table, rows in the order of the records.
    report : ReadReport
        The rejects, whose file is ``"records"`` and whose line is the number of the record, from 1,
        and the counts; only if `return_report`.

    Raises
    ------
    InvalidEventError
        If `records` are no dicts in an iterable, or name a field in another case; at the first
        broken rule, if `strict`.
    ValueError
        If `columns` names no field, or the time zone is not known.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    See Also
    --------
    read_event : The same for one event.
    events_from_frame : The same for tables of pandas, polars and others.

    Notes
    -----
    A record without a key ``"metadata"`` may be a row of a table: NaN, NaT and NA in it are missing
    values, as in pandas, and where it has no type but a kind or no location but a zone, that is
    read for it. In a record with metadata a NaN is refused, as in JSON.

    Examples
    --------
    >>> from novin_ml.events import events_from_records
    >>> events, report = events_from_records(
    ...     [
    ...         {"what": "doorbell", "timestamp": "2024-05-01T12:00:00+02:00"},
    ...         {"what": "motion", "timestamp": 1714557608, "confidence": 90},
    ...     ],
    ...     columns={"what": "type"},
    ...     return_report=True,
    ... )
    >>> events[["kind", "timestamp", "utc_offset"]].to_dict("records")
    [{'kind': 'doorbell', 'timestamp': 1714557600.0, 'utc_offset': 7200.0}]
    >>> report.rejects[["line", "field", "got"]].to_dict("records")
    [{'line': 2, 'field': 'confidence', 'got': '90'}]
    """
    zone = find_timezone(timezone)
    names = check_names(columns)
    if isinstance(records, str | bytes | bytearray | Mapping | pd.Series) or (
        hasattr(records, "columns") or not isinstance(records, Iterable)
    ):
        raise InvalidEventError(
            "The 'records' parameter must be a list, or another iterable, of dicts. "
            f"Got a {kind_of(records)} instead. {_remedy(records)}"
        )
    chunks = ((_SOURCE, chunk) for chunk in _chunks_of(iter(records), names))
    events, report = check_chunks(
        chunks, zone, strict=strict, vocabulary=checked_vocabulary(vocabulary)
    )
    return (events, report) if return_report else events


def _remedy(records: object) -> str:
    if isinstance(records, Mapping | pd.Series):
        return "Put it in a list, or read one event with novin_ml.events.read_event."
    if isinstance(records, str | bytes | bytearray):
        return "Read JSON with novin_ml.events.events_from_json."
    if hasattr(records, "columns"):
        return "Read a table with novin_ml.events.events_from_frame."
    return "Give a list of dicts."


def _chunks_of(records: Iterator[Any], names: Mapping[str, str]) -> Iterator[Chunk]:
    first = 1
    while part := [*islice(records, _CHUNK)]:
        collector = Collector()
        for line, record in enumerate(part, first):
            if isinstance(record, Mapping | pd.Series):
                collector.add(_as_event(record, names), line, "", None)
            else:
                collector.add(record, line, "", None)  # refused
        chunk = collector.chunk()
        if first == 1:
            refuse_misspelt("The 'records' parameter", chunk)
        yield chunk
        first += len(part)


def _as_event(record: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a record as JSON has it; keys that are no texts name no field."""
    if not names and _is_as_json(record):
        return record
    pairs = renamed([(key, value) for key, value in record.items() if isinstance(key, str)], names)
    event = dict(pairs)
    if not isinstance(event.get(METADATA), Mapping):
        event = {key: None if is_missing(value) else value for key, value in event.items()}
        for told, text in (("kind", "type"), ("zone", "location")):
            if text not in event and isinstance(event.get(told), str):
                event[text] = event[told]
    return event_as_json(event)


def _is_as_json(record: Any) -> bool:
    """Tell whether a record needs no conversion, as those of a JSON file need none."""
    if type(record) is not dict or "kind" in record or "zone" in record:
        return False
    inner = record.get(METADATA)
    if type(inner) is dict:
        return _is_plain(inner) and _is_plain({**record, METADATA: None})
    return _is_plain(record)


def _is_plain(values: dict[Any, Any]) -> bool:
    found = {*map(type, values.values())}
    if not (found <= _PLAIN and {*map(type, values)} <= {str}):
        return False
    return float not in found or all(value == value for value in values.values())
