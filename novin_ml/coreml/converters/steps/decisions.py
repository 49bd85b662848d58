"""Decision functions of linear classifiers: one sum of two classes, or one for each of more."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.linear import linear, weighted
from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op


@register_step(
    "sklearn.LinearSVC",
    "sklearn.LogisticRegression",
    "sklearn.LogisticRegressionCV",
    "sklearn.PassiveAggressiveClassifier",
    "sklearn.Perceptron",
    "sklearn.RidgeClassifier",
    "sklearn.RidgeClassifierCV",
    "sklearn.SGDClassifier",
    role="decision",
    form="a glmRegressor for each sum, in double, and the label",
    refuses=("several labels",),
)
def decide(model: Any, value: Value, builder: Builder) -> Op:
    """The sums, in the order of the classes; of two classes that of the second."""
    weights = np.atleast_2d(model.coef_)
    n_classes = len(model.classes_)
    if len(weights) != (1 if n_classes == 2 else n_classes):
        raise refused(model, "several labels", "Train one model for each label")
    if len(weights) == 1:
        return linear(model, value, builder)
    offset = np.broadcast_to(np.ravel(model.intercept_), (len(weights),))
    if not builder.joined(value).is_stage:
        arrays = {"weights": weights, "offset": offset}
        return builder.add("dense", [builder.joined(value)], n_classes, arrays=arrays)
    sums = [
        weighted(value, builder, each, float(start))
        for each, start in zip(weights, offset, strict=True)
    ]
    return builder.joined(tuple(sums))
