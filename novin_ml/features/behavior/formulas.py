"""The formulas of the features of behavior, for one event and for many alike.

They are written with + - * / and comparisons on numbers that a float64 holds exactly or rounds
once, so that one event on its own gets the same bits as in a table of many.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.features._log2 import line_log2
from novin_ml.features.behavior._codes import DAY
from novin_ml.features.behavior.specs import FLOOR, PRIOR, RECENT

_ANGLES = 2 * np.pi * np.arange(1440) / 1440

#: Sine and cosine of the minutes of the day: a table, so that all read the same bits.
HOUR_SIN: NDArray[np.float32] = np.sin(_ANGLES).astype(np.float32)
HOUR_COS: NDArray[np.float32] = np.cos(_ANGLES).astype(np.float32)

#: In how many parts of a bit the rarity is remembered.
SIXTEENTHS = 16


class Past(NamedTuple):
    """Counts of the events before an event, as numbers or as arrays of them.

    Attributes
    ----------
    minute_of_day : int
        Minute of the local day at the event.
    events : int
        How many there were.
    pair, pair_mode, week, previous, order : int
        How many of them were in the event's cell; see `Cells`.
    pair_hour, pair_hour_before, pair_hour_after : int
        How many were of its kind and zone in its hour of the day and in the two beside it.
    mode_hour, mode_hour_before, mode_hour_after : int
        How many of these were in its mode of the home.
    hour, hour_before : int
        How many were in its hour of the day and in the one before.
    in_hour, in_day : int
        How many were in the last 60 and 1440 minutes.
    elapsed, gap, gap_kind : int
        Milliseconds since the home's first event, its last one and its last one of the kind.
    recent : int
        Sum of the rarity of the last 8, in sixteenths of a bit.
    """

    minute_of_day: Any
    events: Any
    pair: Any
    pair_hour: Any
    pair_hour_before: Any
    pair_hour_after: Any
    pair_mode: Any
    mode_hour: Any
    mode_hour_before: Any
    mode_hour_after: Any
    week: Any
    previous: Any
    order: Any
    hour: Any
    hour_before: Any
    in_hour: Any
    in_day: Any
    elapsed: Any
    gap: Any
    gap_kind: Any
    recent: Any


def rarity_of(past: Past) -> Any:
    """Return what is remembered of an event's rarity, in whole sixteenths of a bit."""
    return remembered(line_log2((past.events + 1) / (_around_mode_hour(past) + FLOOR)))


def remembered(bits: Any) -> Any:
    """Return a rarity, the column ``mode_hour_rarity``, in whole sixteenths of a bit."""
    parts = SIXTEENTHS * bits
    return int(parts) if isinstance(parts, float) else parts.astype(np.int64)  # rounded down


def behavior_columns(past: Past) -> tuple[Any, ...]:
    """Return the columns that follow the sine and cosine of the hour, in float64."""
    seen = past.events + 1
    around_hour, around_mode_hour = _around_hour(past), _around_mode_hour(past)
    days = _largest(past.elapsed / DAY, 1.0)
    share = (past.minute_of_day % 60 + 1) / 60
    usual = (share * past.hour + (1 - share) * past.hour_before) / days
    pair_share = (past.pair + FLOOR) / seen
    unseen = (
        (past.pair == 0)
        + 1 * (around_hour == 0)
        + 1 * (past.pair_mode == 0)
        + 1 * (past.order == 0)
    )
    return (
        line_log2(seen / (past.week + FLOOR)),
        line_log2(seen / (past.pair + FLOOR)),
        line_log2(seen / (around_hour + FLOOR)),
        line_log2((past.pair + PRIOR) / (around_hour + PRIOR / 24)),
        line_log2(seen / (past.pair_mode + FLOOR)),
        line_log2(seen / (around_mode_hour + FLOOR)),
        line_log2((past.pair_mode + PRIOR) / (around_mode_hour + PRIOR / 24)),
        line_log2(seen / (past.order + FLOOR)),
        line_log2((past.previous + PRIOR) / (past.order + PRIOR * pair_share)),
        unseen * line_log2(seen / 1),
        past.recent / (SIXTEENTHS * RECENT),
        line_log2(1 + past.gap / 1000),
        line_log2(1 + past.gap_kind / 1000),
        line_log2(_largest((past.in_hour + 1) / (usual + 1), 1.0)),
        line_log2(_largest((past.in_day + 1) / (past.events / days + 1), 1.0)),
    )


def _around_hour(past: Past) -> Any:
    """Events of the kind and zone in the hour, half of it lent to the hours beside it."""
    return (2 * past.pair_hour + past.pair_hour_before + past.pair_hour_after) / 4


def _around_mode_hour(past: Past) -> Any:
    return (2 * past.mode_hour + past.mode_hour_before + past.mode_hour_after) / 4


def _largest(x: Any, least: float) -> Any:
    return max(x, least) if isinstance(x, float) else np.maximum(x, least)
