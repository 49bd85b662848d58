"""CalibratedClassifierCV: sigmoids, isotonic curves as trees, or a temperature."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.linear import weighted
from novin_ml.coreml.converters.steps.logistic import over_sum, pair
from novin_ml.coreml.converters.steps.registry import (
    decision,
    probabilities,
    refused,
    register_step,
)
from novin_ml.coreml.converters.steps.voting import mean_of
from novin_ml.coreml.program.builder import Builder, Value, taken
from novin_ml.coreml.program.ops import Op

#: So many pieces of an isotonic curve are stages, in double; more are a layer.
_MOST_RAMPS = 200
# A sum of probabilities below it is 0: isotonic curves are 0 or far above.
_LEAST_SUM = 1e-30


@register_step(
    "sklearn.CalibratedClassifierCV",
    role="probabilities",
    form="sigmoid: a layer; isotonic: ramps from 0 to 1; temperature: a layer",
    refuses=("a class that a fold did not have",),
)
def calibrate(model: Any, value: Value, builder: Builder) -> Op:
    """The mean over its folds."""
    parts = [_fold(model, each, value, builder) for each in model.calibrated_classifiers_]
    return parts[0] if len(parts) == 1 else mean_of(builder, parts, np.ones(len(parts)))


def _fold(model: Any, fold: Any, value: Value, builder: Builder) -> Op:
    inner, n_classes = fold.estimator, len(fold.classes)
    if len(inner.classes_) != n_classes:
        raise refused(
            model, "a class that a fold did not have", "Train it on more rows, or on fewer folds"
        )
    has_decision = hasattr(inner, "decision_function")
    if has_decision:
        score = decision(inner, value, builder)
    else:
        score = probabilities(inner, value, builder)
        if n_classes == 2 and fold.method != "temperature":
            score = builder.joined(taken(builder, (score,), [1]))
    score = builder.joined((score,))
    if fold.method == "temperature":
        return _temperature(fold.calibrators[0], score, has_decision, builder)
    if fold.method == "sigmoid":
        slopes = np.diag([-float(each.a_) for each in fold.calibrators])
        offset = np.array([-float(each.b_) for each in fold.calibrators])
        width = score.width
        margin = builder.add("dense", [score], width, arrays={"weights": slopes, "offset": offset})
        if n_classes == 2:
            return pair(builder, margin)
        return _over_sum_or_uniform(builder, builder.add("logistic", [margin], width))
    curves = [_isotonic(each, score, place, builder) for place, each in enumerate(fold.calibrators)]
    if n_classes == 2:
        arrays = {"weights": np.array([[-1.0], [1.0]]), "offset": np.array([1.0, 0.0])}
        return builder.add("dense", [curves[0]], 2, arrays=arrays)
    return _over_sum_or_uniform(builder, builder.joined(tuple(curves)))


def _temperature(scaling: Any, score: Op, has_decision: bool, builder: Builder) -> Op:
    beta, n = float(scaling.beta_), score.width
    if has_decision and n == 1:
        # The logits are -x and x.
        arrays = {"weights": np.array([[2 * beta]]), "offset": np.zeros(1)}
        return pair(builder, builder.add("dense", [score], 1, arrays=arrays))
    if not has_decision:
        least = np.finfo(np.float64).eps
        arrays = {"weights": np.eye(n), "offset": np.full(n, least)}
        score = builder.add("log", [builder.add("dense", [score], n, arrays=arrays)], n)
    arrays = {"weights": np.eye(n) * beta, "offset": np.zeros(n)}
    return builder.add("softmax", [builder.add("dense", [score], n, arrays=arrays)], n)


def _isotonic(curve: Any, score: Op, place: int, builder: Builder) -> Op:
    """Return the curve of a score: a ramp from 0 to 1 for each piece that is not flat."""
    x, y = np.asarray(curve.X_thresholds_, np.float64), np.asarray(curve.y_thresholds_, np.float64)
    rise, run = np.diff(y), np.diff(x)
    kept = rise != 0
    rise, run, start = rise[kept], run[kept], x[:-1][kept]
    own = taken(builder, (score,), [place])
    if not len(rise):
        flat = {"weights": np.zeros((1, 1)), "offset": y[:1]}
        return builder.add("dense", [builder.joined(own)], 1, arrays=flat)
    source, n = builder.joined(own), len(rise)
    if source.is_stage and n <= _MOST_RAMPS:
        ramps = builder.joined(
            tuple(
                weighted(own, builder, np.array([1 / width]), -low / width)
                for low, width in zip(start, run, strict=True)
            )
        )
    else:
        arrays = {"weights": (1 / run)[:, None], "offset": -start / run}
        ramps = builder.add("dense", [source], n, arrays=arrays)
    # 1 - max(0, 1 - max(0, ramp)) is the ramp from 0 to 1.
    above = builder.add("relu", [ramps], n)
    flipped = {"weights": -np.eye(n), "offset": np.ones(n)}
    rest = builder.add("relu", [builder.add("dense", [above], n, arrays=flipped)], n)
    # Where all ramps are 0, so is what they add: the sum of several curves may be 0 itself.
    part = builder.add("dense", [rest], n, arrays=flipped)
    return builder.add("dense", [part], 1, arrays={"weights": rise[None, :], "offset": y[:1]})


def _over_sum_or_uniform(builder: Builder, shares: Op) -> Op:
    """Return shares over their sum; all the same where each is 0."""
    n = shares.width
    arrays = {"weights": np.full((n, n), -1 / _LEAST_SUM), "offset": np.ones(n)}
    is_zero = builder.add("relu", [builder.add("dense", [shares], n, arrays=arrays)], n)
    return over_sum(builder, builder.add("plus", [shares, is_zero], n))
