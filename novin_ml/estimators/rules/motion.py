"""The hand-written rules for motions, with their thresholds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd

from novin_ml.estimators.rules.base import EventRules
from novin_ml.features.signals import signal_statistics

# Thresholds for motion with a raw signal; the first rule that matches wins.
STATIONARY_MAX_ENERGY = 0.1
STATIONARY_MAX_DURATION = 2.0
DROP_MAX_DURATION = 10.0
DROP_MAX_ENERGY = 0.4
DROP_MAX_VARIANCE = 0.1
PET_MAX_DURATION = 15.0
PET_MAX_ENERGY = 0.5
PET_MIN_VARIANCE = 0.15
LOITERING_MIN_DURATION = 30.0
LOITERING_MIN_ENERGY = 0.3
LOITERING_MAX_ENERGY = 0.6
LOITERING_MAX_VARIANCE = 0.12
RUNNING_MIN_ENERGY = 0.7
RUNNING_MIN_PEAK = 0.8
VEHICLE_MIN_ENERGY = 0.85
VEHICLE_MIN_DURATION = 5.0
WALKING_MIN_ENERGY = 0.3
WALKING_MAX_ENERGY = 0.7
WALKING_MIN_DURATION = 5.0
# Thresholds for motion without a raw signal.
DROP_MAX_DURATION_WITHOUT_RAW = 5.0
DROP_MAX_ENERGY_WITHOUT_RAW = 0.3
LOITERING_MIN_DURATION_WITHOUT_RAW = 30.0
LOITERING_MAX_ENERGY_WITHOUT_RAW = 0.5
RUNNING_MIN_ENERGY_WITHOUT_RAW = 0.7

#: Possible answers of the rules.
MOTION_ANSWERS = (
    "loitering",
    "package_drop",
    "pet",
    "running",
    "stationary",
    "unknown",
    "vehicle",
    "walking",
)

MOTION_INPUTS = ("duration", "energy", "raw", "sample_rate")


def motion_activity(
    duration: np.ndarray, energy: np.ndarray, peak: np.ndarray, variance: np.ndarray
) -> np.ndarray:
    """Return the activity of each motion by the motion rules; all thresholds are exclusive.

    Parameters
    ----------
    duration, energy : ndarray of shape (n_motions,)
        Duration in seconds, and RMS of the intensity. A comparison with NaN is false; if both are
        NaN, the answer is ``"unknown"``.
    peak, variance : ndarray of shape (n_motions,)
        Largest value and variance of the raw signal. A variance of NaN means that there is no
        signal; then the rules without a raw signal decide.

    Returns
    -------
    activities : ndarray of shape (n_motions,), object
        One of `MOTION_ANSWERS` for each motion.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.estimators.rules import motion_activity
    >>> duration, energy = np.array([6.0, 40.0, 40.0]), np.array([0.3, 0.5, 0.2])
    >>> peak, variance = np.array([0.7, 0.7, np.nan]), np.array([0.02, 0.02, np.nan])
    >>> motion_activity(duration, energy, peak, variance).tolist()
    ['package_drop', 'loitering', 'loitering']
    """
    with_raw = (
        (
            "stationary",
            (energy < STATIONARY_MAX_ENERGY) & (duration < STATIONARY_MAX_DURATION),
        ),
        (
            "package_drop",
            (duration < DROP_MAX_DURATION)
            & (energy < DROP_MAX_ENERGY)
            & (variance < DROP_MAX_VARIANCE),
        ),
        (
            "pet",
            (duration < PET_MAX_DURATION)
            & (energy < PET_MAX_ENERGY)
            & (variance > PET_MIN_VARIANCE),
        ),
        (
            "loitering",
            (duration > LOITERING_MIN_DURATION)
            & (energy > LOITERING_MIN_ENERGY)
            & (energy < LOITERING_MAX_ENERGY)
            & (variance < LOITERING_MAX_VARIANCE),
        ),
        ("running", (energy > RUNNING_MIN_ENERGY) | (peak > RUNNING_MIN_PEAK)),
        # Never reached: an earlier rule calls all of its motions running. Kept as in the SDK.
        ("vehicle", (energy > VEHICLE_MIN_ENERGY) & (duration > VEHICLE_MIN_DURATION)),
        (
            "walking",
            (energy > WALKING_MIN_ENERGY)
            & (energy < WALKING_MAX_ENERGY)
            & (duration > WALKING_MIN_DURATION),
        ),
    )
    without_raw = (
        (
            "package_drop",
            (duration < DROP_MAX_DURATION_WITHOUT_RAW) & (energy < DROP_MAX_ENERGY_WITHOUT_RAW),
        ),
        (
            "loitering",
            (duration > LOITERING_MIN_DURATION_WITHOUT_RAW)
            & (energy < LOITERING_MAX_ENERGY_WITHOUT_RAW),
        ),
        ("running", energy > RUNNING_MIN_ENERGY_WITHOUT_RAW),
        ("walking", ~(np.isnan(duration) & np.isnan(energy))),
    )
    has_raw = ~np.isnan(variance)
    rules = [(answer, has_raw & matches) for answer, matches in with_raw]
    rules += [(answer, ~has_raw & matches) for answer, matches in without_raw]
    answers = np.array([answer for answer, _ in rules] + ["unknown"], dtype=object)
    first = np.select([matches for _, matches in rules], list(range(len(rules))), len(rules))
    return answers[first]


def event_activity(events: pd.DataFrame) -> np.ndarray:
    """Return the activity of each event by the motion rules.

        Values that the phone did not report are computed from the signal.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table.

    Returns
    -------
    activities : ndarray of shape (n_events,), object
        One of `MOTION_ANSWERS` for each event, whatever its kind.
    """
    signal = signal_statistics(events["raw"], events["sample_rate"].to_numpy())
    duration = events["duration"].fillna(pd.Series(signal.duration, events.index)).to_numpy()
    energy = events["energy"].fillna(pd.Series(signal.energy, events.index)).to_numpy()
    return motion_activity(duration, energy, signal.peak, signal.variance)


class MotionRules(EventRules):
    """Classifier of events by the SDK's hand-written rules for what moves.

    The first rule that matches wins. If an event has no raw signal, fewer rules decide, from its
    duration and energy alone.

    Attributes
    ----------
    classes_ : ndarray of shape (8,)
        The six activities, ``"stationary"`` (too little and too short to be any of them) and
        ``"unknown"`` (no rule matches). No event is ever called ``"vehicle"``: the rule for it
        comes after one that matches all of its events.

    See Also
    --------
    novin_ml.simulation.simulate_motions : Motions to try them on.

    Examples
    --------
    >>> from novin_ml.estimators.rules import MotionRules
    >>> from novin_ml.simulation import simulate_motions
    >>> events = simulate_motions(1000, random_state=0)
    >>> rules = MotionRules().fit(events)
    >>> bool(rules.score(events, events["clean_label"]) < 0.6)
    True
    """

    inputs: ClassVar[tuple[str, ...]] = MOTION_INPUTS
    answers: ClassVar[tuple[str, ...]] = MOTION_ANSWERS

    def _decide(self, events: pd.DataFrame) -> np.ndarray:
        return event_activity(events)
