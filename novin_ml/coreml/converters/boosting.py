"""Convert boosted trees by the converter of coremltools, and repair the result.

``coremltools.converters.xgboost.convert`` was last tested with xgboost 1.4. It leaves the intercept
out, takes the class of a tree from its position, and carries a training statistic in every node.
To avoid its other faults, it gets a copy without names that holds only the rounds of the model.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.estimators.learners.calibration import probabilities_of

_ROUNDS_AT_ONCE = 8


def added_in_float64(learner: BoostingLearner, X: np.ndarray) -> np.ndarray:
    """Return the probabilities of a booster, adding its trees a few rounds at a time.

    xgboost adds all leaves in float32. After some hundred rounds, the rounding alone may exceed the
    tolerance.
    """
    booster, n_classes = learner.booster, learner.n_classes
    width = 1 if n_classes == 2 else n_classes
    margins = np.tile(intercept(booster, n_classes), (len(X), 1))
    rounds = booster.num_boosted_rounds()
    for first in range(0, rounds, _ROUNDS_AT_ONCE):
        margins += booster.inplace_predict(
            X,
            iteration_range=(first, min(first + _ROUNDS_AT_ONCE, rounds)),
            predict_type="margin",
            base_margin=np.zeros((len(X), width), dtype=np.float32),
        ).reshape(margins.shape)
    return probabilities_of(learner.calibration(margins))


@register_converter(BoostingLearner, tolerance=1e-6, exact=added_in_float64, compares_only=True)
def convert_boosting(subject: Subject) -> Any:
    """Return the spec of a treeEnsembleClassifier with one double input per feature."""
    learner: BoostingLearner = subject.learner
    booster = learner.booster.copy()
    booster.feature_names = None
    booster.feature_types = None
    names = [spec.name for spec in subject.specs]
    converted = coremltools().converters.xgboost.convert(
        booster,
        feature_names=names,
        target=LABEL,
        mode="classifier",
        class_labels=list(subject.answers.labels),
        n_classes=learner.n_classes,
    )
    spec = converted.get_spec()
    ensemble = spec.treeEnsembleClassifier.treeEnsemble
    del ensemble.basePredictionValue[:]
    calibration = learner.calibration
    base = np.array(intercept(learner.booster, learner.n_classes))
    ensemble.basePredictionValue.extend(calibration(base).tolist())
    model = json.loads(learner.booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    tree_class = model["tree_info"]
    for node in ensemble.nodes:
        node.ClearField(
            "relativeHitRate"
        )  # "no effect on the accuracy" (TreeEnsemble.proto), a third of the bytes
        for leaf in node.evaluationInfo:
            leaf.evaluationIndex = tree_class[node.treeId]
            leaf.evaluationValue *= float(calibration.scale)
    spec.description.predictedProbabilitiesName = PROBABILITIES
    return spec


def intercept(booster: Any, n_classes: int) -> list[float]:
    """Return the fitted intercept as margins: one for two classes, otherwise one per class.

    xgboost stores a probability for two classes, and a list since 3.1. The link is computed in
    float32, as in xgboost.
    """
    param = json.loads(booster.save_config())["learner"]["learner_model_param"]
    values = np.atleast_1d(np.array(json.loads(param["base_score"]), dtype=np.float32))
    if n_classes == 2:
        one = np.float32(1)
        with np.errstate(divide="ignore"):
            return [float(-np.log(one / values[0] - one))]
    return [float(value) for value in np.broadcast_to(values, n_classes)]
