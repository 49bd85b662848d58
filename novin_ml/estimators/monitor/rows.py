"""The rows of a monitor: the columns of its forest, the scores of events, and the alarms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from novin_ml.estimators.alarm_budget import KindBudget
from novin_ml.estimators.tails import Curve
from novin_ml.features.activity import ActivityRows
from novin_ml.features.activity.specs import EVENT_COLUMNS
from novin_ml.features.behavior.features import BEHAVIOR_FEATURES

#: Kinds of alarms, as they are shown.
KINDS = ("event", "silence", "still on")

_MEANS = slice(2, 4)  # the columns of an event that the forest takes
#: The columns of the forest.
FOREST_COLUMNS = (*BEHAVIOR_FEATURES, *EVENT_COLUMNS[_MEANS])


def forest_table(behavior: NDArray[np.float32], events: ActivityRows) -> pd.DataFrame:
    """Return the columns of the forest, from those of behavior and of activity.

    Parameters
    ----------
    behavior : ndarray of shape (n_events, 17), float32
        Columns of `BehaviorFeatures`.
    events : ActivityRows of length n_events
        The rows of the same events.

    Returns
    -------
    columns : DataFrame of shape (n_events, 19), float32
    """
    columns = np.hstack([behavior, events.values[:, _MEANS]])
    return pd.DataFrame(columns, columns=[spec.name for spec in FOREST_COLUMNS])


def habit_scores(columns: NDArray[np.float32], sensor_hour_weight: float) -> NDArray[np.float64]:
    """Return the rarity of habits: mean rarity of transitions, and of sensors at their hours.

    Parameters
    ----------
    columns : ndarray of shape (n_events, n_columns), float32
        The last two are the two means: the columns of events, or of the forest.
    sensor_hour_weight : float
        Weight of the sensors at their hours.

    Returns
    -------
    scores : ndarray of shape (n_events,), float64
        In bits.
    """
    transition, sensor_hour = columns[:, -2:].astype(np.float64).T
    scores: NDArray[np.float64] = transition + sensor_hour_weight * sensor_hour
    return scores


def event_scores(
    forest_curve: Curve, transition_curve: Curve, forest: ArrayLike, transition: ArrayLike
) -> NDArray[np.float64]:
    """Return the scores of events, in bits: the rarer of the forest's score and the habits.

    Parameters
    ----------
    forest_curve, transition_curve : Curve
        How rare scores are.
    forest, transition : array-like of shape (n_events,)
        Anomaly scores of the forest, and of habits.

    Returns
    -------
    scores : ndarray of shape (n_events,), float64
    """
    return np.maximum(forest_curve.bits(forest), transition_curve.bits(transition))


def alarm_table(
    home_id: str,
    budgets: Mapping[str, KindBudget],
    rows: Mapping[str, ActivityRows],
    scores: Mapping[str, NDArray[np.float64]],
) -> pd.DataFrame:
    """Return the rows of all kinds as one table, with their scores and alarms.

    Parameters
    ----------
    home_id : str
    budgets, rows, scores : dict of str
        By kind; a score above the threshold of its budget is an alarm.

    Returns
    -------
    table : DataFrame of shape (n_rows, 8)
        As `HomeMonitor.score` returns it.
    """
    parts = []
    for kind in KINDS:
        budget, of_kind = budgets[kind], rows[kind]
        parts.append(
            pd.DataFrame(
                {
                    "home_id": pd.Series([home_id] * len(of_kind), dtype=object),
                    "kind": pd.Series([kind] * len(of_kind), dtype=object),
                    "time": of_kind.time,
                    "unit": of_kind.unit,
                    "sensor": pd.Series(of_kind.sensor, dtype=object),
                    "score": scores[kind],
                    "alarm": scores[kind] > budget.threshold,
                    "unproven": np.full(len(of_kind), budget.state != "ready"),
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values("time", kind="stable", ignore_index=True)
