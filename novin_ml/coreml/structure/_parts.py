"""Parts of a spec, written without coremltools' builders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.subject import Subject

#: Specifications before 2 are read by every version of Core ML.
_VERSION = 1


def new_model() -> Any:
    """Return a spec without inputs, outputs and type."""
    spec = coremltools().proto.Model_pb2.Model()
    spec.specificationVersion = _VERSION
    spec.description.SetInParent()
    return spec


def add_number(features: Any, name: str) -> None:
    """Add a Double to the inputs or outputs of a spec."""
    feature = features.add()
    feature.name = name
    feature.type.doubleType.SetInParent()


def add_array(features: Any, name: str, width: int) -> None:
    """Add a vector to the inputs or outputs of a spec."""
    feature = features.add()
    feature.name = name
    feature.type.multiArrayType.shape.append(width)
    types = coremltools().proto.FeatureTypes_pb2.ArrayFeatureType
    feature.type.multiArrayType.dataType = types.DOUBLE


def add_inputs(spec: Any, subject: Subject) -> None:
    """Add the inputs of a subject."""
    for feature, domain in zip(subject.specs, subject.domains, strict=True):
        if domain is None:
            add_number(spec.description.input, feature.name)
            continue
        typed = spec.description.input.add()
        typed.name = feature.name
        is_text = isinstance(domain[0], str)
        (typed.type.stringType if is_text else typed.type.int64Type).SetInParent()


def add_class_outputs(spec: Any, labels: Sequence[Any], *, label_first: bool = True) -> None:
    """Add a label and probabilities to the outputs."""
    description = spec.description
    for name in (LABEL, PROBABILITIES) if label_first else (PROBABILITIES, LABEL):
        feature = description.output.add()
        feature.name = name
        kind = feature.type if name == LABEL else feature.type.dictionaryType
        if isinstance(labels[0], str):
            key = kind.stringType if name == LABEL else kind.stringKeyType
        else:
            key = kind.int64Type if name == LABEL else kind.int64KeyType
        key.SetInParent()
    description.predictedFeatureName = LABEL
    description.predictedProbabilitiesName = PROBABILITIES


def set_labels(message: Any, labels: Sequence[Any]) -> None:
    """Write class labels into a classifier."""
    is_text = isinstance(labels[0], str)
    vector = message.stringClassLabels if is_text else message.int64ClassLabels
    vector.vector.extend(labels)


def own_prefix(subject: Subject) -> str:
    """Return a prefix with which no input begins."""
    prefix = "stage_"
    while any(feature.name.startswith(prefix) for feature in subject.specs):
        prefix += "_"
    return prefix


def new_vectorizer(names: Sequence[str], target: str) -> Any:
    """Return a stage that makes a vector of numbers."""
    stage = new_model()
    for name in names:
        add_number(stage.description.input, name)
        column = stage.featureVectorizer.inputList.add()
        column.inputColumn, column.inputDimensions = name, 1
    add_array(stage.description.output, target, len(names))
    return stage


def add_layer(network: Any, name: str, sources: Sequence[str], target: str) -> Any:
    """Add a layer and return it; its type is not set."""
    layer = network.layers.add()
    layer.name = name
    layer.input.extend(sources)
    layer.output.append(target)
    return layer


def add_softmax(network: Any, name: str, source: str, target: str) -> None:
    """Add a softmax."""
    add_layer(network, name, [source], target).softmax.SetInParent()


def add_linear(
    network: Any, name: str, source: str, target: str, alpha: float, beta: float
) -> None:
    """Add ``alpha x + beta``."""
    linear = add_layer(network, name, [source], target).activation.linear
    linear.SetInParent()
    linear.alpha, linear.beta = alpha, beta
