"""The stages and layers of a program, written from its operations without the converter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.coreml.answers import DECISION, LABEL, PROBABILITIES, VALUE
from novin_ml.coreml.given import Trees
from novin_ml.coreml.program.evaluate import trees_in
from novin_ml.coreml.program.ops import Op, Program
from novin_ml.coreml.structure._parts import (
    add_array,
    add_class_outputs,
    add_layer,
    add_linear,
    add_number,
    add_softmax,
    new_model,
    new_vectorizer,
    own_prefix,
    set_labels,
)
from novin_ml.coreml.subject import Subject

_IGNORE_UNKNOWN = 1
_SCORES = "scores"
# Values of enumerations of NeuralNetwork.proto, by the kind of an operation.
_UNARY = {"exp": 4, "log": 5, "abs": 6, "power": 3, "at_least": 7}
_MAXIMUM = 7  # ReduceLayerParams.ReduceOperation.MAX
_CHANNELS = 2  # ReduceLayerParams.ReduceAxis.C


def add_program(spec: Any, subject: Subject) -> list[Trees]:
    """Write the pipeline of a program into a spec that has its inputs and outputs."""
    writer = _Writer(subject)
    program: Program = subject.learner
    choices = subject.answers.choices
    if choices == "values":
        writer.add_value()
        spec.pipeline.models.extend(writer.models)
        return writer.trees
    if choices == "decisions":
        writer.add_decision()
    elif getattr(subject.answers, "threshold", None) is not None:
        writer.add_threshold()
    else:
        glm = _only_logit(program)
        for op in program.ops if glm is None else program.ops[:-3]:
            writer.add_stage(op)
        if glm is None:
            writer.add_classifier()
        else:
            writer.add_logit(glm)
    spec.pipelineClassifier.pipeline.models.extend(writer.models)
    return writer.trees


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
        self.answers = subject.answers
        self.labels = getattr(subject.answers, "labels", [])
        self.prefix = own_prefix(subject)
        self.names = {f"input {place}": each.name for place, each in enumerate(subject.specs)}
        self.names |= {op.name: f"{self.prefix}{op.name}" for op in self.program.ops}
        self.made = {op.name: op for op in self.program.ops}
        self.last = self.made[self.program.answer]
        self.layers = [op for op in self.program.ops if not op.is_stage]
        self.models: list[Any] = []
        self.trees: list[Trees] = []

    def add_value(self) -> None:
        is_number = self.last.is_stage and self.last.kind == "linear"
        if is_number:
            self.names[self.last.name] = VALUE
        self._add_all()
        if not is_number:
            self._add_extractor(VALUE)

    def add_decision(self) -> None:
        is_number = self.last.is_stage and self.last.kind == "linear"
        if is_number or self.last.width > 1:
            self.names[self.last.name] = DECISION
        self._add_all()
        source = self.names[self.last.name]
        if self.last.width == 1 and not is_number:
            self._add_extractor(DECISION)
        if is_number:
            source = f"{self.prefix}decision"
            self.models.append(new_vectorizer([DECISION], source))
        self._add_label(source)

    def add_threshold(self) -> None:
        self._add_all()
        name = self.names[self.last.name]
        stage = self._empty_classifier(PROBABILITIES)
        add_array(stage.description.input, name, 2)
        add_linear(stage.neuralNetworkClassifier, PROBABILITIES, name, PROBABILITIES, 1.0, 0.0)
        for output in stage.description.output:
            if output.name == LABEL:
                output.name = f"{self.prefix}{LABEL}"
        stage.description.predictedFeatureName = f"{self.prefix}{LABEL}"
        split = new_model()
        add_array(split.description.input, name, 2)
        add_class_outputs(split, self.labels)
        del split.description.output[1:]
        split.description.ClearField("predictedProbabilitiesName")
        set_labels(split.treeEnsembleClassifier, self.labels)
        split.treeEnsembleClassifier.treeEnsemble.numPredictionDimensions = 1
        self.models += [stage, split]
        first, second = self.answers.positive == 0, self.answers.positive == 1
        self.trees.append(_threshold(self.answers, float(second), float(first)))

    def _add_all(self) -> None:
        for op in self.program.ops:
            self.add_stage(op)
        if self.layers:
            model = new_model()
            self.models.append(model)
            self._add_sources(model)
            add_array(model.description.output, self.names[self.last.name], self.last.width)
            self._add_layers(model.neuralNetwork)

    def _add_extractor(self, target: str) -> None:
        model = new_model()
        self._feature(model.description.input, self.last.name)
        add_number(model.description.output, target)
        model.arrayFeatureExtractor.extractIndex.append(0)
        self.models.append(model)

    def _add_label(self, source: str) -> None:
        model = self._empty_classifier(_SCORES)
        add_array(model.description.input, source, self.last.width)
        del model.description.output[:1]
        model.description.ClearField("predictedProbabilitiesName")
        network = model.neuralNetworkClassifier
        if self.last.width > 1:
            add_linear(network, _SCORES, source, _SCORES, 1.0, 0.0)
        else:
            offset = np.array([0.0, -self.answers.threshold])
            _inner_product(network, _SCORES, [source], np.array([[0.0], [1.0]]), offset)
        self.models.append(model)

    def _empty_classifier(self, blob: str) -> Any:
        model = new_model()
        add_class_outputs(model, self.labels, label_first=False)
        set_labels(model.neuralNetworkClassifier, self.labels)
        model.neuralNetworkClassifier.labelProbabilityLayerName = blob
        return model

    def _add_sources(self, model: Any) -> None:
        seen = {op.name for op in self.layers}
        for source in [s for op in self.layers for s in op.sources] or [self.last.name]:
            if source not in seen:
                self._feature(model.description.input, source)
                seen.add(source)

    def _add_layers(self, network: Any) -> None:
        for op in self.layers:
            _add_layer(network, op, [self.names[s] for s in op.sources], self.names[op.name])

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
        if not op.is_stage:
            return
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
            encoder.handleUnknown = _IGNORE_UNKNOWN * (not op.settings["refuses_unknown"])
            if isinstance(categories[0], str):
                encoder.stringCategories.vector.extend(categories)
            else:
                encoder.int64Categories.vector.extend(categories)
        elif op.kind == "is_missing":
            model.description.predictedFeatureName = self.names[op.name]
            model.treeEnsembleRegressor.treeEnsemble.numPredictionDimensions = op.width
            self.trees.append(_missing(op))
        elif op.kind == "trees":
            model.description.predictedFeatureName = self.names[op.name]
            model.treeEnsembleRegressor.treeEnsemble.numPredictionDimensions = op.width
            self.trees.append(trees_in(op))
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

    def add_classifier(self) -> None:
        model = self._empty_classifier(PROBABILITIES)
        self.models.append(model)
        self._add_sources(model)
        network = model.neuralNetworkClassifier
        if not self.layers:
            source = self.names[self.last.name]
            add_linear(network, PROBABILITIES, source, PROBABILITIES, 1.0, 0.0)
        self.names[self.last.name] = PROBABILITIES
        self._add_layers(network)


def _threshold(answers: Any, above: float, below: float) -> Trees:
    """Return a tree that goes left below a threshold."""
    return Trees(
        roots=np.zeros(1, np.int64),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        feature=np.array([answers.positive, -1, -1]),
        threshold=np.array([answers.threshold, 0, 0]),
        missing_left=np.zeros(3, bool),
        value=np.array([0.0, below, above]),
        dimension=np.zeros(1, np.int64),
        base=np.zeros(1),
        less_equal=False,
    )


def _missing(op: Op) -> Trees:
    """Return trees that tell a number, which is at most the largest one, from a missing one."""
    n = op.width
    roots = 3 * np.arange(n)
    left, right = np.full(3 * n, -1), np.full(3 * n, -1)
    left[roots], right[roots] = roots + 1, roots + 2
    feature = np.full(3 * n, -1)
    feature[roots] = op.settings["places"]
    value = np.zeros(3 * n)
    value[roots + 2] = 1
    return Trees(
        roots=roots,
        left=left,
        right=right,
        feature=feature,
        threshold=np.full(3 * n, float(np.finfo(np.float32).max)),
        missing_left=np.zeros(3 * n, bool),
        value=value,
        dimension=np.arange(n),
        base=np.zeros(n),
        less_equal=True,
    )


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
    layer.reduce.epsilon = 1e-6  # of the logarithm of a sum; a maximum does not read it


_PLAIN: dict[str, Callable[[Any], None]] = {
    "join": lambda layer: layer.concat.SetInParent(),
    "largest": _reduce,
    "logistic": lambda layer: layer.activation.sigmoid.SetInParent(),
    "plus": lambda layer: layer.add.SetInParent(),
    "relu": lambda layer: layer.activation.ReLU.SetInParent(),
    "tanh": lambda layer: layer.activation.tanh.SetInParent(),
    "times": lambda layer: layer.multiply.SetInParent(),
}
