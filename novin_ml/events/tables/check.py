"""The one check of an event table: what is unambiguous is converted, all else refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS, EventField, column_dtypes
from novin_ml.events.tables._numbers import check_numbers, check_times, zone_of_dates
from novin_ml.events.tables._texts import (
    check_categories,
    check_consent,
    check_signals,
    check_texts,
)
from novin_ml.events.tables.labels import without_absent_labels
from novin_ml.events.tables.refusal import refusal
from novin_ml.events.timestamps import find_timezone, utc_offsets
from novin_ml.events.vocabulary.columns import (
    DEFAULT_VOCABULARY,
    checked_vocabulary,
    of_vocabulary,
    vocabulary_of,
)
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of, reader_of
from novin_ml.plain import plural

__all__ = ["check_events", "checked_events", "checked_rows"]

#: UTC, by the names that zones of Python and of others have.
_UTC = frozenset(
    "UTC UCT GMT Zulu Universal Etc/UTC Etc/UCT Etc/GMT Etc/Zulu Etc/Universal tzutc()".split()  # noqa: SIM905
)
_REMEDY = "Read events with novin_ml.events.read_events."
_DTYPES = column_dtypes(optional=("state", "end"))
_NAMES = {*_DTYPES, "sensor"}
#: Labels are of any type: they are the user's, but for those that say that there is none.
_FIELDS = {field.name: field for field in EVENT_FIELDS if not field.is_label}
_IF_NEEDED = frozenset({"type", "location", "raw"})
#: Columns that follow from others: what a vendor writes is read as its words.
_DERIVED = {
    name: EventField(name, name, "text", expected, meaning)
    for name, expected, meaning in (
        ("kind", "a kind of event or a vendor's word for one", "what happened"),
        ("zone", "a zone of the home or a vendor's word for one", "where it was"),
        ("sensor", "the name of a sensor of the vocabulary, or unseen", "which sensor sent it"),
    )
}


def check_events(
    events: pd.DataFrame,
    *,
    timezone: str | None = None,
    need: Iterable[str] = (),
    vocabulary: Vocabulary | None = None,
) -> pd.DataFrame:
    """Check an event table that was made by other means than `read_events`, and convert it.

    Every function of novin_ml that takes an event table does this first. Call it yourself to find
    out what is wrong with a table, or to say in which time zone its dates and times are.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table, with any index. Columns that are no field of an event are not looked at.
        Labels may be of any type; blank texts and words such as ``NA`` are missing.
    timezone : str or None, default=None
        IANA name of the homes' time zone, such as "Europe/Berlin". Dates and times without a zone
        are of its clocks, and where `utc_offset` is missing it is found from it. With None a table
        with dates and times without a zone is refused.
    need : iterable of str, default=()
        Names of columns that must be there.
    vocabulary : Vocabulary or None, default=None
        That of the kinds, zones and sensors. None is the one that the table shows by its
        categories, or else `Vocabulary.sdk`.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns)
        In the order of the input and with its index. The same object if nothing was converted;
        else a copy in which the fields have the dtypes of `column_dtypes`. Columns of texts stay
        as they are, whichever of pandas' dtypes they have.

    Raises
    ------
    InvalidEventError
        If the table is no DataFrame, a column is missing or there twice, or a value breaks the rule
        of its field. The message names the column, the row and the remedy.
    ValueError
        If the time zone is not known.

    See Also
    --------
    column_dtypes : The columns of an event table with their dtypes.
    read_events : Read and check a file.

    Notes
    -----
    Converted are: lengths of time (timedelta) in `duration` and `utc_offset` to seconds; dates and
    times with a zone to seconds since 1970, and their offset from UTC where the table has no
    `utc_offset`; whole numbers, nullable types of pandas, those of Arrow and columns of objects
    that are all numbers; numbers as names of homes to texts; the case of `home_mode` and `state`;
    categories in another order; a kind or zone in a vendor's words.

    Refused are, with their row: numbers as texts, booleans as numbers, complex and infinite
    numbers; times in other units than seconds, times that are missing, dates and times without a
    zone; an `end` before its `timestamp`; a `confidence` or `energy` outside 0 to 1, such as
    percents; a negative `duration`; a
    `utc_offset` that is no multiple of 900 s, such as hours or minutes, or beyond 18 hours; an
    unknown `home_mode` or `state`.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import check_events
    >>> events = pd.DataFrame({
    ...     "timestamp": pd.to_datetime(["2024-05-01T12:00:00+02:00"]),
    ...     "duration": pd.to_timedelta(["8.5s"]),
    ...     "home_mode": ["AWAY"],
    ... })
    >>> check_events(events)[["timestamp", "duration", "home_mode"]].to_dict("records")
    [{'timestamp': 1714557600.0, 'duration': 8.5, 'home_mode': 'away'}]
    >>> check_events(events.assign(timestamp=1714557600000))
    Traceback (most recent call last):
    ...
    novin_ml.exceptions.InvalidEventError: Row 0 of the event table: timestamp must be a number of
    seconds since 1970, to the year 2200. Got 1714557600000 instead. If it is in
    milliseconds, divide by 1,000.
    """
    zone = None if timezone is None else find_timezone(timezone)
    if vocabulary is not None:
        vocabulary = checked_vocabulary(vocabulary)
    return without_absent_labels(
        checked_events(
            events, tuple(need), "check_events", reads_offset=True, zone=zone, vocabulary=vocabulary
        )
    )


def checked_events(
    events: Any,
    need: tuple[str, ...],
    purpose: str,
    *,
    only_needed: bool = False,
    reads_offset: bool | None = None,
    zone: ZoneInfo | None = None,
    vocabulary: Vocabulary | None = None,
) -> pd.DataFrame:
    """Do as `check_events` does, at a door.

    Parameters
    ----------
    events : object
        What was given as an event table.
    need : tuple of str
        Columns that the door reads.
    purpose : str
        The subject of the message about columns that are missing: the name of the door.
    only_needed : bool, default=False
        Leave the other columns alone: they may be features under the names of fields.
    reads_offset : bool or None, default=None
        Whether the door reads offsets from UTC, and so demands those of a clock. Others take every
        one that a file may tell, but hours and minutes. None is whether `need` names them.
    zone : ZoneInfo or None, default=None
        As `timezone` of `check_events`.
    vocabulary : Vocabulary or None, default=None
        As that of `check_events`: that of a model, which refuses a table of another one.
    """
    if not isinstance(events, pd.DataFrame):
        raise InvalidEventError(
            f"{purpose} needs an event table (a pandas DataFrame). Got {kind_of(events)} instead. "
            f"{conversion_of(events, f'Read events with novin_ml.events.{reader_of(events)}.')}"
        )
    _check_names(events, need, purpose)
    events = _without_names_of_columns(events)
    events = of_vocabulary(events, vocabulary, purpose)
    known = vocabulary or vocabulary_of(events) or DEFAULT_VOCABULARY
    new: dict[str, Any] = {}
    is_read = not ("utc_offset" in need if reads_offset is None else reads_offset)
    for name, field in (_FIELDS | _DERIVED).items():
        if name not in events.columns:
            continue
        # Words of vendors and signals take the longest, and are in the way of no door else.
        if name not in need and (only_needed or name in _IF_NEEDED):
            continue
        column = _check_column(events[name], field, zone, known, is_read=is_read)
        if column is not None:
            new[name] = column
    if {"timestamp", "end"} <= set(events.columns) and ("end" in need or not only_needed):
        _refuse_backwards(events, new)
    if "timestamp" in events.columns:
        offsets = _found_offsets(events, new, zone)
        if offsets is not None and not only_needed:
            new["utc_offset"] = offsets
    _require(events, need, new, purpose)
    if not new:
        return events
    table = events.copy(deep=False)
    for name, values in new.items():
        table[name] = values  # arrays: by position, whatever the index
    return table


def checked_rows(rows: Any, purpose: str, need: tuple[str, ...] = ()) -> Any:
    """Check rows of any kind if they are an event table; return others as they are.

    A table is one of events if it has a time and a kind. Of another, such as one of features, only
    the columns in `need` are checked.
    """
    if not isinstance(rows, pd.DataFrame):
        return rows
    is_events = {"timestamp", "kind"} <= set(rows.columns.get_level_values(0))
    if not is_events and not need:
        return rows
    rows = checked_events(rows, need, purpose, only_needed=not is_events)
    return without_absent_labels(rows) if is_events else rows


def _check_names(events: pd.DataFrame, need: tuple[str, ...], purpose: str) -> None:
    columns = events.columns
    if columns.nlevels > 1:
        raise InvalidEventError(
            f"{purpose} needs an event table with one level of column names. "
            f"Got {plural(columns.nlevels, 'level')}. Flatten them by setting events.columns."
        )
    if columns.is_unique:
        return
    twice = [name for name in columns[columns.duplicated()] if name in {*_NAMES, *need, "label"}]
    if twice:
        raise InvalidEventError(
            f"{purpose} needs an event table with each column once. Got {twice[0]!r} several "
            "times. Keep one of them: events.loc[:, ~events.columns.duplicated()]."
        )


def _without_names_of_columns(events: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose index has no name of a column, which pandas calls ambiguous."""
    names = events.index.names
    if names == [None] or set(names).isdisjoint(events.columns):
        return events
    table = events.copy(deep=False)
    table.index = events.index.set_names([None] * len(names))
    return table


