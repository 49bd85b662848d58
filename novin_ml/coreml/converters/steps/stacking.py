"""StackingClassifier and StackingRegressor: a model of other models' answers."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.converters.steps.registry import (
    decision,
    probabilities,
    refused,
    register_step,
    value_of,
)
from novin_ml.coreml.program.builder import Builder, Value, taken
from novin_ml.coreml.program.ops import Op

_FORM = "its models, and the last one as layers over their answers"
_REFUSED = ("stack_method='predict' of a classifier",)


@register_step("sklearn.StackingClassifier", role="probabilities", form=_FORM, refuses=_REFUSED)
def stack(model: Any, value: Value, builder: Builder) -> Op:
    """The last model's probabilities."""
    return probabilities(model.final_estimator_, _stacked(model, value, builder), builder)


@register_step("sklearn.StackingClassifier", role="decision", form=_FORM, refuses=_REFUSED)
def stack_decision(model: Any, value: Value, builder: Builder) -> Op:
    """The last model's decision."""
    return decision(model.final_estimator_, _stacked(model, value, builder), builder)


@register_step("sklearn.StackingRegressor", role="value", form=_FORM)
def stack_value(model: Any, value: Value, builder: Builder) -> Op:
    """The last model's value."""
    return value_of(model.final_estimator_, _stacked(model, value, builder), builder)


def _stacked(model: Any, value: Value, builder: Builder) -> Value:
    made: list[Any] = []
    two = len(getattr(model, "classes_", ())) == 2
    methods = [each for each in model.stack_method_ if each is not None]
    for each, method in zip(model.estimators_, methods, strict=True):
        if method == "predict_proba":
            op = probabilities(each, value, builder)
            made.extend(taken(builder, (op,), [1]) if two else (op,))
        elif method == "decision_function":
            made.append(decision(each, value, builder))
        elif hasattr(each, "classes_"):
            raise refused(
                model, _REFUSED[0], "Train it with stack_method='predict_proba', or 'auto'"
            )
        else:
            made.append(value_of(each, value, builder))
    return tuple(made) + (value if model.passthrough else ())
