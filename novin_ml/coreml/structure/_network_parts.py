"""Parts of a spec with a network: what is before it, its layers, and what reads its outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.structure._parts import (
    add_array,
    add_layer,
    add_number,
    new_model,
    new_vectorizer,
)
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import NetworkLearner

_ACTIVATIONS = {"relu": "ReLU", "tanh": "tanh", "logistic": "sigmoid"}


def extractor(source: str, target: str) -> Any:
    """Return the spec of the first number of an array."""
    extractor = new_model()
    add_array(extractor.description.input, source, 1)
    add_number(extractor.description.output, target)
    extractor.arrayFeatureExtractor.extractIndex.append(0)
    return extractor


def before_network(learner: NetworkLearner, subject: Subject, prefix: str) -> tuple[list[Any], str]:
    """Return the stages before a network, and the name of the vector that it reads."""
    last = f"{prefix}features"
    stages = [new_vectorizer([feature.name for feature in subject.specs], last)]
    width = len(subject.specs)
    if subject.allows_missing:
        stage, last = between(last, f"{prefix}imputed", width), f"{prefix}imputed"
        stage.imputer.replaceDoubleValue = float("nan")
        stage.imputer.imputedDoubleArray.vector.extend(learner.medians.tolist())
        stages.append(stage)
    if np.any(learner.mean != 0) or np.any(learner.scale != 1):
        stage, last = between(last, f"{prefix}scaled", width), f"{prefix}scaled"
        stage.scaler.shiftValue.extend((-learner.mean).tolist())
        stage.scaler.scaleValue.extend(learner.scale.tolist())
        stages.append(stage)
    return stages, last


def between(source: str, target: str, width: int) -> Any:
    """Return a stage from one vector to another of the same length; its type is not set."""
    stage = new_model()
    add_array(stage.description.input, source, width)
    add_array(stage.description.output, target, width)
    return stage


def add_dense(network: Any, learner: NetworkLearner, source: str, target: str | None = None) -> str:
    """Add a perceptron's layers; return the name of its outputs."""
    n_layers = len(learner.weights)
    for number, (weight, bias) in enumerate(
        zip(learner.weights, learner.biases, strict=True), start=1
    ):
        name = f"dense_{number}"
        # Of two classes, one output stands for the logits 0 and z.
        n_zeros = int(number == n_layers and bias.size == 1 and learner.n_classes == 2)
        output = target if target and number == n_layers else name
        layer = add_layer(network, name, [source], output).innerProduct
        layer.inputChannels = weight.shape[0]
        layer.outputChannels = weight.shape[1] + n_zeros
        layer.hasBias = True
        # One output after the other.
        columns = np.ravel(weight, order="F").tolist()
        layer.weights.floatValue.extend([0.0] * n_zeros * weight.shape[0] + columns)
        layer.bias.floatValue.extend([0.0] * n_zeros + bias.tolist())
        source = output
        if number < n_layers and learner.activation != "identity":
            source = f"activation_{number}"
            activation = add_layer(network, source, [name], source).activation
            getattr(activation, _ACTIVATIONS[learner.activation]).SetInParent()
    return source
