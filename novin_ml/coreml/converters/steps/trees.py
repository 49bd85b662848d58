"""Trees behind other steps: what maps each column alone is folded into their thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters._registry import parse_model
from novin_ml.coreml.converters.steps.folding import Element, elements_of, folded
from novin_ml.coreml.converters.steps.logistic import pair
from novin_ml.coreml.converters.steps.registry import names_of, not_known, refused, register_step
from novin_ml.coreml.given import GivenTrees, Reading
from novin_ml.coreml.program.builder import Builder, Column, Value, taken
from novin_ml.coreml.program.ops import Op
from novin_ml.coreml.structure import trees_of_booster
from novin_ml.coreml.subject import Subject, numbered
from novin_ml.estimators.learners import BoostingLearner

_FORM = "a tree ensemble over the inputs; scalers and imputers are in its thresholds"
_REFUSED = ("a step before it that mixes columns",)
_CLASSIFIERS = (
    "lightgbm.LGBMClassifier",
    "sklearn.AdaBoostClassifier",
    "sklearn.BaggingClassifier",
    "sklearn.DecisionTreeClassifier",
    "sklearn.ExtraTreesClassifier",
    "sklearn.GradientBoostingClassifier",
    "sklearn.HistGradientBoostingClassifier",
    "sklearn.RandomForestClassifier",
    "xgboost.XGBClassifier",
)
_REGRESSORS = (
    "lightgbm.LGBMRegressor",
    "sklearn.BaggingRegressor",
    "sklearn.DecisionTreeRegressor",
    "sklearn.ExtraTreesRegressor",
    "sklearn.GradientBoostingRegressor",
    "sklearn.HistGradientBoostingRegressor",
    "sklearn.RandomForestRegressor",
    "xgboost.XGBRegressor",
)
#: Classes whose decision_function is the sum of the leaves.
_DECIDING = ("sklearn.GradientBoostingClassifier", "sklearn.HistGradientBoostingClassifier")


@register_step(*_CLASSIFIERS, role="probabilities", form=_FORM, refuses=_REFUSED, is_alone=False)
def classify(model: Any, value: Value, builder: Builder) -> Op:
    """The sums of the leaves, through their link."""
    link, op = _sums(model, value, builder)
    if link == "logistic":
        return pair(builder, op)
    return builder.add("softmax", [op], op.width) if link == "softmax" else op


@register_step(*_DECIDING, role="decision", form=_FORM, refuses=_REFUSED, is_alone=False)
def decide(model: Any, value: Value, builder: Builder) -> Op:
    """The sums of the leaves."""
    return _sums(model, value, builder)[1]


@register_step(*_REGRESSORS, role="value", form=_FORM, refuses=_REFUSED, is_alone=False)
def regress(model: Any, value: Value, builder: Builder) -> Op:
    """The sum of the leaves, or its exponential or logistic function."""
    link, op = _sums(model, value, builder)
    kinds = {"exponential": "exp", "logistic": "logistic"}
    return builder.add(kinds[link], [op], 1) if link in kinds else op


def _sums(model: Any, value: Value, builder: Builder) -> tuple[str, Op]:
    subject = parse_model(model, numbered(model.n_features_in_))
    reading = _reading(model, subject)
    elements = elements_of(model, value, builder)
    # scikit-learn's trees and xgboost compare float32 numbers; histograms and LightGBM float64.
    wide = any(word in name for name in names_of(model) for word in ("HistGradient", "lightgbm."))
    compares = np.float64 if wide else np.float32
    trees = folded(reading.trees, elements, value, builder, compares)
    may_miss = {
        each.place
        for each in elements
        if each.place is not None and (subject.allows_missing or each.replaces_missing)
    }
    arrays: dict[str, Any] = {
        name: getattr(trees, name)
        for name in ("roots", "left", "right", "feature", "threshold", "missing_left", "value")
    }
    arrays["base"] = trees.base
    if trees.dimension is not None:
        arrays["dimension"] = trees.dimension
    op = builder.add(
        "trees",
        [builder.joined(_inputs(elements, value, builder))],
        len(trees.base),
        arrays=arrays,
        less_equal=trees.less_equal,
        may_miss=sorted(may_miss),
        places=[each.place for each in elements],
    )
    return reading.link, op


def _reading(model: Any, subject: Subject) -> Reading:
    learner = subject.learner
    if isinstance(learner, BoostingLearner):
        trees = trees_of_booster(learner)
        link = "logistic" if len(trees.base) == 1 else "softmax"
        return Reading(trees, link, learner.n_classes, adds_in_float32=True)
    if not isinstance(learner, GivenTrees):
        raise not_known(model, "probabilities")
    reading = learner.reading
    if reading.missing is not None:
        raise refused(model, f"missing={reading.missing}", "Train it with missing=nan")
    return reading


def _inputs(elements: list[Element], value: Value, builder: Builder) -> Value:
    """Return what the trees read: inputs, and stages of those that are no plain input."""
    made: list[Any] = []
    rest: list[int] = []
    for number, element in enumerate([*elements, None]):
        if element is not None and element.place is None:
            rest.append(number)
            continue
        made.extend(taken(builder, value, rest))
        rest = []
        if element is not None and element.place is not None:
            made.append(Column(element.place))
    return tuple(made)
