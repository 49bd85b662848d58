"""The clock on the wall of a simulated home, with its changes to and from daylight saving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

#: Time zones of the homes; the changes of their clocks are those of these places.
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
SOUTHERN = frozenset({"Australia/Sydney"})


@dataclass(frozen=True)
class LocalTime:
    """Local time of one home, in hours since its first local midnight.

    Attributes
    ----------
    midnight : float
        Seconds since 1970 that the clock on the wall shows at hour 0, taken for UTC.
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
        """Look the changes of a time zone up.

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
                # The offset at the end of an hour is new once the clock has changed in it.
                hour = next(h for h in range(24 * day - 23, 24 * day + 1) if offset(h) == days[day])
                changes.append((first + timedelta(hours=hour)).timestamp())
                offsets.append(days[day])
        return cls(midnight, np.array(changes), np.array(offsets))

    def to_utc(self, hours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the seconds since 1970 at local hours, and the offsets then.

        An hour that the clock shows twice is the first of them; one that it skips is as long after
        the change as it would have been without.
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
        """Return the local hours of the changes, by the clock before each."""
        return (self.changes + self.offsets[:-1] - self.midnight) / 3600.0
