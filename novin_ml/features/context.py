"""The context of each event: what else happened in the home around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.tables.check import checked_events
from novin_ml.plain import shown
from novin_ml.validation import (
    Interval,
    require_float,
    validate_parameter_constraints,
    validate_params,
)

_SECONDS = Interval(Real, 0, None, closed="neither")

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

#: Columns of the event table that the context is computed from.
CONTEXT_INPUTS = ("home_id", "timestamp", "kind", "zone")

#: Columns that `attach_context` adds.
CONTEXT_COLUMNS = (
    "seconds_since_doorbell",
    "seconds_since_direct_doorbell",
    "seconds_since_vehicle",
    "silence_after",
    "events_in_window",
    "context_window",
    "context_silence",
)

#: The columns that differ by each option.
COLUMNS_OF = {
    "window": ("seconds_since_doorbell", "seconds_since_vehicle", "events_in_window"),
    "silence": ("silence_after",),
}
_FURTHER = re.compile(f"({'|'.join(sum(COLUMNS_OF.values(), ()))})_[0-9.e+-]+")


@validate_params({}, prefer_skip_nested_validation=True)
def attach_context(
    events: pd.DataFrame,
    window: float | Sequence[float] = 60.0,
    silence: float | Sequence[float] = 20.0,
) -> pd.DataFrame:
    """Add to each event its context: what its home reported around it.

    Afterwards every row is independent: rows can be split, shuffled and dropped freely, for example
    by scikit-learn's splitters, without changing a feature. Attach the context while the table
    still holds all events of its homes.

    A decision about an event is taken `silence` seconds after it, so no later event is used.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table; rows in any order, homes interleaved.
    window : float or sequence of float, default=60.0
        Length of the window before each event, in seconds, both ends included. Of several, the
        first is described below; the others are there for `DeliveryFeatures` of that `window`, so
        that a search can try them.
    silence : float or sequence of float, default=20.0
        Time to wait after an event for the next one, in seconds; one or several as in `window`.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns + 7)
        Copy in the order of the input, with these float32 columns added (or replaced). Each further
        window adds three more, and each further silence one, named after the length:

        - ``seconds_since_doorbell``: since the home's last doorbell, NaN if none in the window;
        - ``seconds_since_direct_doorbell``: since the last doorbell at the same zone, or NaN if
          another event of the home came in between;
        - ``seconds_since_vehicle``: since the home's last vehicle, NaN if none in the window;
        - ``silence_after``: until the home's next event at the same zone, at most `silence`;
        - ``events_in_window``: events of the home in the window, this one included;
        - ``context_window``, ``context_silence``: `window` and `silence`, the same in all rows.

    Raises
    ------
    InvalidEventError
        If columns of the event table are missing, or a value breaks the rule of its field.
    ValueError
        If `window` or `silence` is not a positive finite number, or a sequence of such numbers.

    Notes
    -----
    Events of one home with equal timestamps are simultaneous: for ``silence_after`` and
    ``seconds_since_direct_doorbell``, none comes before another, and each is in the window of the
    others. The result does not depend on the order of rows.

    Examples
    --------
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import attach_context
    >>> events = attach_context(simulate_deliveries(100, random_state=0))
    >>> float(events["silence_after"].max())
    20.0
    """
    windows, silences = _lengths("window", window), _lengths("silence", silence)
    events = checked_events(events, CONTEXT_INPUTS, "attach_context")
    events = events.drop(columns=[name for name in events if _FURTHER.fullmatch(str(name))])
    home = pd.factorize(events["home_id"])[0].astype(np.int64)
    zone = pd.factorize(events["zone"])[0].astype(np.int64)
    place = home * (zone.max(initial=0) + 2) + zone + 1
    time = events["timestamp"].to_numpy(dtype=np.float64)
    doorbell = (events["kind"] == "doorbell").to_numpy(dtype=bool)
    vehicle = (events["kind"] == "vehicle").to_numpy(dtype=bool)
    columns = {name: np.empty(len(events), dtype=np.float32) for name in CONTEXT_COLUMNS}

    def fill(name: str, values: NDArray) -> None:
        columns.setdefault(name, np.empty(len(events), dtype=np.float32))[order] = values

    order = np.arange(len(events))
    fill("context_window", np.full(len(events), windows[0]))
    fill("context_silence", np.full(len(events), silences[0]))

    order, t, track = _tracks(home, time)
    for name, kind in (("seconds_since_doorbell", doorbell), ("seconds_since_vehicle", vehicle)):
        since = t - _time_at(t, track.last(kind[order], track.tie_stop))
        for column, window in _named(name, windows):
            fill(column, np.where(since <= window, since, np.nan))
    for column, window in _named("events_in_window", windows):
        fill(column, track.tie_stop - _window_start(t, track.start, window))
    previous = np.empty_like(time)
    previous[order] = _time_at(t, np.where(track.tie_start > track.start, track.tie_start - 1, -1))

    order, t, track = _tracks(place, time)
    following = _time_at(t, np.where(track.tie_stop < track.stop, track.tie_stop, -1))
    for column, silence in _named("silence_after", silences):
        fill(column, np.fmin(following - t, silence))
    rung = _time_at(t, track.last(doorbell[order], track.tie_start))
    fill("seconds_since_direct_doorbell", np.where(rung == previous[order], t - rung, np.nan))
    return events.assign(**columns)


def has_context(events: pd.DataFrame) -> bool:
    """Return whether the events have the columns that `attach_context` adds."""
    return set(CONTEXT_COLUMNS).issubset(events.columns)


def _lengths(name: str, given: float | Sequence[float]) -> list[float]:
    """Return the lengths of time without doubles, or raise ValueError."""
    several = isinstance(given, (list, tuple, np.ndarray))
    lengths: list[Any] = list(given) if several else [given]  # type: ignore[arg-type]
    if not lengths:
        raise ValueError(
            f"The {name!r} parameter of attach_context must have a length in seconds. "
            f"Got {shown(given)}. Pass one, or a list of those to try."
        )
    for length in lengths:
        validate_parameter_constraints({name: [_SECONDS]}, {name: length}, "attach_context")
        require_float(name, length, "attach_context")
    return list(dict.fromkeys(lengths))


def _named(name: str, lengths: list[float]) -> list[tuple[str, float]]:
    """Return the column of each length; the first has the plain name."""
    return [(name if i == 0 else further_name(name, each), each) for i, each in enumerate(lengths)]


def further_name(name: str, length: float) -> str:
    """Return the name of a column for a further window or silence."""
    return f"{name}_{float(length)!r}"


class _Tracks(NamedTuple):
    """Events sorted by track (a home, or a zone of a home), then time.

    For each sorted position, it has the borders of the track, and of the run of simultaneous
    events.
    """

    start: IntArray
    stop: IntArray
    tie_start: IntArray
    tie_stop: IntArray

    def last(self, wanted: BoolArray, before: IntArray) -> IntArray:
        """Return the position of the last `wanted` event of the track before `before`, or -1."""
        positions = np.where(wanted, np.arange(len(wanted)), -1)
        latest = np.concatenate(([-1], np.maximum.accumulate(positions)))[before]
        return np.where(latest >= self.start, latest, -1)


def _tracks(track: IntArray, time: NDArray[np.float64]) -> tuple[IntArray, NDArray, _Tracks]:
    """Sort by track and time; return the order, the sorted times and the track borders."""
    order = np.lexsort((time, track))
    time, track = time[order], track[order]
    new_track = track[1:] != track[:-1]
    start, stop = _runs(new_track, len(order))
    tie_start, tie_stop = _runs(new_track | (time[1:] != time[:-1]), len(order))
    return order, time, _Tracks(start, stop, tie_start, tie_stop)


def _runs(changes: BoolArray, size: int) -> tuple[IntArray, IntArray]:
    """Return the borders of the run of each position; `changes[i]`: i + 1 begins a run."""
    if size == 0:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    borders = np.concatenate(([0], np.flatnonzero(changes) + 1, [size]))
    lengths = np.diff(borders)
    return np.repeat(borders[:-1], lengths), np.repeat(borders[1:], lengths)


def _time_at(time: NDArray[np.float64], positions: IntArray) -> NDArray[np.float64]:
    """Return the times at `positions`, NaN at -1."""
    return np.concatenate((time, [np.nan]))[positions]


def _window_start(time: NDArray[np.float64], start: IntArray, window: float) -> IntArray:
    """Return the first position from `start` on that is at most `window` before each time.

    It bisects for all times at once. One ``searchsorted`` over all homes would need a key that
    combines home and time, which would round the time.
    """
    low, high = start.copy(), np.arange(len(time))
    while (low < high).any():
        middle = (low + high) // 2
        outside = time - time[middle] > window
        low = np.where(outside, middle + 1, low)
        high = np.where(outside, high, middle)
    return low
