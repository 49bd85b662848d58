"""Events from logs of intervals in which the sensors of a home were active."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.consent import has_consent
from novin_ml.events.files.chunk import Chunk, show
from novin_ml.events.files.recognition import recognition_of
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.files.table import check_chunk, event_table
from novin_ml.events.files.validation import check_columns
from novin_ml.events.timestamps import find_timezone, localize, parse_iso
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError

__all__ = ["events_from_intervals"]


def events_from_intervals(
    intervals: pd.DataFrame,
    *,
    start: str,
    end: str,
    type: str,
    location: str | None = None,
    home_id: str = "unknown_home",
    timezone: str = "UTC",
    consent: bool = False,
    vocabulary: Vocabulary | None = None,
) -> tuple[pd.DataFrame, ReadReport]:
    """Make an event of each interval, at its start, with its ``end`` and its ``duration``.

    Parameters
    ----------
    intervals : DataFrame of shape (n_intervals, n_columns)
        A row for each time that a sensor was active.
    start, end : str
        Columns of the times: seconds since 1970, ISO 8601 texts, or pandas' or Python's dates and
        times.
    type : str
        Column of what happened, in the vendor's words; see `Vocabulary.kind_of`.
    location : str, optional
        Column of where it happened; see `Vocabulary.zone_of`.
    home_id : str, default="unknown_home"
        The home of all intervals.
    timezone : str, default="UTC"
        IANA name of the time zone of the home, for times without an offset from UTC.
    consent : bool, default=False
        Whether the home lets these events be trained on.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table, in the order of the intervals.
    report : ReadReport
        The rejects, by row from 1. An interval without a valid start or type is left out. An
        interval that ends before it starts, or whose end is missing or cannot be read, is an event
        with a missing ``end`` and ``duration``: its end is among the rejects, but it counts as
        accepted.

    Raises
    ------
    InvalidEventError
        If `intervals` is not a DataFrame or lacks a column.
    ValueError
        If the time zone is not known.

    Notes
    -----
    When clocks are put back, they show one hour twice. A time of that hour without an offset from
    UTC is taken for the first of the two. An end that would then be before its start, as in 02:50
    to 02:10, is taken for the second.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import events_from_intervals
    >>> intervals = pd.DataFrame({
    ...     "on": ["2011-11-28 02:27:59", "2011-11-28 10:21:24"],
    ...     "off": ["2011-11-28 10:18:11", "2011-11-28 10:21:04"],
    ...     "sensor": ["motion", "door"],
    ... })
    >>> events, report = events_from_intervals(
    ...     intervals, start="on", end="off", type="sensor", timezone="Europe/Madrid"
    ... )
    >>> events["duration"].tolist(), report.n_rejected
    ([28212.0, nan], 0)
    >>> report.rejects[["line", "field", "got"]].to_numpy().tolist()
    [[2, 'off', '"2011-11-28 10:21:04"']]
    """
    named = [name for name in (start, end, type, location) if name is not None]
    missing = [name for name in named if name not in getattr(intervals, "columns", ())]
    if missing or not isinstance(intervals, pd.DataFrame):
        raise InvalidEventError(
            f"The intervals must be a DataFrame with the columns {', '.join(named)}. "
            f"Got one without {', '.join(missing) or 'rows'} instead. Name the columns that it has."
        )
    zone = find_timezone(timezone)
    n_rows = len(intervals)
    values: dict[str, Any] = {
        "home_id": [home_id] * n_rows,
        "type": _values(intervals[type]),
        "timestamp": _values(intervals[start]),
        "consent": [consent] * n_rows,
    }
    if location is not None:
        values["location"] = _values(intervals[location])
    ends = _values(intervals[end])
    began, has_begun = _seconds(values["timestamp"], zone)
    ended, has_ended = _seconds(ends, zone)
    is_backwards = has_begun & has_ended & (ended < began)
    for row in np.flatnonzero(is_backwards).tolist():
        later = _second_time(ends[row], zone)
        if later >= began[row]:
            ended[row], is_backwards[row] = later, False
    is_known = has_begun & has_ended & ~is_backwards
    values["duration"] = np.where(is_known, ended - began, np.nan)
    values["end"] = np.where(is_known, ended, np.nan)
    lines = range(1, n_rows + 1)
    columns, broken, n_rejected = check_chunk(Chunk(lines, values), "intervals", zone)
    columns_of = {"timestamp": start, "type": type, "metadata.location": location}
    rejects = [
        reject._replace(field=str(columns_of.get(reject.field, reject.field))) for reject in broken
    ]
    rejects += [
        Reject("intervals", row + 1, end, "a time, not before the start", show(ends[row]))
        for row in np.flatnonzero(has_begun & ~is_known).tolist()
    ]
    rejects.sort(key=lambda reject: reject.line)
    known = checked_vocabulary(vocabulary)
    events = event_table([columns], known)
    recognition = recognition_of(events, known)
    recognition.warn()
    return events, ReadReport(
        rejects=to_table(rejects),
        n_read=n_rows,
        n_accepted=n_rows - n_rejected,
        n_rejected=n_rejected,
        n_without_consent=int(np.count_nonzero(~has_consent(events))),
        recognition=recognition,
    )


def _values(column: pd.Series) -> list[Any]:
    """Return the values of a column as in JSON: dates and times are ISO 8601 texts."""
    return [_value(value) for value in column.tolist()]


def _value(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    if isinstance(value, pd.Timestamp):
        value = value.isoformat()
    elif isinstance(value, date):  # and a datetime, which is a date
        value = pd.Timestamp(value).isoformat()
    return value


def _seconds(times: list[Any], zone: ZoneInfo) -> tuple[np.ndarray, np.ndarray]:
    """Read times by the rules of events; return seconds since 1970, and which could be read."""
    columns, breaches = check_columns(
        {"type": ["interval"] * len(times), "timestamp": times}, len(times), zone
    )
    is_good = np.ones(len(times), dtype=bool)
    is_good[[breach.row for breach in breaches]] = False
    return columns["timestamp"], is_good


def _second_time(end: Any, zone: ZoneInfo) -> float:
    """Read an end as the second time at which the clock shows it; NaN if there is none."""
    if not isinstance(end, str):
        return np.nan
    seconds, _, is_local = parse_iso([end])
    return float(localize(seconds, zone, again=True)[0]) if is_local[0] else np.nan
