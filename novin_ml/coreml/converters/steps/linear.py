"""Linear models of one sum: a glmRegressor in double, or a layer behind layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op


def linear(model: Any, value: Value, builder: Builder) -> Op:
    """Return the operation of ``coef_ x + intercept_`` of a model with one sum."""
    return weighted(value, builder, np.ravel(model.coef_), np.ravel(model.intercept_)[0])


def weighted(value: Value, builder: Builder, weights: np.ndarray, offset: float) -> Op:
    """Return the operation of one weighted sum of a vector."""
    vector = builder.joined(value)
    arrays = {"weights": np.atleast_2d(weights), "offset": np.array([offset])}
    return builder.add("linear" if vector.is_stage else "dense", [vector], 1, arrays=arrays)
