"""Small isolation forests of every kind that can be exported, and adversarial rows for them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csc_array
from sklearn.ensemble import IsolationForest

from novin_ml import BehaviorAnomalyDetector

DAY = 86_400.0


def table(n_rows: int = 400, n_features: int = 4, seed: int = 0) -> np.ndarray:
    """Float32 rows, a few far from the others."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    X[::29] *= 5
    return X


def forest(X: Any = None, *, sample_weight: Any = None, **params: Any) -> IsolationForest:
    """A small IsolationForest of scikit-learn."""
    params = {"n_estimators": 8, "max_samples": 64, "random_state": 0, **params}
    return IsolationForest(**params).fit(table() if X is None else X, sample_weight=sample_weight)


def detector(*, days: float | None = 60, **params: Any) -> BehaviorAnomalyDetector:
    """A small detector, ready if its rows are of enough days."""
    X = table(600)
    times = None if days is None else 1.7e9 + np.linspace(0, days * DAY, len(X))
    params = {"n_estimators": 8, "max_samples": 64, "random_state": 0, **params}
    return BehaviorAnomalyDetector(**params).fit(X, timestamps=times)


def _columns(*kept: int) -> np.ndarray:
    X = np.zeros_like(table())
    X[:, kept] = table()[:, kept]
    return X


#: What a forest may have been trained on and with, by name: rows, sample weights, parameters.
FORESTS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "plain": (None, None, {}),
    "contamination": (None, None, {"contamination": 0.1}),
    "one_tree": (None, None, {"n_estimators": 1}),
    "two_rows_a_tree": (None, None, {"max_samples": 2}),
    "all_rows": (None, None, {"max_samples": 1.0}),
    "some_columns": (None, None, {"max_features": 2, "n_estimators": 20}),
    "one_column_a_tree": (None, None, {"max_features": 1}),
    "bootstrap": (None, None, {"bootstrap": True}),
    "weights": (None, np.arange(400) % 3, {}),
    "float64": (table().astype(np.float64) / 3, None, {}),
    "sparse": (csc_array(np.where(np.abs(table()) > 1, table(), 0)), None, {}),
    "one_feature": (table(n_features=1), None, {}),
    "constant_columns": (_columns(2), None, {}),
    "all_the_same": (_columns(), None, {}),
    "few_values": (np.round(table()), None, {"contamination": 0.05}),
    "tiny": (table() * np.float32(1e-30), None, {}),
    "huge": (table() * np.float32(1e36), None, {}),
    "far_from_zero": (table() * np.float32(1e-3) + np.float32(1e4), None, {}),
    "counts": (np.arange(1600, dtype=np.float32).reshape(400, 4), None, {"max_samples": 256}),
}


def adversarial_rows(model: IsolationForest, n_rows: int = 2_000) -> np.ndarray:
    """Float32 rows whose values are about thresholds, as scikit-learn has them in float64."""
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(n_rows, model.n_features_in_)).astype(np.float32)
    for column in range(model.n_features_in_):
        thresholds = [
            tree.tree_.threshold[columns[np.maximum(tree.tree_.feature, 0)] == column]
            for tree, columns in zip(model.estimators_, model.estimators_features_, strict=True)
        ]
        near = np.concatenate(thresholds)
        if len(near):
            picked = rng.choice(near, n_rows) + rng.choice([0, 1e-12, -1e-12], n_rows)
            picked = picked.astype(np.float32)
            for toward in (np.inf, -np.inf):
                moved = rng.random(n_rows) < 0.3
                picked[moved] = np.nextafter(picked[moved], np.float32(toward))
            rows[:, column] = np.where(rng.random(n_rows) < 0.8, picked, rows[:, column])
    return rows
