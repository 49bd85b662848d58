"""What homes report, from their own log: events a day, and bytes of an event."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from novin_ml.events import check_events, write_events
from novin_ml.exceptions import InvalidEventError

_DAY = 86_400.0
_MOST_WRITTEN = 10_000


class LogFacts(NamedTuple):
    """What a log says of its homes.

    Attributes
    ----------
    homes : int
        Number of homes.
    events_per_home_day : float
        Events of a home in a day, over the days from its first to its last event.
    bytes_per_event : float
        Bytes of an event as JSON Lines.
    """

    homes: int
    events_per_home_day: float
    bytes_per_event: float


def measure_log(events: pd.DataFrame) -> LogFacts:
    """Return what a log says of its homes.

    Parameters
    ----------
    events : DataFrame
        Event table with `home_id` and `timestamp`.

    Returns
    -------
    facts : LogFacts
        For `novin_ml.compute.plan`. A home counts for a day at least.

    Raises
    ------
    InvalidEventError
        If there is no event, or a column is missing or wrong.

    Examples
    --------
    >>> from novin_ml.compute import measure_log
    >>> from novin_ml.simulation import simulate_behavior
    >>> facts = measure_log(simulate_behavior(2, weeks=2, random_state=0))
    >>> facts.homes, facts.bytes_per_event > 100
    (2, True)
    """
    events = check_events(events)
    if not len(events):
        raise InvalidEventError("The log must have events. Got none. Pass the log of some weeks.")
    times = events["timestamp"].groupby(events["home_id"], observed=True)
    days = ((times.max() - times.min()) / _DAY).clip(lower=1.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        some = events[:_MOST_WRITTEN]
        write_events(some, path)
        n_bytes = path.stat().st_size / len(some)
    return LogFacts(len(days), float(len(events) / days.sum()), float(n_bytes))
