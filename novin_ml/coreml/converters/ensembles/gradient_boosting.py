"""Gradient boosting of scikit-learn: leaves times the learning rate, from a prior on.

The logistic loss has a sigmoid of the sum, the exponential loss one of twice the sum; of three and
more classes, a softmax.
"""

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
    subject_of,
)
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import shown

_SOURCE = "sklearn.gradient_boosting"
_REFUSED = "init=estimator, which Core ML's trees cannot begin with"


@register_source(_SOURCE)
def _ensemble(dump: GivenTrees) -> Ensemble:
    facts, n_classes = dump.facts, dump.facts["n_classes"]
    n_outputs = n_classes if n_classes > 2 else 1
    base = np.zeros(n_outputs)
    if facts["prior"] is not None:
        base = np.array(facts["prior"], dtype=np.float64)
    if facts["prior"] is not None and n_classes:
        tiny = np.finfo(np.float64).eps
        logs = np.log(np.clip(base, tiny, 1 - tiny))
        base = logs[1:] - np.log(1 - np.clip(base[1:], tiny, 1 - tiny))
        if n_classes > 2:
            base = logs - logs.mean()
    rate = facts["learning_rate"] * (2 if facts["loss"] == "exponential" else 1)
    link = ("softmax" if n_classes > 2 else "logistic") if n_classes else "none"
    n_trees = len(dump.arrays["sizes"])
    value = dump.arrays["value"].ravel() * rate
    return ensemble_of(dump, value, base, np.arange(n_trees) % n_outputs, link)


@register_parser(
    "sklearn.GradientBoostingClassifier",
    form="tree ensemble with a sigmoid, or with a softmax over the classes",
    refused=_REFUSED,
)
@register_parser(
    "sklearn.GradientBoostingRegressor",
    form="tree ensemble",
    tolerance=OF_THE_LARGEST,
    refused=_REFUSED,
)
def parse_gradient_boosting(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted GradientBoostingClassifier or GradientBoostingRegressor of any loss."""
    n_classes = require_one_answer(model)
    name = type(model).__name__
    if model.init is not None and model.init != "zero":
        raise NotExportableError(
            f"A {name} must begin with a prior, init=None or init='zero'. "
            f"Got init={shown(model.init)}. Train without init, or export the trees of both."
        )
    prior = None
    if model.init is None:
        init = model.init_
        prior = np.ravel(init.class_prior_ if n_classes else init.constant_).tolist()
    facts = {
        "n_classes": n_classes,
        "learning_rate": float(model.learning_rate),
        "loss": model.loss,
        "prior": prior,
    }
    dump = GivenTrees(_SOURCE, facts, arrays_of(model.estimators_.ravel()))
    return subject_of(model, dump, feature_names, class_labels)
