"""What a budget of alarms costs in what is found: shares found over alarms a week."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.alarm_budget import DAY, HOUR, lowest_of_hours, observed_days
from novin_ml.evaluation.alarms.detection import detection_delay
from novin_ml.evaluation.report._tested_rows import offsets_of
from novin_ml.events.labels import UNUSUAL

#: Budgets of the table, in alarms a week.
BUDGETS = (0.5, 1.0, 2.0, 3.0, 7.0, 14.0)
#: Half hours that are planted, and the events that each has at least.
_DRAWS, _LEAST = 40, 3
_HALF_HOUR, _AT = 1_800.0, 3 * HOUR  # 3 am by the home's clock

#: Takes events and returns their scores, in their order; the lower, the more unusual.
Scorer = Callable[[pd.DataFrame], NDArray[np.float64]]


def budget_cost(
    events: pd.DataFrame, score: NDArray[np.float64], score_of: Scorer
) -> list[dict[str, Any]]:
    """Return for each budget the share found of planted half hours, and of incidents if labelled.

    A budget stands for the threshold by which the usual hours of these events have so many alarms.
    A planted half hour is one of the home's own, moved to 3 am of another day: it takes the place
    of what the home reported then. One is planted at a time.

    Parameters
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Events of one home.
    score : ndarray of shape (n_events,)
        Their scores; NaN if an event has none.
    score_of : callable
        Scores other events of the home after its training.

    Returns
    -------
    cost : list of dict
        ``alarms_per_week``, ``planted``, ``n_planted``, ``incidents``, ``n_incidents``; None
        instead of a share of nothing. Empty if the events are of less than a week.
    """
    time = events["timestamp"].to_numpy(dtype=np.float64)
    weeks = observed_days(time) / 7
    has = ~np.isnan(score)
    is_unusual = np.zeros(len(events), dtype=bool)
    if "label" in events.columns:
        is_unusual = (events["label"] == UNUSUAL).to_numpy(dtype=bool)
    hours = np.floor(time / HOUR)
    usual = has & ~np.isin(hours, hours[is_unusual])
    if weeks < 1 or not usual.any():
        return []
    lowest = lowest_of_hours(score[usual], hours[usual])
    planted = _planted(events[~is_unusual], score_of)
    cost = []
    for budget in BUDGETS:
        place = round(budget * weeks)
        if place >= len(lowest):
            break
        found = detection_delay(events, score < lowest[place]) if is_unusual.any() else None
        cost.append(
            {
                "alarms_per_week": budget,
                "planted": float(np.mean(planted < lowest[place])) if len(planted) else None,
                "n_planted": len(planted),
                "incidents": None if found is None else found.recall,
                "n_incidents": 0 if found is None else len(found.incidents),
            }
        )
    return cost


def _planted(events: pd.DataFrame, score_of: Scorer) -> NDArray[np.float64]:
    """Return the lowest score within each planted half hour."""
    rng = np.random.default_rng(0)
    time = events["timestamp"].to_numpy(dtype=np.float64)
    offset = offsets_of(events)
    found = []
    for row in rng.permutation(len(events))[:_DRAWS].tolist():
        start = time[row]
        here = (time >= start) & (time < start + _HALF_HOUR)
        midnight = np.floor((rng.choice(time) + offset[row]) / DAY) * DAY
        to = midnight + _AT - offset[row] + rng.uniform(0, HOUR)
        if here.sum() < _LEAST or not time.min() <= to <= time.max():
            continue
        moved = events[here].copy()
        for name in {"timestamp", "end"} & set(events.columns):
            moved[name] = moved[name] + (to - start)
        rest = events[time < to]  # what comes after it changes no score of it
        score = score_of(pd.concat([rest, moved], ignore_index=True))[len(rest) :]
        if not np.isnan(score).all():
            found.append(float(np.nanmin(score)))
    return np.array(found)
