"""Features, labels and stages, which the parts of the runtime share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from novin_ml.exceptions import UnsupportedModelError

# Values of named features for n rows: numbers of shape (n, width), labels of shape (n,).
Features = dict[str, NDArray[Any]]


class Stage(Protocol):
    """A model ready to be evaluated; a pipeline is a stage made of stages."""

    @property
    def classes(self) -> NDArray[Any] | None:
        """Class labels; None if the stage is not a classifier."""
        ...

    def __call__(self, features: Features) -> Features:
        """Compute the outputs, by name, from features that include the inputs."""
        ...


@dataclass(frozen=True)
class InputFeature:
    """An input: its name, its number of values, whether it is a MultiArray, and its type."""

    name: str
    width: int
    is_array: bool
    kind: str = "doubleType"


def input_features(description: Any) -> tuple[InputFeature, ...]:
    """Return the inputs of a model in its order."""
    return tuple(_input_feature(feature) for feature in description.input)


def _input_feature(feature: Any) -> InputFeature:
    kind = feature.type.WhichOneof("Type")
    if kind in ("doubleType", "int64Type", "stringType"):
        return InputFeature(feature.name, 1, is_array=False, kind=kind)
    if kind == "multiArrayType" and feature.type.multiArrayType.shape:
        width = math.prod(feature.type.multiArrayType.shape)
        return InputFeature(feature.name, width, is_array=True)
    raise UnsupportedModelError(
        f"Input {feature.name!r} must be a Double, Int64, String or a MultiArray of known shape "
        f"for the reference runtime. Got {kind} instead; evaluate this model with Core ML itself."
    )


def only_name(features: Any, role: str) -> str:
    """Return the name of the single input or output of a model that must have exactly one."""
    if len(features) != 1:
        names = [feature.name for feature in features]
        raise UnsupportedModelError(f"The model must have exactly one {role}. Got {names} instead.")
    return str(features[0].name)


def predicted_name(description: Any) -> str:
    """Return the name of the output that holds the label or the predicted value."""
    if not description.predictedFeatureName:
        raise UnsupportedModelError(
            "A classifier or regressor must name its prediction. Got a model without "
            "predictedFeatureName; set it in the model's description."
        )
    return str(description.predictedFeatureName)


def class_labels(classifier: Any) -> NDArray[Any] | None:
    """Return the labels of a classifier in its order, as text or int64; None if it has none."""
    which = classifier.WhichOneof("ClassLabels")
    if which is None:
        return None
    labels = list(getattr(classifier, which).vector)
    return np.array(labels, dtype=np.int64 if which == "int64ClassLabels" else np.str_)


def classifier_outputs(
    description: Any, classes: NDArray[Any], probabilities: NDArray[np.floating[Any]]
) -> Features:
    """Return label and probabilities of each row; of equally probable classes, the first counts."""
    outputs = {predicted_name(description): classes[np.argmax(probabilities, axis=1)]}
    if description.predictedProbabilitiesName:
        outputs[description.predictedProbabilitiesName] = probabilities.astype(np.float64)
    return outputs


def require_made(names: Iterable[str], features: Features, what: str) -> None:
    """Raise UnsupportedModelError unless a model computed these outputs."""
    absent = [name for name in names if name not in features]
    if absent:
        raise UnsupportedModelError(
            f"Outputs of {what} must be what it computes, {sorted(features)}. "
            f"Got {absent[0]!r}; repair the names in the model's description."
        )


def columns(features: Features, names: tuple[str, ...]) -> NDArray[Any]:
    """Return features side by side, of shape (n, sum of their widths)."""
    return features[names[0]] if len(names) == 1 else np.hstack([features[name] for name in names])


def softmax(values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """Return the exponentials of each row, divided by their sum."""
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
