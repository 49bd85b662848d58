"""A threshold from a budget of alarms per week, with a confidence bound on the alarms.

Alarms of one clock hour count as one. Hours with an alarm are assumed to follow a Poisson process.
Let s(1) <= ... <= s(k + 1) be the lowest hourly scores of W weeks, and let a score below s(k + 1)
be an alarm. Then the expected number of alarms in W weeks follows a gamma distribution of shape
k + 1, whatever the distribution of the scores. Its quantile, chi2(confidence; 2 k + 2) / 2, is the
exact upper limit of a Poisson mean after k events (F. Garwood, "Fiducial limits for the Poisson
distribution", Biometrika 28, 1936); for k = 0 it is -ln(1 - confidence).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv

DAY = 86_400.0
HOUR = 3_600.0
_WEEK_IN_DAYS = 7.0
#: Smallest distance between the threshold and the hours around it.
_CLEAR = 2e-6


@dataclass(frozen=True)
class Threshold:
    """The threshold that a budget gives.

    Attributes
    ----------
    offset : float
        A score below it is an alarm.
    n_alarms : int
        Hours of the log that have an alarm.
    bound : float
        Upper confidence limit of the alarms per week.
    """

    offset: float
    n_alarms: int
    bound: float


def poisson_upper(n_events: np.ndarray, confidence: float) -> np.ndarray:
    """Return the exact upper confidence limit of a Poisson mean after `n_events` events."""
    return gammaincinv(n_events + 1.0, confidence)


def days_to_prove(alarms_per_week: float, confidence: float) -> float:
    """Return how many days without an alarm prove that a budget is kept."""
    return _WEEK_IN_DAYS * -math.log1p(-confidence) / alarms_per_week


def most_alarms(n_days: float, alarms_per_week: float) -> int:
    """Return the number of alarms that a budget allows in `n_days`, rounded up."""
    return math.ceil(n_days / _WEEK_IN_DAYS * alarms_per_week)


def threshold_for(
    hour_scores: np.ndarray, n_days: float, alarms_per_week: float, confidence: float
) -> Threshold:
    """Return the threshold that spends as much of a budget as the bound allows.

    Parameters
    ----------
    hour_scores : ndarray
        The lowest score of each hour, ascending; at least those of the lowest hours.
    n_days : float
        Length of the log in days; at least `days_to_prove`.
    alarms_per_week : float
        The budget: the upper limit of the alarms per week stays within it.
    confidence : float
        Confidence of that limit.
    """
    # The last known hour can serve as the threshold only: it cannot be an alarm itself.
    bounds = poisson_upper(np.arange(len(hour_scores)), confidence) * _WEEK_IN_DAYS / n_days
    k = max(0, int(np.searchsorted(bounds, alarms_per_week, side="right")) - 1)
    # Between two hours, and not on one: a phone that rounds to float32 decides alike. Of hours that
    # are as good as tied none alarms.
    lowest = np.concatenate([[hour_scores[0] - 4 * _CLEAR], hour_scores[: k + 1]])
    place = int(np.flatnonzero(np.diff(lowest) >= 2 * _CLEAR)[-1])
    offset = float(lowest[place] + lowest[place + 1]) / 2
    return Threshold(offset, place, float(bounds[k]))


def observed_days(timestamps: np.ndarray) -> float:
    """Return the days with an event, at most the time from the first event to the last."""
    if not len(timestamps):
        return 0.0
    span = float(timestamps.max() - timestamps.min()) / DAY
    return min(span, float(len(np.unique(np.floor(timestamps / DAY)))))


def lowest_of_hours(scores: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return the lowest score of each hour, ascending."""
    order = np.lexsort((scores, hours))
    first = np.diff(hours[order], prepend=-np.inf) > 0
    return np.sort(scores[order][first])
