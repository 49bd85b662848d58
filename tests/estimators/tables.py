"""Feature tables and small estimators that the tests of this folder share."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml import DeliveryClassifier

#: A network that trains in a tenth of a second.
SMALL_NETWORK = {"hidden_layer_sizes": (16,), "learning_rate_init": 0.02}
ALGORITHMS = ("boosting", "mlp")


def classifier(algorithm: str = "boosting", **params: Any) -> DeliveryClassifier:
    """Return a small estimator: few epochs, one thread, a fixed seed."""
    if algorithm == "mlp":
        params["learner_params"] = SMALL_NETWORK | params.get("learner_params", {})
    params = {"epochs": 12, "n_jobs": 1, "random_state": 0} | params
    return DeliveryClassifier(algorithm, **params)


def table(
    n_rows: int = 600,
    n_features: int = 5,
    n_classes: int = 2,
    *,
    seed: int = 0,
    missing: float = 0.0,
    noise: float = 0.1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 features with an interaction, and integer classes, a share of them noise."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_rows, n_features)).astype(np.float32)
    score = X[:, 0] + X[:, 1] * X[:, 2]
    codes = np.searchsorted(np.quantile(score, np.arange(1, n_classes) / n_classes), score)
    wrong = rng.random(n_rows) < noise
    codes[wrong] = rng.integers(0, n_classes, int(wrong.sum()))
    X[rng.random(X.shape) < missing] = np.nan
    return X, codes
