"""Answers of trained models: a batch, and one row."""

from __future__ import annotations

import numpy as np

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier

from . import _data  # noqa: F401  (what all modules of the suite import)

N_FEATURES = 16


def some_rows(n_rows):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, N_FEATURES)).astype(np.float32)
    return X, X[:, 0] + X[:, 1] * X[:, 2] > 0


class Predict:
    """Probabilities of a classifier."""

    params = (["boosting", "mlp", "blend"], [1, 10_000])
    param_names = ("algorithm", "n_rows")

    def setup_cache(self):
        X, y = some_rows(2_000)
        return {
            algorithm: DeliveryClassifier(algorithm, epochs=20, n_jobs=1, random_state=0).fit(X, y)
            for algorithm in self.params[0]
        }

    def setup(self, models, algorithm, n_rows):
        self.model = models[algorithm]
        self.rows = some_rows(n_rows)[0]

    def time_predict_proba(self, models, algorithm, n_rows):
        self.model.predict_proba(self.rows)

    def peakmem_predict_proba(self, models, algorithm, n_rows):
        self.model.predict_proba(self.rows)


class Score:
    """Scores of a home's baseline."""

    params = (1, 10_000)
    param_names = ("n_rows",)

    def setup(self, n_rows):
        X, _ = some_rows(10_000)
        self.model = BehaviorAnomalyDetector(random_state=0).fit(X)
        self.rows = X[:n_rows]

    def time_score_samples(self, n_rows):
        self.model.score_samples(self.rows)

    def peakmem_score_samples(self, n_rows):
        self.model.score_samples(self.rows)
