"""The context of each event: what else happened in the home around it."""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of
from novin_ml.validation import Interval, validate_params

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

_SECONDS = Interval(Real, 0, None, closed="neither")

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


def require_columns(events: pd.DataFrame, columns: tuple[str, ...], purpose: str) -> None:
    """Raise InvalidEventError unless `events` is an event table with these columns.

    Parameters
    ----------
    events : object
        The object to check.
    columns : tuple of str
        Names of the required columns.
    purpose : str
        The subject of the error message: the part that needs the columns.

    Raises
    ------
    InvalidEventError
        If `events` is not a DataFrame, or columns are missing; the message names them all.
    """
    remedy = "Read events with novin_ml.events.read_events."
    if not isinstance(events, pd.DataFrame):
        raise InvalidEventError(
            f"{purpose} needs an event table (a pandas DataFrame). "
            f"Got {kind_of(events)} instead. {conversion_of(events, remedy)}"
        )
    missing = [name for name in columns if name not in events.columns]
    if missing:
        raise InvalidEventError(
            f"{purpose} needs an event table with the columns {', '.join(columns)}. "
            f"Missing: {', '.join(missing)}. {remedy}"
        )


@validate_params({"window": [_SECONDS], "silence": [_SECONDS]}, prefer_skip_nested_validation=True)
def attach_context(
    events: pd.DataFrame, window: float = 60.0, silence: float = 20.0
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
    window : float, default=60.0
        Length of the window before each event, in seconds, both ends included.
    silence : float, default=20.0
        Time to wait after an event for the next one, in seconds.

    Returns
    -------
    events : DataFrame of shape (n_events, n_columns + 7)
        Copy in the order of the input, with these float32 columns added (or replaced):

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
        If columns of the event table are missing.
    ValueError
        If `window` or `silence` is not a positive finite number.

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
    require_columns(events, CONTEXT_INPUTS, "attach_context")
    home = pd.factorize(events["home_id"])[0].astype(np.int64)
    zone = pd.factorize(events["zone"])[0].astype(np.int64)
    place = home * (zone.max(initial=0) + 2) + zone + 1
    time = events["timestamp"].to_numpy(dtype=np.float64)
    doorbell = (events["kind"] == "doorbell").to_numpy(dtype=bool)
    vehicle = (events["kind"] == "vehicle").to_numpy(dtype=bool)
    columns = {name: np.empty(len(events), dtype=np.float32) for name in CONTEXT_COLUMNS}

    columns["context_window"][:] = window
    columns["context_silence"][:] = silence

    order, t, track = _tracks(home, time)
    for name, kind in (("seconds_since_doorbell", doorbell), ("seconds_since_vehicle", vehicle)):
        since = t - _time_at(t, track.last(kind[order], track.tie_stop))
        columns[name][order] = np.where(since <= window, since, np.nan)
    columns["events_in_window"][order] = track.tie_stop - _window_start(t, track.start, window)
    previous = np.empty_like(time)
    previous[order] = _time_at(t, np.where(track.tie_start > track.start, track.tie_start - 1, -1))

    order, t, track = _tracks(place, time)
    following = _time_at(t, np.where(track.tie_stop < track.stop, track.tie_stop, -1))
    columns["silence_after"][order] = np.fmin(following - t, silence)
    rung = _time_at(t, track.last(doorbell[order], track.tie_start))
    columns["seconds_since_direct_doorbell"][order] = np.where(
        rung == previous[order], t - rung, np.nan
    )
    return events.assign(**columns)


def has_context(events: pd.DataFrame) -> bool:
    """Return whether the events have the columns that `attach_context` adds."""
    return set(CONTEXT_COLUMNS).issubset(events.columns)


def with_context(events: pd.DataFrame, window: float, silence: float) -> pd.DataFrame:
    """Return events with the attached context, or with one computed from the table.

    Raises
    ------
    ValueError
        If the attached context has another window or silence.
    """
    if not has_context(events):
        return attach_context(events, window, silence)
    for name, value in (("window", window), ("silence", silence)):
        attached = events[f"context_{name}"].to_numpy()
        other = attached[attached != np.float32(value)]
        if len(other):
            raise ValueError(
                f"The {name!r} parameter must be that of the context which is attached to the "
                f"events, {other[0]:g} s. Got {value:g} s instead. Set {name}={other[0]:g}, or "
                f"attach the context with {name}={value:g} while the table holds all events."
            )
    return events


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
