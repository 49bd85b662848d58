"""How a pipeline of an estimator begins."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

from novin_ml.features.base import EventFeatures


def feature_pipeline(features: EventFeatures, **estimator: Any) -> Pipeline:
    """Return a pipeline of features and an estimator, whose keyword is the name of its step."""
    # Names travel with the features, so that the exported model's inputs have them.
    return Pipeline([("features", features.set_output(transform="pandas")), *estimator.items()])
