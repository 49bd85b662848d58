"""Training and answering."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")


class Fit:
    """Train on the features of simulated deliveries."""

    params = (["boosting", "mlp"], [10_000, 50_000])
    param_names = ("algorithm", "n_events")
    timeout = 300

    def setup_cache(self):
        from novin_ml.events.synthetic import simulate_deliveries
        from novin_ml.features import DeliveryFeatures

        tables = {}
        for n_events in self.params[1]:
            events = simulate_deliveries(n_events, random_state=0)
            features = DeliveryFeatures().fit_transform(events)
            labelled = events["label"].notna().to_numpy()
            labels = events["clean_label"].to_numpy(dtype=str)
            tables[n_events] = features[labelled], labels[labelled]
        return tables

    def setup(self, tables, algorithm, n_events):
        from novin_ml import DeliveryClassifier

        X, y = tables[n_events]
        cut = len(X) * 4 // 5
        self.train, self.test = (X[:cut], y[:cut]), (X[cut:], y[cut:])
        self.model = DeliveryClassifier(algorithm, n_jobs=1, random_state=0)

    def time_fit(self, tables, algorithm, n_events):
        self.model.fit(*self.train)

    def peakmem_fit(self, tables, algorithm, n_events):
        self.model.fit(*self.train)

    def track_test_score(self, tables, algorithm, n_events):
        return float(self.model.fit(*self.train).score(*self.test))

    def track_model_bytes(self, tables, algorithm, n_events):
        return self.model.fit(*self.train).size_report_.model_bytes


class Predict:
    """Answer rows."""

    params = (["boosting", "mlp"], [1, 1_000, 100_000])
    param_names = ("algorithm", "n_rows")

    def setup(self, algorithm, n_rows):
        import numpy as np

        from novin_ml import DeliveryClassifier

        rng = np.random.default_rng(0)
        X = rng.normal(size=(max(n_rows, 2_000), 16)).astype(np.float32)
        y = X[:, 0] + X[:, 1] * X[:, 2] > 0
        model = DeliveryClassifier(algorithm, epochs=20, n_jobs=1, random_state=0)
        self.model = model.fit(X[:2_000], y[:2_000])
        self.rows = X[:n_rows]

    def time_predict_proba(self, algorithm, n_rows):
        self.model.predict_proba(self.rows)

    def peakmem_predict_proba(self, algorithm, n_rows):
        self.model.predict_proba(self.rows)
