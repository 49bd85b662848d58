"""Convert fitted monitors of homes to files, and back: a forest, a log, and the home's activity."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators import BehaviorAnomalyDetector, HomeMonitor
from novin_ml.estimators.alarm_budget import STATES, KindBudget
from novin_ml.estimators.monitor.rows import KINDS
from novin_ml.estimators.tails import Tail
from novin_ml.features import ActivityHistory, BehaviorFeatures
from novin_ml.lifecycle.saving._files import ESTIMATOR_FILE, check, checked_array
from novin_ml.lifecycle.saving.parameters import numpy_default, params_from_json, params_to_json

MONITOR_KIND = HomeMonitor.__name__
_ACTIVITY_FILE, _LOG_FILE, _TAILS_FILE = "activity.json", "features.npz", "tails.npz"
_FOREST = "forest."  # what the names of the forest's files begin with
_TAILS = ("forest", "transition")


def monitor_to_files(monitor: HomeMonitor, forest: dict[str, bytes]) -> dict[str, bytes]:
    """Return a fitted monitor as files, by name; `forest` are those of its detector."""
    tails = {name: getattr(monitor, f"{name}_tail_") for name in _TAILS}
    budgets = {kind: asdict(budget) for kind, budget in monitor.budgets_.items()}
    for budget in budgets.values():
        if budget["state"] == "learning":
            budget["threshold"] = None  # infinite, which JSON cannot hold
    document = {
        "kind": MONITOR_KIND,
        "params": params_to_json(monitor),
        "feature_set": monitor.feature_set,
        "home_id": monitor.home_id_,
        "n_days": monitor.n_days_,
        "budgets": budgets,
        "sensor_hour_weight": monitor.sensor_hour_weight_,
        "longest_silence": monitor.history_.longest_silence,
        "n_hours": {name: tail.n_hours for name, tail in tails.items()},
    }
    own = {
        ESTIMATOR_FILE: json.dumps(document, indent=1, default=numpy_default).encode(),
        _ACTIVITY_FILE: json.dumps(monitor.history_.to_dict()).encode(),
        _LOG_FILE: write_arrays(monitor.features_._state_arrays()),
        _TAILS_FILE: write_arrays({name: tail.highest for name, tail in tails.items()}),
    }
    return own | {_FOREST + name: content for name, content in forest.items()}


def forest_of_monitor(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of the forest of a monitor, under their own names."""
    return {
        name.removeprefix(_FOREST): content
        for name, content in files.items()
        if name.startswith(_FOREST)
    }


def monitor_from_files(
    document: dict[str, Any], files: dict[str, bytes], forest: Any
) -> HomeMonitor:
    """Rebuild a monitor; ValueError, TypeError or KeyError if its parts do not fit."""
    feature_set = document["feature_set"]
    check(feature_set == HomeMonitor.feature_set, "feature_set", feature_set)
    monitor = HomeMonitor(**params_from_json(document["params"]))
    monitor._validate_params()
    check(isinstance(forest, BehaviorAnomalyDetector), "forest", type(forest).__name__)
    monitor.detector_ = forest
    monitor.features_ = BehaviorFeatures(one_home=True)
    monitor.features_._set_state(read_arrays(files[_LOG_FILE]))
    home, n_days = document["home_id"], document["n_days"]
    check(monitor.features_.homes_.tolist() == [home], "home_id", home)
    monitor.home_id_ = home
    check(type(n_days) is float and n_days >= 0, "n_days", n_days)
    monitor.n_days_ = n_days
    monitor.history_ = ActivityHistory.from_dict(json.loads(files[_ACTIVITY_FILE]))
    check(monitor.history_.home_id == home, "home_id", monitor.history_.home_id)
    longest = document.get("longest_silence", 0)  # monitors of older versions do not tell
    check(type(longest) is int and longest >= 0, "longest_silence", longest)
    monitor.history_.longest_silence = longest
    weight = document.get("sensor_hour_weight", 0.0)  # the score of older versions
    check(type(weight) is float and weight in (0.0, 1.0), "sensor_hour_weight", weight)
    monitor.sensor_hour_weight_ = weight
    arrays = read_arrays(files[_TAILS_FILE])
    for name in _TAILS:
        highest = checked_array(arrays, name, np.float64, 1)
        n_hours = document["n_hours"][name]
        check(type(n_hours) is int and n_hours >= len(highest), "n_hours", n_hours)
        check(bool(np.isfinite(highest).all() and (np.diff(highest) >= 0).all()), name, "scores")
        setattr(monitor, f"{name}_tail_", Tail(highest, n_hours))
    check(list(document["budgets"]) == [*KINDS], "budgets", "other kinds")
    monitor.budgets_ = {kind: _budget(each) for kind, each in document["budgets"].items()}
    return monitor


def _budget(document: dict[str, Any]) -> KindBudget:
    threshold = document["threshold"]
    is_learning = document["state"] == "learning"
    check(document["state"] in STATES, "state", document["state"])
    check((threshold is None) == is_learning, "threshold", threshold)
    number = np.inf if is_learning else threshold
    check(type(number) is float and number == number, "threshold", threshold)
    return KindBudget(**{**document, "threshold": number})
