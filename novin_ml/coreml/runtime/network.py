"""Neural networks: neuralNetwork, neuralNetworkClassifier and neuralNetworkRegressor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.runtime.layers import Layer, build_layer
from novin_ml.coreml.runtime.spec import (
    Features,
    class_labels,
    classifier_outputs,
    input_features,
)
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural

_EXACT_ARRAY_MAPPING = 1


class NeuralNetwork:
    """Layers in the order of the specification, each row a vector, all in float32.

    An input of shape ``(C,)`` is a vector of channels by the default mapping to rank 5, and a
    tensor of rank 1 by the exact mapping of specification 4; other shapes must have one axis
    longer than 1.
    """

    classes: NDArray[Any] | None = None

    def __init__(self, spec: Any):
        self._network = getattr(spec, spec.WhichOneof("Type"))
        if self._network.preprocessing:
            raise UnsupportedModelError(
                "A neural network must have no image preprocessing for the reference runtime; "
                "evaluate this model with Core ML itself."
            )
        self._inputs = [feature.name for feature in input_features(spec.description)]
        self._outputs = self._output_blobs(spec.description)
        rank, axis = _layout(self._network, spec.description)
        known = set(self._inputs)
        self._layers: list[tuple[Layer, list[str], list[str]]] = []
        for layer in self._network.layers:
            _require(layer.input, known, f"Layer {layer.name!r}")
            known.update(layer.output)
            function = build_layer(layer, rank, axis)
            self._layers.append((function, list(layer.input), list(layer.output)))
        _require(self._outputs, known, "The network")

    def _output_blobs(self, description: Any) -> list[str]:
        return [output.name for output in description.output]

    def _run(self, features: Features) -> Features:
        blobs = {name: features[name].astype(np.float32) for name in self._inputs}
        for function, inputs, outputs in self._layers:
            try:
                result = function(*[blobs[name] for name in inputs])
            except ValueError as error:
                raise UnsupportedModelError(
                    f"The layer that computes {outputs[0]!r} must fit its inputs. "
                    f"Got sizes {[blobs[name].shape[1] for name in inputs]} instead; "
                    "repair the network that was read."
                ) from error
            blobs.update(zip(outputs, result if len(outputs) > 1 else [result], strict=True))
        return {name: blobs[name] for name in self._outputs}

    def __call__(self, features: Features) -> Features:
        """Return the blobs that are outputs."""
        return self._run(features)


class NeuralNetworkClassifier(NeuralNetwork):
    """A network with a blob that holds the probabilities of the classes."""

    classes: NDArray[Any]

    def __init__(self, spec: Any):
        super().__init__(spec)
        labels = class_labels(self._network)
        if labels is None:
            raise UnsupportedModelError(
                "A neuralNetworkClassifier must have class labels. Got none; set its "
                "stringClassLabels or int64ClassLabels."
            )
        self.classes = labels
        self._description = spec.description

    def _output_blobs(self, description: Any) -> list[str]:
        """Return the blob of the probabilities, by default the last one, and the other outputs."""
        network = self._network
        own = (description.predictedFeatureName, description.predictedProbabilitiesName)
        others = [output.name for output in description.output if output.name not in own]
        self._probabilities = network.labelProbabilityLayerName or network.layers[-1].output[0]
        return [self._probabilities, *others]

    def __call__(self, features: Features) -> Features:
        """Return the label, the class probabilities and the other outputs."""
        outputs = self._run(features)
        scores = outputs.pop(self._probabilities)
        if scores.shape[1] != len(self.classes):
            raise UnsupportedModelError(
                f"A neuralNetworkClassifier with {plural(len(self.classes), 'label')} must "
                "compute as many "
                f"probabilities. Got {scores.shape[1]} instead; repair its labels or its layers."
            )
        return outputs | classifier_outputs(self._description, self.classes, scores)


def _layout(network: Any, description: Any) -> tuple[int, int]:
    """Rank of the tensors and the negative axis of the vectors, the same for all inputs."""
    layouts = set()
    for feature in description.input:
        shape = list(feature.type.multiArrayType.shape) or [1]
        if network.arrayInputShapeMapping != _EXACT_ARRAY_MAPPING:
            # Rank 1 becomes [1, 1, C, 1, 1] and rank 3 [1, 1, C, H, W].
            shape = [1, 1, shape[0], 1, 1] if len(shape) == 1 else [1, 1, *shape]
        long = [axis - len(shape) for axis, size in enumerate(shape) if size > 1]
        if len(long) > 1:
            raise UnsupportedModelError(
                f"Input {feature.name!r} must be a vector for the reference runtime. "
                f"Got shape {shape} instead; evaluate this model with Core ML itself."
            )
        layouts.add((len(shape), long[0] if long else (-3 if len(shape) > 3 else -1)))
    if len(layouts) != 1:
        raise UnsupportedModelError(
            "The inputs of a neural network must be vectors along one axis for the reference "
            f"runtime. Got ranks and axes {sorted(layouts)} instead; give them one shape."
        )
    return layouts.pop()


def _require(names: Any, known: set[str], who: str) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnsupportedModelError(
            f"{who} must use inputs and outputs of earlier layers. Got {unknown[0]!r} instead; "
            "repair the network that was read."
        )
