"""Convert a perceptron to a pipeline of imputer, scaler and network."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import NetworkLearner

_ACTIVATIONS = {"relu": "RELU", "tanh": "TANH", "logistic": "SIGMOID"}


@register_converter(NetworkLearner, tolerance=1e-5)
def convert_network(subject: Subject) -> Any:
    """Return the spec of a pipelineClassifier with one double input per feature."""
    learner: NetworkLearner = subject.learner
    stages, last = input_stages(learner, subject)
    builder = classifier_builder([(last, learner.n_features)])
    builder.add_softmax("softmax", add_dense_layers(builder, learner, last), PROBABILITIES)
    return pipeline_of(subject, [*stages, finished(builder, subject.answers.labels)])


def input_features(subject: Subject) -> list[tuple[str, Any]]:
    """Return the inputs as coremltools' builders take them: a Double, or a String or Int64."""
    types = coremltools().models.datatypes
    kinds = {float: types.Double(), str: types.String(), int: types.Int64()}
    return [
        (spec.name, kinds[float if domain is None else type(domain[0])])
        for spec, domain in zip(subject.specs, subject.domains, strict=True)
    ]


def stage_prefix(subject: Subject) -> str:
    """Return a prefix for outputs of stages with which no feature name begins."""
    prefix = "stage_"
    while any(spec.name.startswith(prefix) for spec in subject.specs):
        prefix += "_"
    return prefix


def input_stages(learner: NetworkLearner, subject: Subject) -> tuple[list[Any], str]:
    """Return the stages before the layers of a network, and the name of their output vector."""
    prefix = stage_prefix(subject)
    last = prefix + "features"
    stages = [vectorizer(input_features(subject), last)]
    if subject.allows_missing:
        stages.append(imputer(learner.medians, last, prefix + "imputed"))
        last = prefix + "imputed"
    if np.any(learner.mean != 0) or np.any(learner.scale != 1):
        stages.append(_scaler(learner.mean, learner.scale, last, prefix + "scaled"))
        last = prefix + "scaled"
    return stages, last


def vectorizer(inputs: list[tuple[str, Any]], target: str) -> Any:
    """Return the spec of a featureVectorizer."""
    made = coremltools().models.feature_vectorizer.create_feature_vectorizer(inputs, target)
    return made[0] if isinstance(made, tuple) else made


def pipeline_of(subject: Subject, stages: list[Any]) -> Any:
    """Return the spec of a pipelineClassifier; its last stage is a classifier."""
    return pipeline_builder(subject, stages).spec


def pipeline_builder(subject: Subject, stages: list[Any]) -> Any:
    """Return the builder of a pipelineClassifier that has its stages."""
    pipeline = coremltools().models.pipeline.PipelineClassifier(
        input_features(subject), subject.answers.labels, [LABEL, PROBABILITIES]
    )
    for stage in stages:
        pipeline.add_model(stage)
    return pipeline


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


def imputer(numbers: np.ndarray, source: str, target: str, missing: float = float("nan")) -> Any:
    """Return the spec of an imputer that replaces what is missing, column by column."""
    spec = _stage(source, target, len(numbers))
    spec.imputer.replaceDoubleValue = missing
    spec.imputer.imputedDoubleArray.vector.extend(map(float, numbers))
    return spec


def _scaler(mean: np.ndarray, scale: np.ndarray, source: str, target: str) -> Any:
    spec = _stage(source, target, len(mean))
    spec.scaler.shiftValue.extend(-float(m) for m in mean)
    spec.scaler.scaleValue.extend(map(float, scale))
    return spec


def classifier_builder(inputs: list[tuple[str, int]]) -> Any:
    """Return the builder of a neuralNetworkClassifier of vectors, by name and length."""
    ct = coremltools()
    return ct.models.neural_network.NeuralNetworkBuilder(
        [(name, ct.models.datatypes.Array(length)) for name, length in inputs],
        [(PROBABILITIES, None)],
        mode="classifier",
    )


def add_dense_layers(
    builder: Any, learner: NetworkLearner, source: str, target: str | None = None
) -> str:
    """Add the layers of a perceptron and return the name of its outputs, one per class."""
    # Also for two classes: the loss of an updatable model takes a softmax.
    learner = learner.with_two_outputs()
    weights, biases = learner.weights, learner.biases
    last = source
    for number, (weight, bias) in enumerate(zip(weights, biases, strict=True), start=1):
        name = f"dense_{number}"
        output = target if target and number == len(weights) else name
        builder.add_inner_product(
            name,
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
    return last


def finished(builder: Any, labels: list[Any]) -> Any:
    """Return the spec of a classifier whose last layer gives the probabilities."""
    builder.set_class_labels(labels, predicted_feature_name=LABEL, prediction_blob=PROBABILITIES)
    return builder.spec
