"""Saved estimators, and processes that load them with damaged files."""

from __future__ import annotations

import numpy as np
import pytest

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.lifecycle import save_estimator
from tests.estimators.tables import table
from tests.lifecycle.damage import Loads

BLENDED = {"mlp": {"hidden_layer_sizes": (4, 3)}, "boosting": {"max_depth": 3}}


@pytest.fixture(scope="package")
def folders(tmp_path_factory):
    """Give saved estimators by what they are."""
    place = tmp_path_factory.mktemp("saved")
    found = {}
    for n_classes in (2, 3):
        X, y = table(400, n_classes=n_classes, missing=0.1)
        name = f"boosting of {n_classes}"
        model = DeliveryClassifier(epochs=6, random_state=0).fit(X, y)
        found[name] = save_estimator(model, place / name)
    blend = DeliveryClassifier("blend", epochs=4, random_state=0, learner_params=BLENDED)
    found["blend"] = save_estimator(blend.fit(X, y), place / "blend")
    forest = DeliveryClassifier("forest", epochs=6, random_state=0).fit(X, y)
    found["forest"] = save_estimator(forest, place / "forest")
    detector = BehaviorAnomalyDetector(n_estimators=5, random_state=0)
    detector.fit(np.nan_to_num(table(1_000)[0]))
    found["detector"] = save_estimator(detector, place / "detector")
    return found


@pytest.fixture(scope="package")
def loads(folders):
    """Give one process for each saved estimator, started when it is asked for."""
    started = {}

    def of(name):
        if name not in started:
            started[name] = Loads(folders[name])
        return started[name]

    yield of
    for one in started.values():
        one.close()
