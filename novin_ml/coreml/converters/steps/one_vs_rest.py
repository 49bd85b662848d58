"""OneVsRestClassifier: the probability of each class against the rest, over their sum."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.logistic import over_sum
from novin_ml.coreml.converters.steps.registry import probabilities, refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op


@register_step(
    "sklearn.OneVsRestClassifier",
    role="probabilities",
    form="a network of its models' second probabilities over their sum",
    refuses=("several labels", "a class that all rows or no row had"),
)
def one_vs_rest(model: Any, value: Value, builder: Builder) -> Op:
    """Each model's second probability, divided by their sum."""
    if model.multilabel_:
        raise refused(model, "several labels", "Train one model for each label")
    if any(not hasattr(each, "classes_") for each in model.estimators_):
        raise refused(
            model, "a class that all rows or no row had", "Train it on rows of every class"
        )
    parts = [probabilities(each, value, builder) for each in model.estimators_]
    if len(parts) == 1:
        return parts[0]
    joined = builder.joined(tuple(parts))
    weights = np.zeros((len(parts), 2 * len(parts)))
    weights[np.arange(len(parts)), 2 * np.arange(len(parts)) + 1] = 1
    arrays = {"weights": weights, "offset": np.zeros(len(parts))}
    return over_sum(builder, builder.add("dense", [joined], len(parts), arrays=arrays))
