"""AdaBoost over trees: each leaf votes for its class with the weight of its tree."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import (
    arrays_of,
    ensemble_of,
    require_one_answer,
    require_trees,
    subject_of,
)
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import NotExportableError

_SOURCE = "sklearn.adaboost"


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    n_classes, arrays = dump.facts["n_classes"], dump.arrays
    weights = arrays["weights"] / arrays["weights"].sum()
    of_node = np.repeat(weights, arrays["sizes"])
    vote = arrays["value"].argmax(axis=1)
    if n_classes == 2:
        zeros = np.zeros(len(weights), dtype=int)
        value = np.where(vote == 1, 2.0, -2.0) * of_node
        return ensemble_of(dump, value, np.zeros(1), zeros, "logistic")
    others = -of_node / (n_classes - 1)
    value = np.repeat(others[:, None], n_classes, axis=1)
    value[np.arange(len(vote)), vote] = of_node
    return ensemble_of(dump, value / (n_classes - 1), np.zeros(n_classes), None, "softmax")


@register_parser(
    "sklearn.AdaBoostClassifier",
    form="tree ensemble of weighted votes with a sigmoid, or with a softmax over the classes",
    refused="estimators that are not trees",
)
def parse_adaboost(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted AdaBoostClassifier over trees."""
    n_classes = require_one_answer(model)
    require_trees(model, model.estimators_)
    weights = np.asarray(model.estimator_weights_[: len(model.estimators_)], dtype=np.float64)
    arrays = arrays_of(model.estimators_) | {"weights": weights}
    dump = GivenTrees(_SOURCE, {"n_classes": n_classes}, arrays)
    return subject_of(model, dump, feature_names, class_labels)


@register_parser(
    "sklearn.AdaBoostRegressor",
    form="none",
    tolerance="-",
    refused="always: it answers with a weighted median of its trees, of which Core ML has no form",
)
def parse_adaboost_regressor(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Refuse an AdaBoostRegressor by name."""
    raise NotExportableError(
        "An AdaBoostRegressor cannot be exported: it answers with a weighted median of its trees, "
        f"of which Core ML has no exact form. Got {type(model).__name__}. "
        "Train a GradientBoostingRegressor or a RandomForestRegressor."
    )
