"""Isolation forests of several libraries, of 100 trees and one thread each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import IsolationForest

from novin_ml import BehaviorAnomalyDetector

N_TREES = 100


class Library(NamedTuple):
    """How a library fits rows (seed, times), and how its model gives anomaly scores."""

    name: str
    fit: Callable[[np.ndarray, int, np.ndarray | None], Any]
    score: Callable[[Any, np.ndarray], np.ndarray]


def libraries() -> list[Library]:
    found = [
        Library(
            "novin_ml",
            lambda X, seed, times: BehaviorAnomalyDetector(
                n_estimators=N_TREES, random_state=seed
            ).fit(X, timestamps=times),
            lambda model, X: -model.score_samples(X),
        ),
        Library(
            "scikit-learn",
            lambda X, seed, times: IsolationForest(n_estimators=N_TREES, random_state=seed).fit(X),
            lambda model, X: -model.score_samples(X),
        ),
    ]
    try:
        from pyod.models.iforest import IForest
    except ImportError:
        print("pyod is not installed and left out.")
    else:
        found.append(
            Library(
                "pyod",
                lambda X, seed, times: IForest(n_estimators=N_TREES, random_state=seed).fit(X),
                lambda model, X: model.decision_function(X),
            )
        )
    try:
        import isotree
    except ImportError:
        print("isotree is not installed and left out.")
    else:
        found.append(
            Library(
                "isotree",
                # The original method: one column, 256 rows, a limit of depth, no second draws.
                lambda X, seed, times: isotree.IsolationForest(
                    ntrees=N_TREES,
                    sample_size=min(256, len(X)),
                    ndim=1,
                    nthreads=1,
                    random_seed=seed + 1,
                ).fit(X),
                lambda model, X: model.predict(X),
            )
        )
    return found
