"""Bagging over trees: the mean of trees, of which each has columns of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import (
    OF_THE_LARGEST,
    arrays_of,
    ensemble_of,
    require_one_answer,
    require_trees,
    subject_of,
)
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.subject import Subject

_SOURCE = "sklearn.bagging"
_REFUSED = "estimators that are not trees; several outputs: one model for each"


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    n_classes, arrays = dump.facts["n_classes"], dict(dump.arrays)
    n_trees = len(arrays["sizes"])
    own = np.repeat(np.arange(n_trees), arrays["sizes"])
    feature = arrays["columns"][own, np.maximum(arrays["feature"], 0)]
    value, base, output = arrays["value"] * (1 / n_trees), np.zeros(n_classes or 1), None
    if not n_classes:
        value, output = value.ravel(), np.zeros(n_trees, dtype=int)
    with_columns = GivenTrees(dump.source, dump.facts, arrays | {"feature": feature})
    return ensemble_of(with_columns, value, base, output)


@register_parser(
    "sklearn.BaggingClassifier",
    form="tree ensemble with an output for each class; leaves divided by the number of trees",
    refused=_REFUSED,
)
@register_parser(
    "sklearn.BaggingRegressor",
    form="tree ensemble; leaves divided by the number of trees",
    tolerance=OF_THE_LARGEST,
    refused=_REFUSED,
)
def parse_bagging(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted BaggingClassifier or BaggingRegressor over trees."""
    n_classes = require_one_answer(model)
    require_trees(model, model.estimators_)
    arrays = arrays_of(model.estimators_, n_classes)
    arrays["columns"] = np.array(model.estimators_features_, dtype=np.int64)
    dump = GivenTrees(_SOURCE, {"n_classes": n_classes}, arrays)
    return subject_of(model, dump, feature_names, class_labels)
