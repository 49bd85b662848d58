"""Offsets from UTC that no clock has: hours, minutes and milliseconds are not seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["OFFSET_STEP", "WIDEST_OFFSET", "in_another_unit", "wrong_offsets"]

#: Clocks differ from UTC by quarters of an hour, and by less than this.
OFFSET_STEP, WIDEST_OFFSET = 900.0, 64_800.0

_MOST_HOURS = 18.0


def wrong_offsets(offsets: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Tell which offsets from UTC, in seconds, no clock has; one that is missing is not wrong."""
    steps = offsets / np.float32(OFFSET_STEP)
    with np.errstate(invalid="ignore"):
        is_between = np.abs(steps - np.rint(steps)) > 0
    wrong: NDArray[np.bool_] = is_between | (np.abs(offsets) > WIDEST_OFFSET)
    return wrong


def in_another_unit(offsets: ArrayLike) -> NDArray[np.bool_]:
    """Tell which offsets are hours or minutes instead of seconds.

    A file may tell any number of seconds, which is kept; these are the ones that a clock has in
    another unit.
    """
    ahead = np.abs(np.asarray(offsets))
    is_small: NDArray[np.bool_] = np.asarray((ahead > 0) & (ahead < OFFSET_STEP))
    if not is_small.any():  # hours and minutes are all below a step of clocks
        return is_small
    ahead = ahead.astype(np.float64)
    is_hours = (ahead <= _MOST_HOURS) & (np.fmod(ahead, 0.25) == 0)
    is_minutes = (ahead < OFFSET_STEP) & (np.fmod(ahead, 15.0) == 0)
    found: NDArray[np.bool_] = is_small & (is_hours | is_minutes)
    return found
