"""Pipelines: each step after the other."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.converters.steps.registry import (
    decision,
    probabilities,
    register_step,
    transformed,
    value_of,
)
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op

_FORM = "its steps, one after the other"


@register_step("sklearn.Pipeline", role="transform", form=_FORM)
def transforming(model: Any, value: Value, builder: Builder) -> Value:
    """All steps are transformers."""
    return _through(model.steps, value, builder)


@register_step("sklearn.Pipeline", role="probabilities", form=_FORM)
def classifying(model: Any, value: Value, builder: Builder) -> Op:
    """The last step has probabilities."""
    return probabilities(model.steps[-1][1], _through(model.steps[:-1], value, builder), builder)


@register_step("sklearn.Pipeline", role="decision", form=_FORM)
def deciding(model: Any, value: Value, builder: Builder) -> Op:
    """The last step has a decision function."""
    return decision(model.steps[-1][1], _through(model.steps[:-1], value, builder), builder)


@register_step("sklearn.Pipeline", role="value", form=_FORM)
def regressing(model: Any, value: Value, builder: Builder) -> Op:
    """The last step is a regressor."""
    return value_of(model.steps[-1][1], _through(model.steps[:-1], value, builder), builder)


def _through(steps: list[Any], value: Value, builder: Builder) -> Value:
    for _, step in steps:
        if step is not None and not (isinstance(step, str) and step == "passthrough"):
            value = transformed(step, value, builder)
    return value
