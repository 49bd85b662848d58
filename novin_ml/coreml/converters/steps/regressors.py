"""Linear regressors: one sum, or its exponential."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.linear import linear
from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op

_LINEAR = (
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lasso",
    "LassoCV",
    "LinearRegression",
    "LinearSVR",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
    "TheilSenRegressor",
)


@register_step(
    *(f"sklearn.{name}" for name in _LINEAR),
    role="value",
    form="a glmRegressor, in double",
    refuses=("several outputs",),
)
def regress(model: Any, value: Value, builder: Builder) -> Op:
    """One weighted sum."""
    if np.ndim(model.coef_) > 1 and np.shape(model.coef_)[0] != 1:
        raise refused(model, "several outputs", "Train one model for each output")
    return linear(model, value, builder)


@register_step(
    "sklearn.PoissonRegressor",
    "sklearn.GammaRegressor",
    role="value",
    form="a glmRegressor, and an exponential",
)
def regress_count(model: Any, value: Value, builder: Builder) -> Op:
    """The exponential of a weighted sum."""
    return builder.add("exp", [builder.joined((linear(model, value, builder),))], 1)


@register_step(
    "sklearn.TweedieRegressor", role="value", form="a glmRegressor, and an exponential if log"
)
def regress_tweedie(model: Any, value: Value, builder: Builder) -> Op:
    """A weighted sum, or its exponential."""
    is_log = model.link == "log" or (model.link == "auto" and model.power > 0)
    return regress_count(model, value, builder) if is_log else linear(model, value, builder)
