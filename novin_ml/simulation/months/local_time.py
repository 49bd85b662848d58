"""Local time of a simulated home, with the changes to and from daylight saving time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike

#: Time zones of the homes; their clocks change as in these places.
TIME_ZONES = (
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",  # never changes
    "America/Chicago",
    "America/New_York",
    "Europe/London",
    "Europe/Berlin",
    "Australia/Sydney",
)
#: Those of the southern hemisphere.
SOUTHERN = frozenset({"Australia/Sydney"})


@dataclass(frozen=True)
class LocalTime:
    """Local time of one home, in hours since its first local midnight.

    Attributes
    ----------
    midnight : float
        Local seconds since 1970 at hour 0.
    changes : ndarray of shape (n_changes,)
        Seconds since 1970 at which the clock changes.
    offsets : ndarray of shape (n_changes + 1,)
        Seconds ahead of UTC before, between and after the changes.
    """

    midnight: float
    changes: np.ndarray
    offsets: np.ndarray

    @classmethod
    def of(cls, time_zone: str, midnight: float, n_days: int) -> LocalTime:
        """Look up the changes of a time zone.

        Parameters
        ----------
        time_zone : str
            Name in the tz database.
        midnight : float
            As the attribute.
        n_days : int
            Days from `midnight` on.
        """
        zone = ZoneInfo(time_zone)
        first = datetime.fromtimestamp(midnight, UTC) - timedelta(days=1)

        def offset(hours: int) -> float:
            moment = first + timedelta(hours=hours)
            return zone.utcoffset(moment.astimezone(zone)).total_seconds()  # type: ignore

        days = [offset(24 * day) for day in range(n_days + 4)]
        changes, offsets = [], [days[0]]
        for day in range(1, len(days)):
            if days[day] != days[day - 1]:
                # The first hour whose offset is new is the hour of the change.
                hour = next(h for h in range(24 * day - 23, 24 * day + 1) if offset(h) == days[day])
                changes.append((first + timedelta(hours=hour)).timestamp())
                offsets.append(days[day])
        return cls(midnight, np.array(changes), np.array(offsets))

    def to_utc(self, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the seconds since 1970 at local hours, and the offsets then.

        An hour that the clock shows twice is taken for the first of the two. An hour that the
        clock skips is as long after the change as it would have been without the change.
        """
        wall = self.midnight + hours * 3600.0
        time = wall - self.offsets[0]
        for change, before, after in zip(
            self.changes, self.offsets[:-1], self.offsets[1:], strict=True
        ):
            later = wall - after
            passed = wall - before >= change
            time = np.where(passed, np.where(later < change, wall - before, later), time)
        time = np.round(time, 3)
        return time, self.offsets[np.searchsorted(self.changes, time, side="right")]

    def change_hours(self) -> np.ndarray:
        """Return the local hours of the changes, by the clock before each change."""
        return (self.changes + self.offsets[:-1] - self.midnight) / 3600.0


def within(time: np.ndarray, spans: ArrayLike) -> np.ndarray:
    """Tell which local hours are in a span.

    Parameters
    ----------
    time : ndarray of shape (n,)
        Local hours.
    spans : array-like of shape (n_spans, 2)
        Local hours at which each span begins and ends, in any order; the end is not included.

    Returns
    -------
    inside : ndarray of shape (n,), bool
    """
    begins, ends = np.reshape(np.asarray(spans, dtype=np.float64), (-1, 2)).T
    if not len(begins):
        return np.zeros(len(time), dtype=bool)
    order = np.argsort(begins, kind="stable")
    last = np.searchsorted(begins[order], time, side="right") - 1
    latest_end = np.maximum.accumulate(ends[order])
    return (last >= 0) & (time < latest_end[last])
