"""The formulas of the features of behavior, for one event or for many.

They only use + - * / and comparisons, on numbers that float64 holds exactly or rounds once. So a
single event gets the same bits as in a table of many.
"""

from __future__ import annotations

from math import frexp
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.features.behavior._codes import DAY
from novin_ml.features.behavior.specs import FLOOR, PRIOR, RECENT

_ANGLES = 2 * np.pi * np.arange(1440) / 1440

#: Sine and cosine of the minutes of the day: a table, so that every machine has the same bits.
HOUR_SIN: NDArray[np.float32] = np.sin(_ANGLES).astype(np.float32)
HOUR_COS: NDArray[np.float32] = np.cos(_ANGLES).astype(np.float32)

#: Parts of a bit in which the rarity is stored.
SIXTEENTHS = 16


class Past(NamedTuple):
    """The events of a home before an event, as counts or arrays of counts.

    Attributes
    ----------
    minute_of_day : int
        Local minute of the day of the event.
    events : int
        Number of earlier events.
    pair, pair_mode, week, previous, order : int
        Number of them in the cell of the event; see `Cells`.
    pair_hour, pair_hour_before, pair_hour_after : int
        Number of them with the same kind and zone, in the same hour of the day, in the hour before
        and in the hour after.
    mode_hour, mode_hour_before, mode_hour_after : int
        The same three counts, in the same mode of the home.
    hour, hour_before : int
        Number of them in the same hour of the day, and in the hour before.
    in_hour, in_day : int
        Number of them in the last 60 and 1440 minutes.
    elapsed, gap, gap_kind : int
        Milliseconds since the home's first event, its last event and its last event of the kind.
    recent : int
        Sum of the rarities of the last 8 events, in sixteenths of a bit.
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


def line_log2(x: Any) -> Any:
    """Return the logarithm to base 2 of a positive float, linear between the powers of two.

    For x = (1 + fraction) 2^exponent it is exponent + fraction, both read from the float. It needs
    no library and is at most 0.0861 too low. The features only need it to grow evenly.
    """
    mantissa, exponent = frexp(x) if isinstance(x, float) else np.frexp(x)
    return exponent + 2 * mantissa - 2


def rarity_of(past: Past) -> Any:
    """Return the rarity of an event as it is stored, in whole sixteenths of a bit."""
    bits = SIXTEENTHS * _mode_hour_rarity(past)
    return int(bits) if isinstance(bits, float) else bits.astype(np.int64)  # positive: rounded down


def behavior_columns(past: Past) -> tuple[Any, ...]:
    """Return the columns after the sine and cosine of the hour, in float64."""
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
    """Return the smoothed count of an hour: half its own, a quarter of each neighbour's."""
    return (2 * past.pair_hour + past.pair_hour_before + past.pair_hour_after) / 4


def _around_mode_hour(past: Past) -> Any:
    return (2 * past.mode_hour + past.mode_hour_before + past.mode_hour_after) / 4


def _largest(x: Any, least: float) -> Any:
    return max(x, least) if isinstance(x, float) else np.maximum(x, least)
