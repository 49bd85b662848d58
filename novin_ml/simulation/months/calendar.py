"""Calendar of a simulated home: weekdays, seasons and holidays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.months.household import Household
from novin_ml.simulation.months.local_time import SOUTHERN, within

#: Days in half a year: many rates are for so long.
HALF_YEAR = 182.0

_MIDSUMMER = 173  # days after `EPOCH`, in the north
_HOLIDAYS = 1.6  # in half a year


@dataclass(frozen=True)
class Calendar:
    """Weekdays, seasons and holidays of one home.

    Attributes
    ----------
    weekday : ndarray of shape (n_days,)
        0 is a Monday.
    summer : ndarray of shape (n_days,)
        1 at midsummer, -1 at midwinter of the home's hemisphere.
    holidays : ndarray of shape (n, 2)
        Local hours at which everybody leaves and returns.
    on_holiday : ndarray of shape (n,), bool
        Whether the mode is "vacation" meanwhile.
    """

    weekday: np.ndarray
    summer: np.ndarray
    holidays: np.ndarray
    on_holiday: np.ndarray

    def __len__(self) -> int:
        return len(self.weekday)

    def away(self, time: np.ndarray) -> np.ndarray:
        """Tell which local hours are in holidays."""
        return within(time, self.holidays)


def draw_calendar(
    rng: np.random.Generator, home: Household, first_day: int, n_days: int
) -> Calendar:
    """Draw the holidays of a home in `n_days` days from the day `first_day` after `EPOCH` on."""
    day = first_day + np.arange(n_days)
    summer = np.cos(2 * np.pi * (day - _MIDSUMMER) / 365.25)
    holidays: list[tuple[float, float]] = []
    begins = np.sort(rng.uniform(0, 24.0 * n_days, rng.poisson(_HOLIDAYS * n_days / HALF_YEAR)))
    for begin in begins:
        begin = begin // 24 * 24 + rng.normal(10.5, 2.0)
        end = begin // 24 * 24 + 24.0 * rng.integers(2, 16) + rng.normal(17.0, 2.5)
        if not holidays or begin > holidays[-1][1] + 48:
            holidays.append((begin, end))
    return Calendar(
        weekday=day % 7,
        summer=-summer if home.time_zone in SOUTHERN else summer,
        holidays=np.array(holidays).reshape(-1, 2),
        on_holiday=rng.random(len(holidays)) < (0.6 if home.sets_modes else 0.0),
    )
