"""The local time of day and of week as points on a circle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from novin_ml.features.spec import FeatureSpec

_DAY, _WEEK = 86_400.0, 604_800.0
_EPOCH_WEEKDAY = 3 * _DAY  # 1 January 1970 was a Thursday; weeks begin on Monday, 00:00.


def clock_specs(whose: str) -> tuple[FeatureSpec, ...]:
    """Describe the columns of `clock_columns`; `whose` names the event whose local time counts."""
    day = f"the local time of day {whose}, in days"
    week = f"the local time {whose} since Monday 00:00, in weeks"
    note = "equal to rounding on other machines; missing without utc_offset"
    return (
        FeatureSpec("hour_sin", "1", -1.0, 1.0, f"sin(2 pi d), d = {day}; {note}"),
        FeatureSpec("hour_cos", "1", -1.0, 1.0, f"cos(2 pi d), d = {day}; {note}"),
        FeatureSpec("weekday_sin", "1", -1.0, 1.0, f"sin(2 pi w), w = {week}; {note}"),
        FeatureSpec("weekday_cos", "1", -1.0, 1.0, f"cos(2 pi w), w = {week}; {note}"),
    )


def clock_columns(
    timestamp: NDArray[np.float64], utc_offset: NDArray[np.float32]
) -> tuple[NDArray[np.float64], ...]:
    """Return sine and cosine of the local time of day, then of week; NaN without an offset."""
    local = timestamp + utc_offset.astype(np.float64)
    hour = 2 * np.pi * (local % _DAY / _DAY)
    weekday = 2 * np.pi * ((local + _EPOCH_WEEKDAY) % _WEEK / _WEEK)
    return np.sin(hour), np.cos(hour), np.sin(weekday), np.cos(weekday)
