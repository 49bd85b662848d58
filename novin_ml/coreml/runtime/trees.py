"""Tree ensembles: treeEnsembleClassifier and treeEnsembleRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from novin_ml.coreml.runtime.forest import Forest
from novin_ml.coreml.runtime.spec import (
    Features,
    class_labels,
    classifier_outputs,
    columns,
    input_features,
    predicted_name,
    softmax,
)
from novin_ml.coreml.runtime.tree_nodes import read_forest
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural

# TreeEnsemblePostEvaluationTransform of TreeEnsemble.proto.
_TRANSFORMS = (
    "NoTransform",
    "Classification_SoftMax",
    "Regression_Logistic",
    "Classification_SoftMaxWithZeroClassReference",
)


class _TreeEnsemble:
    """The sum of the leaves that a row reaches and of the base prediction.

    Features are numbered through the inputs in their order. They are rounded to float32 and then
    compared with the double in the model; leaves are added in float64.
    """

    def __init__(self, spec: Any):
        inputs = input_features(spec.description)
        message = getattr(spec, spec.WhichOneof("Type"))
        self._description = spec.description
        self._names = tuple(feature.name for feature in inputs)
        self.forest = read_forest(message.treeEnsemble, sum(feature.width for feature in inputs))
        self._n_dimensions = len(self.forest.base)
        self._transform = _TRANSFORMS[message.postEvaluationTransform]

    def watch(self) -> list[Forest]:
        """Make the trees record the leaves that rows reach; return them."""
        self.forest = self.forest.watched()
        return [self.forest]

    def _sums(self, features: Features) -> NDArray[np.float64]:
        return self.forest.sums(columns(features, self._names).astype(np.float32))

    def _apply(self, sums: NDArray[np.float64]) -> NDArray[np.floating[Any]]:
        if self._transform == "Regression_Logistic":
            return np.asarray(expit(sums))
        return softmax(sums) if self._transform == "Classification_SoftMax" else sums


class TreeEnsembleRegressor(_TreeEnsemble):
    """A treeEnsembleRegressor; the transform is applied to each row's vector of sums."""

    classes = None

    def __init__(self, spec: Any):
        super().__init__(spec)
        if self._transform == "Classification_SoftMaxWithZeroClassReference":
            raise UnsupportedModelError(
                "postEvaluationTransform of a treeEnsembleRegressor must be NoTransform, "
                f"Regression_Logistic or Classification_SoftMax. Got {self._transform} instead; "
                "make it a treeEnsembleClassifier."
            )
        self._name = predicted_name(spec.description)

    def __call__(self, features: Features) -> Features:
        """Return the predicted values, one column per prediction dimension."""
        return {self._name: self._apply(self._sums(features))}


class TreeEnsembleClassifier(_TreeEnsemble):
    """A treeEnsembleClassifier.

    With one prediction dimension and two labels the value belongs to the second label: the first
    has one minus its probability. Otherwise there are as many dimensions as labels, or one less
    where the first label is the reference, whose sum is zero. Labels default to 0, 1, ...
    """

    classes: NDArray[Any]

    def __init__(self, spec: Any):
        super().__init__(spec)
        labels = class_labels(spec.treeEnsembleClassifier)
        if labels is None or len(labels) == 0:
            labels = np.arange(max(2, self._n_dimensions))
        self.classes = labels
        self._binary = self._n_dimensions == 1 and len(labels) == 2
        self._zero_reference = self._transform == "Classification_SoftMaxWithZeroClassReference"
        self._check_dimensions()

    def _check_dimensions(self) -> None:
        n_labels = len(self.classes)
        if self._binary and self._transform == "Classification_SoftMax":
            raise UnsupportedModelError(
                "postEvaluationTransform of a tree ensemble with one dimension and two labels must "
                "not be Classification_SoftMax, of which one value is always 1; use "
                "Regression_Logistic."
            )
        expected = n_labels - 1 if self._zero_reference or self._binary else n_labels
        if self._n_dimensions != expected:
            raise UnsupportedModelError(
                f"A tree ensemble with {plural(n_labels, 'label')} and {self._transform} must have "
                f"{plural(expected, 'prediction dimension')}. Got {self._n_dimensions} instead; "
                "repair the "
                "labels or numPredictionDimensions."
            )

    def __call__(self, features: Features) -> Features:
        """Return label and class probabilities."""
        sums = self._sums(features)
        if self._zero_reference:
            scores = softmax(np.hstack([np.zeros((len(sums), 1)), sums]))
        elif self._binary:
            second = self._apply(sums)
            scores = np.hstack([1 - second, second])
        else:
            scores = self._apply(sums)
        return classifier_outputs(self._description, self.classes, scores)