def _require(
    events: pd.DataFrame, need: tuple[str, ...], new: dict[str, Any], purpose: str
) -> None:
    missing = [name for name in need if name not in events.columns and name not in new]
    if missing:
        raise InvalidEventError(
            f"{purpose} needs an event table with the columns {', '.join(need)}. "
            f"Missing: {', '.join(missing)}. {_REMEDY}"
        )


def _check_column(
    column: pd.Series,
    field: EventField,
    zone: ZoneInfo | None,
    vocabulary: Vocabulary,
    *,
    is_read: bool,
) -> Any:
    """Return a column as its field has it, or None if it is so already."""
    if field.type == "time":
        return check_times(column, field, zone)
    if field.type == "number":
        return check_numbers(column, field, is_read=is_read)
    if field.name == "kind":
        return check_categories(column, field, vocabulary.kind_dtype, vocabulary.kind_of)
    if field.name == "zone":
        return check_categories(column, field, vocabulary.zone_dtype, vocabulary.zone_of)
    if field.name == "sensor":
        if not vocabulary.sensors:
            return None  # a column of the user's own
        return check_categories(column, field, vocabulary.sensor_dtype, lambda _: None)
    if field.choices:
        return check_categories(column, field, _DTYPES[field.name], _choice_of(field))
    if field.type == "text":
        return check_texts(column, field)
    return (check_signals if field.type == "samples" else check_consent)(column, field)


