"""Pipelines of features and an estimator."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

from novin_ml.features.base import EventFeatures


def feature_pipeline(features: EventFeatures, **estimator: Any) -> Pipeline:
    """Return a pipeline of features and an estimator; the keyword names the estimator's step."""
    # Keep the feature names, so that the inputs of the exported model have them.
    return Pipeline([("features", features.set_output(transform="pandas")), *estimator.items()])
