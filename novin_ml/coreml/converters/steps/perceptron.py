"""MLPClassifier and MLPRegressor behind other steps: their layers."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.converters.steps.logistic import pair
from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op

_FORM = "its layers"


@register_step(
    "sklearn.MLPClassifier", role="probabilities", form=_FORM, refuses=("several labels",)
)
def classify(model: Any, value: Value, builder: Builder) -> Op:
    """The softmax of the last layer; of two classes, of 0 and its one number."""
    last = _layers(model, value, builder)
    two = len(model.classes_) == 2
    several = model.n_outputs_ != (1 if two else len(model.classes_))
    if several or (model.out_activation_ == "logistic") != two:
        raise refused(model, "several labels", "Train one model for each label")
    return pair(builder, last) if two else builder.add("softmax", [last], last.width)


@register_step("sklearn.MLPRegressor", role="value", form=_FORM, refuses=("several outputs",))
def regress(model: Any, value: Value, builder: Builder) -> Op:
    """The last layer, or its exponential."""
    if model.n_outputs_ != 1:
        raise refused(model, "several outputs", "Train one model for each output")
    last = _layers(model, value, builder)
    return last if model.out_activation_ == "identity" else builder.add("exp", [last], 1)


def _layers(model: Any, value: Value, builder: Builder) -> Op:
    op = builder.joined(value)
    for number, (weights, offset) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        if number and model.activation != "identity":
            op = builder.add(model.activation, [op], op.width)
        arrays = {"weights": weights.T, "offset": offset}
        op = builder.add("dense", [op], weights.shape[1], arrays=arrays)
    return op
