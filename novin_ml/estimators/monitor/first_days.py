"""The monitor of a new home: what other homes do stands for the past that it has not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.alarm_budget import KindBudget, days_to_prove, observed_days
from novin_ml.estimators.behavior import BehaviorAnomalyDetector
from novin_ml.estimators.learners import IsolationLearner
from novin_ml.estimators.monitor.home import HomeMonitor
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS, KINDS, forest_table
from novin_ml.estimators.tails import Tail, highest_of_units
from novin_ml.exceptions import InvalidParametersError
from novin_ml.features.activity import ActivityRows, HabitPrior, activity_rows
from novin_ml.features.activity.prior import SCORES
from novin_ml.features.activity.steps import is_end
from novin_ml.features.behavior.features import BehaviorFeatures
from novin_ml.plain import shown

__all__ = ["first_days_monitor"]

_SENSOR_HOUR = [spec.name for spec in FOREST_COLUMNS].index("sensor_hour_mean")
#: Rows of a tree, of which one is unusual.
_ROWS = 256
#: So many hours of other homes are as good as their shares: the tail has the 256 highest.
_HOURS = 5_000
_STEP = 1 / 64
_MOST_BITS = 64.0
_FEWEST_EVENTS = 2


def first_days_monitor(
    prior: HabitPrior, events: pd.DataFrame, *, sensors: pd.DataFrame | None = None, **params: Any
) -> HomeMonitor:
    """Return a monitor for a home that has no past of its own yet.

    It is for the first two weeks, in which a monitor of the home's own is still learning. Make it
    anew each day from the log so far: the home's own days outweigh the prior after
    ``prior.n_days``.

    Parameters
    ----------
    prior : HabitPrior
        Of homes that consented, from `novin_ml.federated.learn_prior`.
    events : DataFrame of shape (n_events, n_columns)
        Event table of the home so far, of at least two events; every event must have consent.
    sensors : DataFrame, default=None
        All sensors of the home, with `type`, `location`, `kind` and `zone`; None takes those of the
        events.
    **params
        Parameters of `HomeMonitor`.

    Returns
    -------
    monitor : HomeMonitor
        All its budgets are "unproven": nothing proves yet how often this home alarms. It is saved,
        exported and followed on a phone as any monitor.

    Raises
    ------
    InvalidParametersError
        If the prior has no counts of scores.
    InvalidEventError, ValueError
        As `HomeMonitor.fit` raises them.

    Notes
    -----
    The history begins with the habits of the prior. The score of an event is the rarer of two: the
    mean rarity of transitions, and the mean rarity of a sensor at its hour. How rare scores are is
    taken from the homes of the prior. So the forest is one of steps: 64 trees, each of which asks
    whether the mean rarity of the sensor at its hour is above a level.

    A threshold is the lowest one at which ``n_days`` days of the prior and the days of the home
    together have as many alarms a week as the budget says. Of an event's two scores the sum of both
    rates of the prior counts, which is an upper limit.

    Examples
    --------
    >>> from novin_ml.estimators.monitor import first_days_monitor
    >>> from novin_ml.federated import learn_prior
    >>> from novin_ml.simulation import simulate_behavior
    >>> logs = simulate_behavior(12, weeks=2, ends=True, random_state=0)
    >>> prior = learn_prior(dict(iter(logs.groupby("home_id")))).prior
    >>> new = simulate_behavior(weeks=1, first_home=20, ends=True, random_state=0)
    >>> new = new.assign(consent=True)
    >>> first_day = new["timestamp"] < new["timestamp"].min() + 86_400
    >>> monitor = first_days_monitor(prior, new[first_day], sensors=new)
    >>> monitor.state_, monitor.count_alarms(monitor.score(new[~first_day])).keys()
    ('unproven', dict_keys(['event', 'silence', 'still on']))
    """
    if set(prior.bins) != set(SCORES):
        raise InvalidParametersError(
            "The 'prior' parameter must have counts of all scores. Got "
            f"{shown(sorted(prior.bins))}. Take one from learn_prior."
        )
    monitor = HomeMonitor(**params)
    monitor._validate_params()
    events = monitor._in_order(events)
    if len(events) < _FEWEST_EVENTS:
        raise ValueError(
            f"The 'events' parameter must have {_FEWEST_EVENTS} events of the home or more. Got "
            f"{len(events)}. Wait for its next one."
        )
    monitor.features_ = BehaviorFeatures(one_home=True).fit(events)
    monitor.home_id_ = str(monitor.features_.homes_[0])
    monitor.history_ = prior.history(
        monitor.home_id_,
        events if sensors is None else sensors,
        tick_minutes=int(monitor.tick_minutes),
        door_tick_minutes=int(monitor.door_tick_minutes),
    )
    rows = activity_rows(events, history=monitor.history_)
    behavior = monitor.features_.transform(events)[~is_end(events)]
    columns = forest_table(behavior, rows["event"])
    times = rows["event"].time
    levels, n_hours = _shares(prior, "sensor_hour")
    steps = _steps(levels)
    detector = BehaviorAnomalyDetector(
        n_estimators=1, alarms_per_week=monitor.alarms_per_week, random_state=0
    ).fit(columns, timestamps=times)
    detector.learner_ = steps  # and the threshold of the forest alone, by its scores
    detector._calibrate(columns.to_numpy(np.float32), times)
    detector._spend_budget()
    monitor.detector_ = detector
    highest = _scores_of_steps(steps, levels)
    monitor.forest_tail_ = Tail(highest, n_hours)
    monitor.sensor_hour_weight_ = 0.0  # priors tell how rare scores of transitions alone are
    monitor.transition_tail_ = Tail(*_shares(prior, "transition"))
    monitor.n_days_ = observed_days(times)
    monitor.budgets_ = _budgets(monitor, prior, rows, monitor.scores_of(behavior, rows))
    return monitor


def _shares(prior: HabitPrior, score: str) -> tuple[NDArray[np.float64], int]:
    """Return the highest scores of so many hours of the homes of a prior, ascending."""
    scores, units = prior.rarer(score)
    total = units[0]
    at_least = np.rint(_HOURS * units / total).astype(np.int64) if total else np.zeros(len(units))
    in_bin = -np.diff(np.append(at_least, 0)).astype(np.int64)
    return np.ascontiguousarray(np.repeat(scores, in_bin)[-_ROWS:]), _HOURS


def _steps(levels: NDArray[np.float64]) -> IsolationLearner:
    """Return a forest whose score rises with the rarity of a sensor at its hour, by steps."""
    lowest = float(levels[0]) if len(levels) else 0.0
    at = (lowest + 0.25 * np.arange(64)).astype(np.float32)
    n = len(at)
    feature = np.tile(np.array([_SENSOR_HOUR, -1, -1], np.int32), n)
    threshold = np.zeros(3 * n, np.float32)
    threshold[::3] = np.nextafter(at, np.float32(-np.inf))  # a value of the level goes right
    left, right = np.full(3 * n, -1, np.int32), np.full(3 * n, -1, np.int32)
    left[::3], right[::3] = np.arange(1, 3 * n, 3), np.arange(2, 3 * n, 3)
    count = np.tile(np.array([_ROWS, _ROWS - 1, 1], np.int32), n)
    offsets = np.arange(0, 3 * n + 1, 3, dtype=np.int64)
    return IsolationLearner(
        feature, threshold, left, right, count, offsets, _ROWS, len(FOREST_COLUMNS)
    )


def _scores_of_steps(steps: IsolationLearner, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = np.zeros((len(levels), len(FOREST_COLUMNS)), np.float32)
    rows[:, _SENSOR_HOUR] = levels
    return -steps.score_samples(rows)


def _budgets(
    monitor: HomeMonitor,
    prior: HabitPrior,
    rows: dict[str, ActivityRows],
    scores: dict[str, NDArray[np.float64]],
) -> dict[str, KindBudget]:
    """Return the lowest thresholds at which the prior and the home together keep each budget."""
    own_days = max(monitor.n_days_, 1.0)
    levels = np.arange(0, _MOST_BITS, _STEP)
    found = {}
    for kind in KINDS:
        budget = monitor.budget_of(kind)
        own = highest_of_units(scores[kind], rows[kind].unit)
        above = len(own) - np.searchsorted(own, levels, side="right")
        alarms = prior.n_days * _rate(monitor, prior, kind, levels) + above
        fits = np.flatnonzero(alarms / (prior.n_days + own_days) <= budget / 7)
        threshold = float(levels[fits[0]]) if len(fits) else max(_MOST_BITS, float(own[-1]))
        found[kind] = KindBudget(
            state="unproven",
            threshold=threshold,
            n_alarms=int(np.count_nonzero(own > threshold)),
            bound=budget,
            required_days=max(
                float(monitor.learning_days), days_to_prove(budget, float(monitor.confidence))
            ),
        )
    return found


def _rate(
    monitor: HomeMonitor, prior: HabitPrior, kind: str, levels: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many units a day of the homes of a prior have a score above each level."""
    if kind != "event":
        scores, units = prior.rarer(kind)
        return np.asarray(np.interp(levels, scores, units), dtype=np.float64)
    total = np.zeros(len(levels))
    for name in ("sensor_hour", "transition"):
        _, units = prior.rarer(name)
        total += units[0] * np.exp2(-levels)  # the score is the rarity among the hours
    return total
