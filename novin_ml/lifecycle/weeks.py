"""Weeks, which begin on Mondays at 00:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Seconds of a week, and of the Monday of week 0: 5 January 1970.
WEEK, _FIRST = 7 * 86_400.0, 4 * 86_400.0
_DAYS = 4


def has_times(rows: Any) -> bool:
    """Whether rows tell when they were: signals do not."""
    return "timestamp" in rows.columns or "start" in rows.columns


def times_of(rows: Any) -> NDArray[np.float64]:
    """Return the times of events, or the starts of chains, in seconds since 1970."""
    name = "timestamp" if "timestamp" in rows.columns else "start"
    return np.asarray(rows[name], dtype=np.float64)


def weeks_of(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of the week of each time."""
    return np.floor((np.asarray(seconds, dtype=np.float64) - _FIRST) / WEEK).astype(np.int64)


def monday_of(week: int) -> str:
    """Return the date of the Monday of a week, such as "2026-05-11"."""
    return datetime.fromtimestamp(_FIRST + WEEK * int(week), UTC).strftime("%Y-%m-%d")


def week_of_monday(text: str) -> int:
    """Return the week of a date; ValueError if it is no date, or no Monday."""
    day = (date.fromisoformat(text) - date(1970, 1, 1)).days - _DAYS
    if day % 7:
        raise ValueError(f"{text} is no Monday")
    return day // 7
