"""Generalized linear models: glmClassifier and glmRegressor, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from novin_ml.coreml.runtime.spec import (
    Features,
    class_labels,
    classifier_outputs,
    columns,
    input_features,
    predicted_name,
)
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural

_NO_TRANSFORM, _LOGIT = 0, 1  # GLMRegressor.PostEvaluationTransform
_CLASSIFIER_LOGIT, _ONE_VS_REST = 0, 1  # of GLMClassifier


class _Linear:
    """``weights x + offset``, one sum for each vector of weights."""

    def __init__(self, spec: Any):
        inputs = input_features(spec.description)
        message = getattr(spec, spec.WhichOneof("Type"))
        self._description = spec.description
        self._names = tuple(feature.name for feature in inputs)
        width = sum(feature.width for feature in inputs)
        lengths = {len(each.value) for each in message.weights}
        if lengths != {width} or len(message.offset) != len(message.weights):
            raise UnsupportedModelError(
                f"A generalized linear model must have {plural(width, 'weight')} for each offset. "
                f"Got {sorted(lengths)} for {plural(len(message.offset), 'offset')}; repair the "
                "model that was read."
            )
        self._weights = np.array([each.value for each in message.weights], dtype=np.float64)
        self._offset = np.array(message.offset, dtype=np.float64)

    def _sums(self, features: Features) -> NDArray[np.float64]:
        x = columns(features, self._names).astype(np.float64)
        return np.asarray(x @ self._weights.T + self._offset)


class GLMRegressor(_Linear):
    """A glmRegressor: its sums, or their logistic function."""

    classes = None

    def __init__(self, spec: Any):
        super().__init__(spec)
        self._transform = spec.glmRegressor.postEvaluationTransform
        if self._transform not in (_NO_TRANSFORM, _LOGIT):
            raise UnsupportedModelError(
                "postEvaluationTransform of a glmRegressor must be NoTransform or Logit for the "
                "reference runtime. Got Probit; evaluate this model with Core ML itself."
            )
        self._name = predicted_name(spec.description)

    def __call__(self, features: Features) -> Features:
        """Return the predicted values, one column for each vector of weights."""
        sums = self._sums(features)
        return {self._name: np.asarray(expit(sums)) if self._transform == _LOGIT else sums}


class GLMClassifier(_Linear):
    """A glmClassifier of two classes, one against the rest: the sum is that of the second class.

    What the specification does not settle, more classes and the encoding by a reference class, is
    refused.
    """

    classes: NDArray[Any]

    def __init__(self, spec: Any):
        super().__init__(spec)
        message = spec.glmClassifier
        labels = class_labels(message)
        known = (
            message.postEvaluationTransform == _CLASSIFIER_LOGIT
            and message.classEncoding == _ONE_VS_REST
            and labels is not None
            and len(labels) == 2
            and len(self._offset) == 1
        )
        if not known or labels is None:
            raise UnsupportedModelError(
                "A glmClassifier must have two labels, one vector of weights, OneVsRest and Logit "
                "for the reference runtime. Got another; evaluate this model with Core ML itself."
            )
        self.classes = labels

    def __call__(self, features: Features) -> Features:
        """Return label and class probabilities."""
        sums = self._sums(features)
        return classifier_outputs(
            self._description, self.classes, np.hstack([expit(-sums), expit(sums)])
        )