def _refuse_backwards(events: pd.DataFrame, new: dict[str, Any]) -> None:
    """Raise the error of the first event that ends before it begins."""
    begin, end = (new.get(name, events[name].to_numpy()) for name in ("timestamp", "end"))
    wrong = np.flatnonzero(end < begin)
    if len(wrong):
        raise refusal(events["end"], int(wrong[0]), _FIELDS["end"])


def _choice_of(field: EventField) -> Any:
    def find(text: str) -> str | None:
        meant = text.strip().lower()
        return meant if meant in field.choices else None

    return find


def _found_offsets(
    events: pd.DataFrame, new: dict[str, Any], zone: ZoneInfo | None
) -> np.ndarray | None:
    """Find the offsets that the table does not tell: from `zone`, or from that of its times."""
    column = events["timestamp"]
    if zone is None:
        if "utc_offset" in events.columns:
            return None
        if column.dtype.kind == "O":
            return _offsets_of_objects(column)
        clock = zone_of_dates(column) if column.dtype.kind == "M" else None
        return None if clock is None or _is_utc(clock) else _offsets_of_clock(column)
    seconds = new.get("timestamp", column.to_numpy())
    told = new.get("utc_offset", events.get("utc_offset"))
    found = utc_offsets(seconds, zone).astype(np.float32)
    return found if told is None else np.where(np.isnan(told), found, told)


def _is_utc(clock: Any) -> bool:
    """Tell whether a zone is UTC, which programs write wherever the home is."""
    return str(clock) in _UTC


def _offsets_of_objects(column: pd.Series) -> np.ndarray | None:
    """Return the offsets of single dates and times, NaN of those that tell no clock."""
    offsets = np.full(len(column), np.nan, dtype=np.float32)
    for row, value in enumerate(column.tolist()):
        ahead = value.utcoffset() if isinstance(value, datetime) else None
        if ahead is not None and not _is_utc(value.tzinfo):
            offsets[row] = ahead.total_seconds()
    return None if np.isnan(offsets).all() else offsets


def _offsets_of_clock(column: pd.Series) -> np.ndarray:
    dates = (
        pd.DatetimeIndex(column.to_numpy(dtype=object))
        if isinstance(column.dtype, pd.ArrowDtype)
        else pd.DatetimeIndex(column)
    )
    ahead = dates.tz_localize(None) - dates.tz_convert("UTC").tz_localize(None)
    return np.asarray(ahead / pd.Timedelta(seconds=1), dtype=np.float32)
