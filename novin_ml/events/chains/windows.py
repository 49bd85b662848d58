"""Chains from an event log: the events of each home within a minute."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._log import EventLog, sorted_log
from novin_ml.events.chains._summaries import any_of, last_known, most_common_label
from novin_ml.events.chains.sensor_log import sensor_log
from novin_ml.events.chains.table import MAX_CHAIN_EVENTS, SILENCE, Chains
from novin_ml.events.fields import CHAIN_COLUMNS
from novin_ml.events.ragged import offsets_of
from novin_ml.validation import require_float, validate_params

__all__ = ["chains_from_events"]

IntArray = NDArray[np.int64]


@validate_params(
    lambda data: {
        "window": [data.Interval(Real, 0, None, closed="neither")],
        "windows": [data.StrOptions({"separate", "trailing"})],
        "silence": [data.Interval(Real, 0, None, closed="neither")],
        "max_events": [data.Interval(Integral, 1, MAX_CHAIN_EVENTS, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def chains_from_events(
    events: pd.DataFrame,
    window: float = 60.0,
    *,
    windows: str = "separate",
    silence: float = SILENCE,
    max_events: int = MAX_CHAIN_EVENTS,
) -> Chains:
    """Gather the events of each home into chains.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table, rows in any order. The columns ``home_id``, ``timestamp``, ``kind`` and
        ``zone`` are required; ``confidence``, ``utc_offset``, ``home_mode``, ``consent``, ``label``
        and ``clean_label`` are optional.
    window : float, default=60.0
        Longest time from the first event of a chain to its last, both included, in seconds.
    windows : {"separate", "trailing"}, default="separate"
        "separate": every event is in one chain. A chain begins with the first event of the home
        that is not in an earlier chain. "trailing": one chain per event, of it and of the events of
        the home in the `window` seconds before.
    silence : float, default=20.0
        Seconds for which a home is watched after the last event of a chain.
    max_events : int, default=100
        Longest chain, 1 to 100. The latest events are kept. ``n_left_out`` is the number of events
        that were cut; ``start`` stays the time of the first event of the window.

    Returns
    -------
    chains : Chains
        The chains, sorted by ``start``, ``home_id`` and the time of the last event.

    Raises
    ------
    InvalidEventError
        If `events` is not an event table, or a timestamp, a confidence or a home mode is out of its
        range.
    ValueError
        If a parameter is out of its range.

    See Also
    --------
    training_events : Keep the chains that may be trained on.

    Notes
    -----
    Windows are measured in whole milliseconds: timestamps are rounded to milliseconds before they
    are compared. Within a chain events are sorted by their exact timestamps, then by kind, zone and
    confidence. Timestamps are seconds since 1970, whatever clocks show: a window in which clocks
    are put forward or back is as long as any other.

    The columns of a chain follow from its events. ``observed_until`` is the time of the next event
    of the home, or `silence` seconds after the last event of the chain, whichever is earlier.
    ``utc_offset`` and ``home_mode`` are those of the latest event that has one. ``consent`` is true
    if all events have consent: also those that were cut, and the next event if it sets
    ``observed_until``. A chain that may be trained on thus holds nothing of events without consent.
    They still decide where separate chains begin; to prevent that, leave them out of `events`.
    ``label`` is the most frequent label of the events other than ``"no_pattern"``. Of equally
    frequent ones it is the first in `CHAIN_PATTERNS`, then the first by the alphabet. Without any
    it is ``"no_pattern"`` if an event has that label, else None. Events that were cut count only
    for ``n_left_out``, ``start`` and ``consent``.

    No event is left out: one of an unknown type is of the kind ``"other"``, one of an unknown place
    of the zone ``"unknown"``, one without a home of ``"unknown_home"``. An event that is reported
    twice is two events.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import chains_from_events
    >>> events = pd.DataFrame({
    ...     "home_id": "a",
    ...     "timestamp": [100.0, 104.0, 160.0, 161.0],
    ...     "kind": ["doorbell", "motion", "door", "motion"],
    ...     "zone": ["front_door", "front_door", "garage", "kitchen"],
    ... })
    >>> chains = chains_from_events(events)
    >>> chains.lengths.tolist(), chains["observed_until"].tolist()
    ([3, 1], [161.0, 181.0])
    >>> chains_from_events(events, windows="trailing").lengths.tolist()
    [1, 2, 3, 3]
    """
    require_float("window", window, "chains_from_events")
    require_float("silence", silence, "chains_from_events")
    log = sorted_log(events)
    first, stop = _borders(log, window, windows)
    begin = np.maximum(first, stop - max_events)
    # Chains of a home are in the order of their starts already; those of the homes are put
    # between each other.
    order = np.lexsort((log.home[first], log.time[first]))
    first, begin, stop = first[order], begin[order], stop[order]
    last = stop - 1
    following = np.append(log.time, np.inf)[stop]
    is_alone = np.append(log.home, -1)[stop] != log.home[last]
    following[is_alone] = np.inf
    table = pd.DataFrame(
        {
            "home_id": log.homes[log.home[first]],
            "start": log.time[first],
            "observed_until": np.minimum(following, log.time[last] + silence),
            "utc_offset": last_known(log.utc_offset, ~np.isnan(log.utc_offset), begin, stop),
            "home_mode": pd.Categorical.from_codes(
                last_known(log.home_mode, log.home_mode >= 0, begin, stop),
                dtype=CHAIN_COLUMNS["home_mode"],
            ),
            "consent": ~(
                any_of(~log.consent, first, stop)
                | ((following < log.time[last] + silence) & _has_secret_next(log, stop))
            ),
            "n_left_out": begin - first,
        }
    )
    for name, codes in log.labels.items():
        table[name] = most_common_label(codes, log.names[name], begin, stop)
    offsets = offsets_of(stop - begin)
    rows = np.repeat(begin - offsets[:-1], np.diff(offsets)) + np.arange(offsets[-1])
    return Chains(
        table,
        offsets,
        log.time[rows],
        log.kind[rows],
        log.zone[rows],
        log.confidence[rows],
        None if log.sensor is None else log.sensor[rows],
        log.vocabulary,
        sensor_log(log),
        log.sender[rows] if log.sender_texts else None,
        log.sender_texts,
    )


def _has_secret_next(log: EventLog, stop: IntArray) -> NDArray[np.bool_]:
    """Tell of which chains the next event of the log lacks consent, or one simultaneous with it."""
    step = (np.diff(log.time) != 0) | (np.diff(log.home) != 0)
    moment = np.cumsum(np.append(False, step)[: len(log.time)])
    secret = np.bincount(moment, weights=~log.consent) > 0
    return np.append(secret[moment], False)[stop]


def whole_milliseconds(time: Any) -> IntArray:
    """Round seconds since 1970 to the milliseconds in which windows are measured."""
    return np.rint(np.asarray(time, dtype=np.float64) * 1000).astype(np.int64)


def _borders(log: EventLog, window: float, windows: str) -> tuple[IntArray, IntArray]:
    """Return the first event of each chain's window, and the event after its last."""
    n_events = len(log.time)
    # Each home follows the one before on one axis of time. Pauses longer than the window are cut
    # short, which changes no window and keeps the axis within 64 bits.
    time = whole_milliseconds(log.time)
    length = min(round(window * 1000, 3), int(np.ptp(time)) + 1 if n_events else 1)
    step = np.diff(time, prepend=0)
    pause = int(length) + 1
    step[np.flatnonzero(np.diff(log.home, prepend=-1))] = pause
    axis = np.cumsum(np.minimum(step, pause))
    if windows == "trailing":
        first = np.searchsorted(axis, axis - length, side="left")
        return first, np.searchsorted(axis, axis, side="right")
    following = np.searchsorted(axis, axis + length, side="right").tolist()
    begins = []
    row = 0
    while row < n_events:  # each chain begins where the one before ends: one step a chain
        begins.append(row)
        row = following[row]
    starts = np.array(begins, dtype=np.int64)
    return starts, np.append(starts[1:], n_events)[: len(starts)]
