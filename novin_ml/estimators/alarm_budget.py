"""A threshold from a budget of alarms per week, with a confidence bound on the alarms.

Alarms of one clock hour count as one. Hours with an alarm are assumed to follow a Poisson process.
Let s(1) <= ... <= s(k + 1) be the lowest hourly scores of W weeks, and let a score below s(k + 1)
be an alarm. Then the expected number of alarms in W weeks follows a gamma distribution of shape
k + 1, whatever the distribution of the scores. Its quantile, chi2(confidence; 2 k + 2) / 2, is the
exact upper limit of a Poisson mean after k events (F. Garwood, "Fiducial limits for the Poisson
distribution", Biometrika 28, 1936); for k = 0 it is -ln(1 - confidence). Between two counts the
shape of the gamma distribution, and with it the limit, is taken between the two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, gdtrib

#: The states of a baseline or a monitor, from the first to the last.
STATES = ("learning", "unproven", "ready")
DAY = 86_400.0
HOUR = 3_600.0
_WEEK_IN_DAYS = 7.0
#: How many days in a row without an event count as observed.
_SHORT_SILENCE = 2
#: A log of this many weeks shows how habits drift; each missing week adds this to the margin.
_STEADY_WEEKS, _DRIFT = 6.0, 0.09
#: Number of the lowest hours whose scores tell how fast scores fall.
_TAIL_HOURS = 10
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


def drift_margin(n_days: float) -> float:
    """Return the factor by which later alarms are assumed to exceed those of a log.

    Habits drift, and a short log does not show it. Measured on simulated homes with drifting
    habits: with a log of 3 weeks and without this factor, 9.5 % of the homes exceed their budget
    instead of 5 %. The factor is 1 from 6 weeks on.
    """
    return 1 + _DRIFT * max(0.0, _STEADY_WEEKS - n_days / _WEEK_IN_DAYS)


def threshold_for(
    hour_scores: np.ndarray, n_days: float, alarms_per_week: float, confidence: float
) -> Threshold:
    """Return the threshold that spends as much of a budget as the bound allows.

    The number of alarms that the budget allows lies between two counts, k and k + 1. The threshold
    lies in the same proportion between the scores of the two. Less than no alarm, which the drift
    margin asks of a log that is just long enough, is a threshold beyond the lowest score.

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
    weeks, margin = n_days / _WEEK_IN_DAYS, drift_margin(n_days)
    allowed = alarms_per_week * weeks / margin
    # The last known hour can serve as the threshold only: it cannot be an alarm itself.
    k = min(float(gdtrib(1.0, confidence, allowed)) - 1, float(len(hour_scores) - 1))
    bound = margin * float(poisson_upper(np.array(max(k, 0.0)), confidence)) / weeks
    bound = min(bound, alarms_per_week)
    if k < 0:
        ratio = allowed / float(poisson_upper(np.array(0.0), confidence))
        beyond = _spread_of_lowest(hour_scores) * math.log(1 / ratio)
        return Threshold(float(hour_scores[0]) - max(beyond, 2 * _CLEAR), 0, bound)
    place = int(k)
    following = hour_scores[min(place + 1, len(hour_scores) - 1)]
    wanted = float(hour_scores[place] + (k - place) * (following - hour_scores[place]))
    # Between two hours, and not on one: a phone that rounds to float32 decides alike. Of hours that
    # are as good as tied none alarms.
    lowest = np.concatenate([[hour_scores[0] - 4 * _CLEAR], hour_scores])
    gaps = np.flatnonzero(np.diff(lowest) >= 2 * _CLEAR)
    gaps = gaps[lowest[gaps] + _CLEAR <= wanted]
    gap = int(gaps[-1])
    offset = min(wanted, float(lowest[gap + 1]) - _CLEAR)
    if place == k:  # exactly: as far from the hours as can be
        offset = float(lowest[gap] + lowest[gap + 1]) / 2
    return Threshold(offset, gap, bound)


@dataclass(frozen=True)
class KindBudget:
    """The state, the threshold and the bound of one kind of alarm.

    Attributes
    ----------
    state : {"learning", "unproven", "ready"}
        While learning nothing is an alarm; an unproven budget is not yet proven.
    threshold : float
        A score above it is an alarm; infinite while learning.
    n_alarms : int
        Alarms in the training log.
    bound : float
        Upper limit of the alarms per week at the confidence; 0 while learning.
    required_days : float
        Days from which on the budget can be proven.
    """

    state: str
    threshold: float
    n_alarms: int
    bound: float
    required_days: float


def spend_budget(
    lowest: np.ndarray,
    n_days: float,
    learning_days: float,
    alarms_per_week: float,
    confidence: float,
) -> KindBudget:
    """Return the state and the threshold of a kind of alarms.

    Parameters
    ----------
    lowest : ndarray
        The negative of the highest score of each unit of the log, ascending.
    n_days, learning_days : float
        Days that were observed, and how many there must be.
    alarms_per_week, confidence : float
        The budget.
    """
    required = max(learning_days, days_to_prove(alarms_per_week, confidence))
    if n_days < max(learning_days, 1) or not len(lowest):
        return KindBudget("learning", math.inf, 0, 0.0, required)
    is_ready = n_days >= required
    provable = alarms_per_week if is_ready else alarms_per_week * required / n_days
    found = threshold_for(lowest, n_days, provable, confidence)
    state = "ready" if is_ready else "unproven"
    return KindBudget(state, -found.offset, found.n_alarms, found.bound, required)


def _spread_of_lowest(hour_scores: np.ndarray) -> float:
    """Return the mean decrease of the lowest scores while they become e times rarer."""
    lowest = hour_scores[: _TAIL_HOURS + 1]
    return float(np.mean(lowest[-1] - lowest[:-1])) if len(lowest) > 1 else 0.0


def observed_days(timestamps: np.ndarray) -> float:
    """Return the number of observed days of a log.

    These are the calendar days in UTC from the first event to the last, but at most the time
    between the two, rounded up, because a local day can be in two UTC days. One or two days without
    an event count too. No day of a longer silence counts, because perhaps nobody observed the home.
    """
    times = np.sort(timestamps)
    if not len(times) or times[0] == times[-1]:
        return 0.0
    parts = np.split(times, np.flatnonzero(np.diff(times) > (_SHORT_SILENCE + 1) * DAY) + 1)
    days = 0.0
    for part in parts:
        calendar = np.floor(part[-1] / DAY) - np.floor(part[0] / DAY) + 1
        days += max(1.0, min(float(np.ceil((part[-1] - part[0]) / DAY)), float(calendar)))
    return days


def lowest_of_hours(scores: np.ndarray, hours: np.ndarray) -> np.ndarray:
    """Return the lowest score of each hour, ascending."""
    order = np.lexsort((scores, hours))
    first = np.diff(hours[order], prepend=-np.inf) > 0
    return np.sort(scores[order][first])
