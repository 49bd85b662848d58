"""The perceptron: a pipeline of imputer, scaler and network, from coremltools' builders."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.interface import LABEL, PROBABILITIES
from novin_ml.coreml.registry import register_converter
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import NetworkLearner

_ACTIVATIONS = {"relu": "RELU", "tanh": "TANH", "logistic": "SIGMOID"}


@register_converter(NetworkLearner, tolerance=1e-5)
def convert_network(subject: Subject) -> Any:
    """Return the spec of a pipelineClassifier with one double input per feature."""
    ct = coremltools()
    learner: NetworkLearner = subject.learner
    inputs = [(spec.name, ct.models.datatypes.Double()) for spec in subject.specs]
    # Names of the stages' outputs must not be those of a feature.
    prefix = "stage_"
    while any(spec.name.startswith(prefix) for spec in subject.specs):
        prefix += "_"
    vector = ct.models.feature_vectorizer.create_feature_vectorizer(inputs, prefix + "features")
    stages = [vector[0] if isinstance(vector, tuple) else vector]
    last = prefix + "features"
    if subject.allows_missing:
        stages.append(_imputer(learner.medians, last, prefix + "imputed"))
        last = prefix + "imputed"
    if np.any(learner.mean != 0) or np.any(learner.scale != 1):
        stages.append(_scaler(learner.mean, learner.scale, last, prefix + "scaled"))
        last = prefix + "scaled"
    stages.append(_network(learner, subject.labels, last))
    pipeline = ct.models.pipeline.PipelineClassifier(inputs, subject.labels, [LABEL, PROBABILITIES])
    for stage in stages:
        pipeline.add_model(stage)
    return pipeline.spec


def _stage(source: str, target: str, width: int) -> Any:
    """A spec from one vector to another."""
    ct = coremltools()
    spec = ct.proto.Model_pb2.Model()
    spec.specificationVersion = ct.SPECIFICATION_VERSION
    for side, name in ((spec.description.input, source), (spec.description.output, target)):
        feature = side.add()
        feature.name = name
        feature.type.multiArrayType.shape.append(width)
        feature.type.multiArrayType.dataType = ct.proto.FeatureTypes_pb2.ArrayFeatureType.DOUBLE
    return spec


def _imputer(medians: np.ndarray, source: str, target: str) -> Any:
    spec = _stage(source, target, len(medians))
    spec.imputer.replaceDoubleValue = float("nan")
    spec.imputer.imputedDoubleArray.vector.extend(map(float, medians))
    return spec


def _scaler(mean: np.ndarray, scale: np.ndarray, source: str, target: str) -> Any:
    spec = _stage(source, target, len(mean))
    spec.scaler.shiftValue.extend(-float(m) for m in mean)
    spec.scaler.scaleValue.extend(map(float, scale))
    return spec


def _network(learner: NetworkLearner, labels: list[Any], source: str) -> Any:
    ct = coremltools()
    builder = ct.models.neural_network.NeuralNetworkBuilder(
        [(source, ct.models.datatypes.Array(learner.n_features))],
        [(PROBABILITIES, None)],
        mode="classifier",
    )
    weights, biases = list(learner.weights), list(learner.biases)
    if learner.n_classes == 2:
        # Two logits, 0 and z: the loss of an updatable model takes a softmax.
        weights[-1] = np.hstack([np.zeros_like(weights[-1]), weights[-1]])
        biases[-1] = np.concatenate([np.zeros_like(biases[-1]), biases[-1]])
    last = source
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        output = f"dense_{number}"
        builder.add_inner_product(
            output,
            weight.T,
            bias,
            *weight.shape,
            has_bias=True,
            input_name=last,
            output_name=output,
        )
        last = output
        if number < len(weights) and learner.activation != "identity":
            name = f"activation_{number}"
            builder.add_activation(name, _ACTIVATIONS[learner.activation], last, name)
            last = name
    builder.add_softmax("softmax", last, PROBABILITIES)
    builder.set_class_labels(labels, predicted_feature_name=LABEL, prediction_blob=PROBABILITIES)
    return builder.spec
