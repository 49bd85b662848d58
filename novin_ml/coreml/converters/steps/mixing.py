"""Steps that mix columns: layers, which whatever comes after them joins."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.converters.steps.scalers import scaled
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op
from novin_ml.plain import plural

#: The most columns that PolynomialFeatures may make.
MOST_PRODUCTS = 2_000
# Below it a row counts as zeros only: no float32 number is smaller but 0 and subnormal ones.
_LEAST = 2.0**-126


@register_step(
    "sklearn.PCA", "sklearn.IncrementalPCA", role="transform", form="a scaler and one layer"
)
def pca(model: Any, value: Value, builder: Builder) -> Value:
    """Subtract the mean, and multiply by the components."""
    mean = model.mean_ if model.mean_ is not None else np.zeros(model.n_features_in_)
    weights = model.components_
    if model.whiten:
        deviation = np.sqrt(model.explained_variance_)
        weights = weights / np.maximum(deviation, np.finfo(deviation.dtype).eps)[:, None]
    builder.spread(value, *_reach(mean, model))
    centered = scaled(value, builder, -mean, np.ones(len(mean)))
    return (_layer(builder, centered, weights),)


@register_step("sklearn.TruncatedSVD", role="transform", form="one layer")
def svd(model: Any, value: Value, builder: Builder) -> Value:
    """Multiply by the components."""
    return (_layer(builder, builder.joined(value), model.components_),)


@register_step(
    "sklearn.PolynomialFeatures",
    role="transform",
    form="for each factor a layer of zeros and ones, and their product",
    refuses=(f"more than {MOST_PRODUCTS:,} columns",),
)
def polynomial(model: Any, value: Value, builder: Builder) -> Value:
    """Each column is a product of so many picked columns, or of ones."""
    powers = model.powers_
    if len(powers) > MOST_PRODUCTS:
        raise refused(
            model,
            plural(len(powers), "column"),
            f"Train it with a lower degree: it may make {plural(MOST_PRODUCTS, 'column')}",
        )
    vector = builder.joined(value)
    factors = []
    for number in range(max(int(powers.sum(axis=1).max()), 1)):
        weights, offset = np.zeros(powers.shape), np.zeros(len(powers))
        for product, row in enumerate(powers):
            picked = np.repeat(np.arange(len(row)), row)
            if number < len(picked):
                weights[product, picked[number]] = 1
            else:
                offset[product] = 1
        arrays = {"weights": weights, "offset": offset}
        factors.append(builder.add("dense", [vector], len(powers), arrays=arrays))
    if len(factors) == 1:
        return (factors[0],)
    return (builder.add("times", factors, len(powers)),)


@register_step(
    "sklearn.Normalizer",
    role="transform",
    form="layers; a row of zeros stays one, which Core ML's own normalizer leaves open",
)
def normalize(model: Any, value: Value, builder: Builder) -> Value:
    """Divide a row by its norm, after a division by its largest absolute value."""
    vector = builder.joined(value)
    largest = builder.add("largest", [builder.add("abs", [vector], vector.width)], 1)
    unit = _divided(builder, vector, largest, _LEAST)
    if model.norm == "max":
        return (unit,)
    n = unit.width
    if model.norm == "l1":
        sizes = builder.add("abs", [unit], n)
    else:
        sizes = builder.add("times", [unit, unit], n)
    total = builder.add("dense", [sizes], 1, arrays={"weights": np.ones((1, n)), "offset": [0.0]})
    if model.norm == "l2":
        total = builder.add("power", [total], 1, exponent=0.5)
    return (_divided(builder, unit, total, 1.0),)


def _divided(builder: Builder, vector: Op, number: Op, least: float) -> Op:
    """Return a vector divided by a number, which is this or more."""
    n = vector.width
    limited = builder.add("at_least", [number], 1, least=least)
    inverse = builder.add("power", [limited], 1, exponent=-1.0)
    each = builder.add(
        "dense", [inverse], n, arrays={"weights": np.ones((n, 1)), "offset": np.zeros(n)}
    )
    return builder.add("times", [vector, each], n)


def _layer(builder: Builder, vector: Op, weights: np.ndarray) -> Op:
    arrays = {"weights": weights, "offset": np.zeros(len(weights))}
    return builder.add("dense", [vector], len(weights), arrays=arrays)


def _reach(mean: np.ndarray, model: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return a range of each column: four deviations, as far as the components know them."""
    variance = (model.components_**2 * model.explained_variance_[:, None]).sum(axis=0)
    reach = 4 * np.sqrt(np.maximum(variance, np.finfo(np.float32).tiny))
    return mean - reach, mean + reach
