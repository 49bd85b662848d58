"""The events before a chain: which sensor reported when, and until when it was on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains._log import EventLog

__all__ = ["SensorLog"]

IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SensorLog:
    """The sensors of homes over time, for features that look back beyond a chain.

    Rows are sorted by home and time and else as the events of chains are, so that those of a chain
    follow each other. Chains share one log: parts of a table of chains hold the whole of it.

    Attributes
    ----------
    names : tuple of str
        Names of the sensors: those of the vocabulary, if it names any, or else types and locations.
    zones : tuple of str
        Names of the zones.
    homes : ndarray of shape (n_homes,), object
        Names of the homes, sorted.
    home : ndarray of shape (n_events,), int64
        Position in `homes`.
    time : ndarray of shape (n_events,), float64
        Seconds since 1970.
    sensor : ndarray of shape (n_events,), int32
        Position in `names`.
    zone : ndarray of shape (n_events,), int8
        Position in `zones`.
    ends : ndarray of shape (n_events,), bool
        Whether the event says that its sensor is off or closed, and begins nothing.
    end : ndarray of shape (n_events,), float64
        When what began at `time` ended: infinite if it has not, NaN if the event tells no length.
    end_by_consent : ndarray of shape (n_events,), float64
        The same, as far as events that may be trained on tell it.
    consent : ndarray of shape (n_events,), bool
        Whether the event may be trained on.
    """

    names: tuple[str, ...]
    zones: tuple[str, ...]
    homes: NDArray[np.object_]
    home: IntArray
    time: NDArray[np.float64]
    sensor: NDArray[np.int32]
    zone: NDArray[np.int8]
    ends: NDArray[np.bool_]
    end: NDArray[np.float64]
    end_by_consent: NDArray[np.float64]
    consent: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)

    def of_consenting(self) -> SensorLog:
        """Return the log without events that lack consent, and without ends that only they give."""
        if self.end is self.end_by_consent and self.consent.all():
            return self
        columns = {name: getattr(self, name)[self.consent] for name in _COLUMNS}
        end = columns["end_by_consent"]
        return replace(self, **columns | {"end": end})

    def home_codes(self, names: Any) -> IntArray:
        """Return the positions of homes, -1 for those that are not in the log."""
        found: IntArray = pd.Index(self.homes).get_indexer(pd.Index(names, dtype=object))
        return found

    def borders(self) -> IntArray:
        """Return where each home begins, and the number of rows; shape (n_homes + 1,)."""
        found: IntArray = np.searchsorted(self.home, np.arange(len(self.homes) + 1))
        return found


_COLUMNS = ("home", "time", "sensor", "zone", "ends", "end_by_consent", "consent")


def last_ends(
    home: IntArray,
    time: NDArray[np.float64],
    sensor: NDArray[np.int32],
    state: NDArray[np.int8],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return when each activation ended, from the ends that events tell and later states.

    Parameters
    ----------
    home, time, sensor : ndarray of shape (n_events,)
        Sorted by home and time.
    state : ndarray of shape (n_events,), int8
        1 for on and open, 0 for off and closed, -1 if not reported.
    end : ndarray of shape (n_events,), float64
        The ends that the events report; NaN where they report none.

    Returns
    -------
    end : ndarray of shape (n_events,), float64
        The end that the event reports. If a sensor reports that it is on, without an end, this is
        the time of its next report of on or off, or infinity if there is none.
    """
    found = end.copy()
    opened = np.flatnonzero((state == 1) & np.isnan(end))
    if not len(opened):
        return found
    found[opened] = np.inf
    track = home * (int(sensor.max(initial=0)) + 1) + sensor
    # By home and sensor; then the position of the next event that tells a state.
    order = np.argsort(track, kind="stable")
    track, n = track[order], len(order)
    tells = np.where(state[order] >= 0, np.arange(n), n)
    following = np.append(np.minimum.accumulate(tells[::-1])[::-1], n)[1:]
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    at, to = place[opened], following[place[opened]]
    has = np.append(track, -1)[to] == track[at]
    found[opened[has]] = time[order[to[has]]]
    return found


def both_ends(
    home: IntArray,
    time: NDArray[np.float64],
    sensor: NDArray[np.int32],
    state: NDArray[np.int8],
    end: NDArray[np.float64],
    end_by_consent: NDArray[np.float64],
    consent: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `last_ends` does of all events, and of those with consent among themselves.

    Without any that has no consent, and with one array of ends, both are one array.
    """
    found = last_ends(home, time, sensor, state, end)
    if end is end_by_consent and consent.all():
        return found, found
    own = found.copy()
    own[consent] = last_ends(
        home[consent], time[consent], sensor[consent], state[consent], end_by_consent[consent]
    )
    return found, own


def sensor_log(log: EventLog) -> SensorLog | None:
    """Return the activity of the sensors of a log, or None if the log does not name them."""
    if not log.sender_names:
        return None
    end, end_by_consent = both_ends(
        log.home, log.time, log.sender, log.state, log.end, log.end, log.consent
    )
    return SensorLog(
        log.sender_names, tuple(log.vocabulary.zone_dtype.categories), log.homes,
        log.home, log.time, log.sender, log.zone, log.state == 0, end, end_by_consent, log.consent,
    )  # fmt: skip
