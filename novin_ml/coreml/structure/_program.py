"""The stages and layers of a program, written from its operations without the converter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.coreml.answers import PROBABILITIES
from novin_ml.coreml.program.ops import Op, Program
from novin_ml.coreml.structure._parts import (
    add_array,
    add_class_outputs,
    add_layer,
    add_linear,
    add_number,
    add_softmax,
    new_model,
    own_prefix,
    set_labels,
)
from novin_ml.coreml.structure._trees import Trees
from novin_ml.coreml.subject import Subject

_IGNORE_UNKNOWN = 1
# Values of enumerations of NeuralNetwork.proto, by the kind of an operation.
_UNARY = {"exp": 4, "log": 5, "abs": 6, "power": 3, "at_least": 7}
_MAXIMUM = 7  # ReduceLayerParams.ReduceOperation.MAX
_CHANNELS = 2  # ReduceLayerParams.ReduceAxis.C


def add_program(spec: Any, subject: Subject) -> list[Trees]:
    """Write the pipeline of a program into a spec that has its inputs and outputs."""
    writer = _Writer(subject)
    program: Program = subject.learner
    last, glm = program.ops[-1], _only_logit(program)
    ops = program.ops if glm is None else program.ops[:-3]
    for op in (op for op in ops if op.is_stage):
        writer.add_stage(op)
    if glm is not None:
        writer.add_logit(glm)
    else:
        writer.add_classifier(program, last.name)
    spec.pipelineClassifier.pipeline.models.extend(writer.models)
    return []


def _only_logit(program: Program) -> Op | None:
    """Return the last stage of a program that is stages and the logistic function of one sum."""
    if [op.kind for op in program.ops[-3:]] != ["linear", "join", "pair"]:
        return None
    linear, join, pair = program.ops[-3:]
    chain = join.sources == (linear.name,) and pair.sources == (join.name,)
    return linear if chain and linear.is_stage else None


class _Writer:
    def __init__(self, subject: Subject) -> None:
        self.program: Program = subject.learner
        self.labels = getattr(subject.answers, "labels", [])
        self.prefix = own_prefix(subject)
        self.names = {f"input {place}": each.name for place, each in enumerate(subject.specs)}
        self.names |= {op.name: f"{self.prefix}{op.name}" for op in self.program.ops}
        self.made = {op.name: op for op in self.program.ops}
        self.models: list[Any] = []

    def _feature(self, features: Any, source: str) -> None:
        name = self.names[source]
        if source in self.made:
            op = self.made[source]
            if op.is_stage and op.kind == "linear":
                add_number(features, name)
            else:
                add_array(features, name, op.width)
            return
        domain = self.program.domains[int(source.removeprefix("input "))]
        add_number(features, name)
        if domain is not None:
            kind = features[-1].type
            (kind.stringType if isinstance(domain[0], str) else kind.int64Type).SetInParent()

    def _stage(self, op: Op) -> Any:
        model = new_model()
        for source in op.sources:
            self._feature(model.description.input, source)
        self._feature(model.description.output, op.name)
        return model

    def add_stage(self, op: Op) -> None:
        model = self._stage(op)
        self.models.append(model)
        arrays = {name: np.ravel(array).tolist() for name, array in op.arrays.items()}
        if op.kind == "join":
            for source in op.sources:
                column = model.featureVectorizer.inputList.add()
                column.inputColumn = self.names[source]
                column.inputDimensions = self.made[source].width if source in self.made else 1
        elif op.kind == "pick":
            model.arrayFeatureExtractor.extractIndex.extend(op.settings["places"])
        elif op.kind == "impute":
            model.imputer.replaceDoubleValue = float("nan")
            model.imputer.imputedDoubleArray.vector.extend(arrays["values"])
        elif op.kind == "scale":
            model.scaler.shiftValue.extend(arrays["shift"])
            model.scaler.scaleValue.extend(arrays["scale"])
        elif op.kind == "onehot":
            encoder, categories = model.oneHotEncoder, op.settings["categories"]
            encoder.handleUnknown = _IGNORE_UNKNOWN
            if isinstance(categories[0], str):
                encoder.stringCategories.vector.extend(categories)
            else:
                encoder.int64Categories.vector.extend(categories)
        else:
            model.description.predictedFeatureName = self.names[op.name]
            model.glmRegressor.weights.add().value.extend(arrays["weights"])
            model.glmRegressor.offset.extend(arrays["offset"])

    def add_logit(self, op: Op) -> None:
        model = self._stage(op)
        self.models.append(model)
        del model.description.output[:]
        add_class_outputs(model, self.labels)
        message = model.glmClassifier
        message.weights.add().value.extend(np.ravel(op.arrays["weights"]).tolist())
        message.offset.extend(np.ravel(op.arrays["offset"]).tolist())
        message.classEncoding = 1
        set_labels(message, self.labels)

    def add_classifier(self, program: Program, answer: str) -> None:
        model = new_model()
        self.models.append(model)
        layers = [op for op in program.ops if not op.is_stage]
        seen: set[str] = {op.name for op in layers}
        for source in [s for op in layers for s in op.sources] or [answer]:
            if source not in seen:
                self._feature(model.description.input, source)
                seen.add(source)
        add_class_outputs(model, self.labels, label_first=False)
        network = model.neuralNetworkClassifier
        set_labels(network, self.labels)
        network.labelProbabilityLayerName = PROBABILITIES
        if not layers:
            add_linear(network, PROBABILITIES, self.names[answer], PROBABILITIES, 1.0, 0.0)
            return
        self.names[answer] = PROBABILITIES
        for op in layers:
            _add_layer(network, op, [self.names[s] for s in op.sources], self.names[op.name])


def _add_layer(network: Any, op: Op, sources: list[str], target: str) -> None:
    if op.kind == "pair":
        _inner_product(network, f"{target}_logits", sources, np.array([[0.0], [1.0]]), np.zeros(2))
        add_softmax(network, target, f"{target}_logits", target)
    elif op.kind == "dense":
        _inner_product(network, target, sources, op.arrays["weights"], op.arrays["offset"])
    elif op.kind == "softmax":
        add_softmax(network, target, sources[0], target)
    else:
        layer = add_layer(network, target, sources, target)
        if op.kind in _UNARY:
            layer.unary.type, layer.unary.scale = _UNARY[op.kind], 1.0
            alpha = op.settings.get("exponent", op.settings.get("least"))
            if alpha is not None:
                layer.unary.alpha = alpha
        else:
            _PLAIN[op.kind](layer)


def _inner_product(
    network: Any, target: str, sources: list[str], weights: np.ndarray, offset: np.ndarray
) -> None:
    layer = add_layer(network, target, sources, target).innerProduct
    layer.outputChannels, layer.inputChannels = weights.shape
    layer.hasBias = True
    layer.weights.floatValue.extend(np.ravel(weights).astype(np.float32).tolist())
    layer.bias.floatValue.extend(np.ravel(offset).astype(np.float32).tolist())


def _reduce(layer: Any) -> None:
    layer.reduce.mode, layer.reduce.axis = _MAXIMUM, _CHANNELS


_PLAIN: dict[str, Callable[[Any], None]] = {
    "join": lambda layer: layer.concat.SetInParent(),
    "largest": _reduce,
    "logistic": lambda layer: layer.activation.sigmoid.SetInParent(),
    "plus": lambda layer: layer.add.SetInParent(),
    "relu": lambda layer: layer.activation.ReLU.SetInParent(),
    "tanh": lambda layer: layer.activation.tanh.SetInParent(),
    "times": lambda layer: layer.multiply.SetInParent(),
}
