"""Linear classifiers with probabilities: LogisticRegression, and SGDClassifier with log loss."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters.steps.linear import linear
from novin_ml.coreml.converters.steps.registry import refused, register_step
from novin_ml.coreml.program.builder import Builder, Value
from novin_ml.coreml.program.ops import Op


@register_step(
    "sklearn.LogisticRegression",
    "sklearn.LogisticRegressionCV",
    role="probabilities",
    form="two classes: a glmClassifier, in double; more: one layer and a softmax",
)
def logistic(model: Any, value: Value, builder: Builder) -> Op:
    """The second class against the first; the softmax of one sum for each of more classes."""
    n_classes = model.coef_.shape[0]
    if n_classes == 1:
        return pair(builder, linear(model, value, builder))
    sums = layer_of(model, value, builder)
    # Of these the probabilities are those of one class against the rest, over their sum.
    if getattr(model, "multi_class", "auto") == "ovr" or model.solver == "liblinear":
        return over_sum(builder, builder.add("logistic", [sums], n_classes))
    return builder.add("softmax", [sums], n_classes)


@register_step(
    "sklearn.SGDClassifier",
    role="probabilities",
    form="two classes: a glmClassifier, in double; more: sigmoids over their sum",
    refuses=("a loss other than log_loss",),
)
def sgd(model: Any, value: Value, builder: Builder) -> Op:
    """Sigmoids of one class against the rest, divided by their sum."""
    if model.loss != "log_loss":
        raise refused(
            model,
            f"loss={model.loss!r}",
            "Train with loss='log_loss' for probabilities, or with LinearSVC for a decision",
        )
    if model.coef_.shape[0] == 1:
        return pair(builder, linear(model, value, builder))
    return over_sum(
        builder, builder.add("logistic", [layer_of(model, value, builder)], model.coef_.shape[0])
    )


def layer_of(model: Any, value: Value, builder: Builder) -> Op:
    """Return the layer of a linear model, one sum for each class."""
    offset = np.broadcast_to(np.ravel(model.intercept_), (model.coef_.shape[0],))
    arrays = {"weights": model.coef_, "offset": offset}
    return builder.add("dense", [builder.joined(value)], model.coef_.shape[0], arrays=arrays)


def pair(builder: Builder, margin: Op) -> Op:
    """Return the probabilities of two classes from the margin of the second."""
    return builder.add("pair", [builder.joined((margin,))], 2)


def over_sum(builder: Builder, shares: Op) -> Op:
    """Return numbers divided by their sum."""
    n = shares.width
    arrays = {"weights": np.ones((n, n)), "offset": np.zeros(n)}
    sums = builder.add("dense", [shares], n, arrays=arrays)
    inverse = builder.add(
        "power", [builder.add("at_least", [sums], n, least=1e-30)], n, exponent=-1.0
    )
    return builder.add("times", [shares, inverse], n)
