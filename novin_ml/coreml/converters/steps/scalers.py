"""Scalers: each column by its own shift and scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op

_FORM = "a scaler, in double"


@register_step("sklearn.StandardScaler", role="transform", form=_FORM)
def standard(model: Any, value: Value, builder: Builder) -> Value:
    """Subtract the mean and divide by the deviation, each where it is wanted."""
    n = model.n_features_in_
    mean = model.mean_ if model.with_mean else np.zeros(n)
    scale = model.scale_ if model.with_std else np.ones(n)
    reach = 4 * (scale if model.with_std else np.sqrt(np.maximum(np.abs(mean), 1)))
    builder.spread(value, mean - reach, mean + reach)
    return (scaled(value, builder, -mean, 1 / scale),)


@register_step("sklearn.MaxAbsScaler", role="transform", form=_FORM, refuses=("clip=True",))
def max_abs(model: Any, value: Value, builder: Builder) -> Value:
    """Divide by the largest absolute value."""
    _refuse_clip(model)
    builder.spread(value, -model.max_abs_, model.max_abs_)
    return (scaled(value, builder, np.zeros(model.n_features_in_), 1 / model.scale_),)


@register_step("sklearn.RobustScaler", role="transform", form=_FORM)
def robust(model: Any, value: Value, builder: Builder) -> Value:
    """Subtract the median and divide by the range of quantiles, each where it is wanted."""
    n = model.n_features_in_
    center = model.center_ if model.with_centering else np.zeros(n)
    scale = model.scale_ if model.with_scaling else np.ones(n)
    builder.spread(value, center - 4 * scale, center + 4 * scale)
    return (scaled(value, builder, -center, 1 / scale),)


@register_step("sklearn.MinMaxScaler", role="transform", form=_FORM, refuses=("clip=True",))
def min_max(model: Any, value: Value, builder: Builder) -> Value:
    """Scale, and shift so that the least value goes to the start of the range."""
    _refuse_clip(model)
    builder.spread(value, model.data_min_, model.data_max_)
    return (scaled(value, builder, model.min_ / model.scale_, model.scale_),)


def scaled(value: Value, builder: Builder, shift: np.ndarray, scale: np.ndarray) -> Op:
    """Add ``scale * (x + shift)``: a stage, or a layer behind layers."""
    vector = builder.joined(value)
    if vector.is_stage:
        return builder.add("scale", [vector], vector.width, arrays={"shift": shift, "scale": scale})
    arrays = {"weights": np.diag(scale), "offset": scale * shift}
    return builder.add("dense", [vector], vector.width, arrays=arrays)


def _refuse_clip(model: Any) -> None:
    if getattr(model, "clip", False):
        raise refused(model, "clip=True", "Train it without clip, and limit the values in the app")
