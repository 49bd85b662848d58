"""The one check of an event table: what is unambiguous is converted, all else refused by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.fields import EVENT_FIELDS, EventField, column_dtypes
from novin_ml.events.kinds import KIND_DTYPE, event_kind
from novin_ml.events.tables._numbers import check_numbers, check_times, zone_of_dates
from novin_ml.events.tables._texts import (
    check_categories,
    check_consent,
    check_signals,
    check_texts,
)
from novin_ml.events.timestamps import find_timezone, utc_offsets
from novin_ml.events.zones import ZONE_DTYPE, normalize_zone
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of

__all__ = ["check_events", "checked_events", "checked_rows"]

_REMEDY = "Read events with novin_ml.events.read_events."
_DTYPES = column_dtypes()
#: Labels are of any type: they are the user's.
_FIELDS = {field.name: field for field in EVENT_FIELDS if not field.is_label}
_IF_NEEDED = frozenset({"type", "location", "raw"})
#: Columns that follow from others: what a vendor writes is read as its words.
_DERIVED = {
    name: EventField(name, name, "text", expected, meaning, choices=tuple(dtype.categories))
    for name, expected, meaning, dtype in (
        ("kind", "a kind of event or a vendor's word for one", "what happened", KIND_DTYPE),
        ("zone", "a zone of the home or a vendor's word for one", "where it was", ZONE_DTYPE),
    )
}


def check_events(
    events: pd.DataFrame, *, timezone: str | None = None, need: Iterable[str] = ()
) -> pd.DataFrame:
    """Check an event table that was made by other means than `read_events`, and convert it.

    Every function of novin_ml that takes an event table does this first. Call it yourself to find
    out what is wrong with a table, or to say in which time zone its dates and times are.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table, with any index. Columns that are no field of an event are not looked at, and
        neither are labels.
    timezone : str or None, default=None
        IANA name of the homes' time zone, such as "Europe/Berlin". Dates and times without a zone
        are of its clocks, and where `utc_offset` is missing it is found from it. With None a table
        with dates and times without a zone is refused.
    need : iterable of str, default=()
        Names of columns that must be there.

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
    that are all numbers; numbers as names of homes to texts; the case of `home_mode`; categories in
    another order; a kind or zone in a vendor's words.

    Refused are, with their row: numbers as texts, booleans as numbers, complex and infinite
    numbers; times in other units than seconds, times that are missing, dates and times without a
    zone; a `confidence` or `energy` outside 0 to 1, such as percents; a negative `duration`; a
    `utc_offset` that is no multiple of 900 s, such as hours or minutes, or beyond 18 hours; an
    unknown `home_mode`.

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
    return checked_events(events, tuple(need), "check_events", reads_offset=True, zone=zone)


def checked_events(
    events: Any,
    need: tuple[str, ...],
    purpose: str,
    *,
    only_needed: bool = False,
    reads_offset: bool | None = None,
    zone: ZoneInfo | None = None,
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
    """
    if not isinstance(events, pd.DataFrame):
        raise InvalidEventError(
            f"{purpose} needs an event table (a pandas DataFrame). Got {kind_of(events)} instead. "
            f"{conversion_of(events, _REMEDY)}"
        )
    _check_names(events, need, purpose)
    new: dict[str, Any] = {}
    is_read = not ("utc_offset" in need if reads_offset is None else reads_offset)
    for name, field in (_FIELDS | _DERIVED).items():
        if name not in events.columns:
            continue
        # Words of vendors and signals take the longest, and are in the way of no door else.
        if name not in need and (only_needed or name in _IF_NEEDED):
            continue
        column = _check_column(events[name], field, zone, is_read=is_read)
        if column is not None:
            new[name] = column
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
    return checked_events(rows, need, purpose, only_needed=not is_events)


def _check_names(events: pd.DataFrame, need: tuple[str, ...], purpose: str) -> None:
    columns = events.columns
    if columns.nlevels > 1:
        raise InvalidEventError(
            f"{purpose} needs an event table with one level of column names. "
            f"Got {columns.nlevels} levels. Flatten them by setting events.columns."
        )
    if columns.is_unique:
        return
    twice = [name for name in columns[columns.duplicated()] if name in {*_DTYPES, *need, "label"}]
    if twice:
        raise InvalidEventError(
            f"{purpose} needs an event table with each column once. Got {twice[0]!r} several "
            "times. Keep one of them: events.loc[:, ~events.columns.duplicated()]."
        )


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
    column: pd.Series, field: EventField, zone: ZoneInfo | None, *, is_read: bool
) -> Any:
    """Return a column as its field has it, or None if it is so already."""
    if field.type == "time":
        return check_times(column, field, zone)
    if field.type == "number":
        return check_numbers(column, field, is_read=is_read)
    if field.name in _DERIVED:
        find = normalize_zone if field.name == "zone" else _kind_of
        return check_categories(column, field, _DTYPES[field.name], find)
    if field.choices:
        return check_categories(column, field, _DTYPES[field.name], _choice_of(field))
    if field.type == "text":
        return check_texts(column, field)
    return (check_signals if field.type == "samples" else check_consent)(column, field)


def _kind_of(text: str) -> str:
    return str(event_kind([text]).iloc[0])


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
        clock = zone_of_dates(column) if column.dtype.kind == "M" else None
        if clock is None or str(clock) == "UTC" or "utc_offset" in events.columns:
            return None
        return _offsets_of_clock(column)
    seconds = new.get("timestamp", column.to_numpy())
    told = new.get("utc_offset", events.get("utc_offset"))
    found = utc_offsets(seconds, zone).astype(np.float32)
    return found if told is None else np.where(np.isnan(told), found, told)


def _offsets_of_clock(column: pd.Series) -> np.ndarray:
    dates = (
        pd.DatetimeIndex(column.to_numpy(dtype=object))
        if isinstance(column.dtype, pd.ArrowDtype)
        else pd.DatetimeIndex(column)
    )
    ahead = dates.tz_localize(None) - dates.tz_convert("UTC").tz_localize(None)
    return np.asarray(ahead / pd.Timedelta(seconds=1), dtype=np.float32)
