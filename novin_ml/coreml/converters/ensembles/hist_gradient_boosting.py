"""Histogram gradient boosting of scikit-learn: leaves as they are, from a baseline on.

A missing value goes the way that each node learnt. A count, or a positive value, is the exponential
of the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.converters.ensembles.ensemble import Ensemble, register_source
from novin_ml.coreml.converters.ensembles.sklearn_trees import (
    OF_THE_LARGEST,
    require_one_answer,
    subject_of,
)
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import NotExportableError

_SOURCE = "sklearn.hist_gradient_boosting"
_REFUSED = "categorical features, of which Core ML's trees have no split"
_FIELDS = ("left", "right", "feature_idx", "num_threshold", "missing_go_to_left", "is_leaf")
#: Losses whose value is an exponential.
_POSITIVE = ("poisson", "gamma")


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    facts, arrays = dump.facts, dump.arrays
    is_leaf = arrays["is_leaf"].astype(bool)
    base = np.array(facts["baseline"], dtype=np.float64)
    link = "none"
    if facts["n_classes"]:
        link = "logistic" if len(base) == 1 else "softmax"
    elif facts["loss"] in _POSITIVE:
        link = "exponential"
    return Ensemble(
        sizes=arrays["sizes"],
        left=np.where(is_leaf, -1, arrays["left"].astype(np.int64)),
        right=np.where(is_leaf, -1, arrays["right"].astype(np.int64)),
        feature=arrays["feature_idx"],
        threshold=np.where(is_leaf, 0, arrays["num_threshold"]),
        missing_left=arrays["missing_go_to_left"].astype(bool),
        value=arrays["value"],
        base=base,
        output=np.arange(len(arrays["sizes"])) % len(base),
        link=link,
    )


@register_parser(
    "sklearn.HistGradientBoostingClassifier",
    form="tree ensemble with a sigmoid, or with a softmax over the classes",
    refused=_REFUSED,
)
@register_parser(
    "sklearn.HistGradientBoostingRegressor",
    form="tree ensemble; with loss='poisson' and 'gamma', and its exponential",
    tolerance=f"{OF_THE_LARGEST}; 1e-5 of the value",
    refused=_REFUSED,
)
def parse_hist_gradient_boosting(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted HistGradientBoostingClassifier or HistGradientBoostingRegressor."""
    n_classes = require_one_answer(model)
    if model.is_categorical_ is not None and np.any(model.is_categorical_):
        raise NotExportableError(
            f"A {type(model).__name__} must have numeric features. "
            f"Got categorical ones, {np.flatnonzero(model.is_categorical_).tolist()}. "
            "Encode categories as numbers, and train with categorical_features=None."
        )
    trees = [tree for iteration in model._predictors for tree in iteration]
    arrays = {name: np.concatenate([tree.nodes[name] for tree in trees]) for name in _FIELDS}
    arrays["value"] = np.concatenate([tree.nodes["value"] for tree in trees])
    arrays["sizes"] = np.array([len(tree.nodes) for tree in trees], dtype=np.int32)
    facts = {
        "n_classes": n_classes,
        "loss": model.loss,
        "baseline": np.ravel(model._baseline_prediction).tolist(),
    }
    dump = GivenTrees(_SOURCE, facts, arrays)
    return subject_of(model, dump, feature_names, class_labels)
