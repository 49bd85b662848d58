"""VotingClassifier and VotingRegressor: weighted means."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import (
    probabilities,
    refused,
    register_step,
    value_of,
)
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op


@register_step(
    "sklearn.VotingClassifier",
    role="probabilities",
    form="the mean of its models' probabilities, in one network",
    refuses=("voting='hard'",),
)
def vote(model: Any, value: Value, builder: Builder) -> Op:
    """The weighted mean of the probabilities."""
    if model.voting != "soft":
        raise refused(model, "voting='hard'", "Train it with voting='soft'")
    parts = [probabilities(each, value, builder) for each in model.estimators_]
    return mean_of(builder, parts, _weights(model))


@register_step(
    "sklearn.VotingRegressor", role="value", form="the mean of its models' values, in one network"
)
def vote_for_value(model: Any, value: Value, builder: Builder) -> Op:
    """The weighted mean of the values."""
    parts = [value_of(each, value, builder) for each in model.estimators_]
    return mean_of(builder, parts, _weights(model))


def _weights(model: Any) -> np.ndarray:
    if model.weights is None:
        return np.ones(len(model.estimators_))
    # Weights of models that were dropped are dropped, too.
    kept = [
        weight
        for (_, each), weight in zip(model.estimators, model.weights, strict=True)
        if not isinstance(each, str)
    ]
    return np.asarray(kept, dtype=np.float64)


def mean_of(builder: Builder, parts: list[Op], weights: np.ndarray) -> Op:
    """Return the weighted mean of vectors of one length, a layer."""
    n = parts[0].width
    joined = builder.joined(tuple(parts))
    shares = np.hstack([np.eye(n) * share for share in weights / weights.sum()])
    return builder.add("dense", [joined], n, arrays={"weights": shares, "offset": np.zeros(n)})
