"""Convert a program: its stages one by one, and its layers to one network at the end.

Stages compute in double. A linear model of two classes or of one value stays a stage; whatever has
no stage of its own in Core ML is a layer, and so is all that follows it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.network import (
    classifier_builder,
    finished,
    pipeline_of,
    stage_prefix,
)
from novin_ml.coreml.program.ops import Op, Program
from novin_ml.coreml.subject import Subject


@register_converter(Program, tolerance=1e-5)
def convert_program(subject: Subject) -> Any:
    """Return the spec of a pipeline with an input for each column."""
    return _Conversion(subject).spec()


class _Conversion:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.program: Program = subject.learner
        self.prefix = stage_prefix(subject)
        self.ops = {op.name: op for op in self.program.ops}
        self.answer = self.ops[self.program.answer]
        self.models: list[Any] = []

    def spec(self) -> Any:
        logit = self._logit()
        skipped = set() if logit is None else {self.answer.name, self.answer.sources[0], logit.name}
        for op in self.program.ops:
            if op.is_stage and op.name not in skipped:
                self.models.append(_STAGES[op.kind](self, op))
        self.models.append(self._network() if logit is None else self._glm_classifier(logit))
        return pipeline_of(self.subject, self.models)

    def _logit(self) -> Op | None:
        """Return the linear stage of a logistic model of two classes, if it is no more."""
        if self.answer.kind != "pair":
            return None
        joined = self.ops[self.answer.sources[0]]
        before = [self.ops.get(name) for name in joined.sources]
        if joined.kind != "join" or len(before) != 1 or before[0] is None:
            return None
        return before[0] if before[0].kind == "linear" else None

    # Names and types.

    def name(self, source: str) -> str:
        """Return what an operation's output, or an input, is called."""
        kind, _, place = source.partition(" ")
        return self.subject.specs[int(place)].name if kind == "input" else self.prefix + source

    def stage(self, op: Op, *, as_array: bool = True) -> Any:
        """Return a spec with the inputs and the output of an operation, and no type."""
        ct = coremltools()
        spec = ct.proto.Model_pb2.Model()
        spec.specificationVersion = ct.SPECIFICATION_VERSION
        for source in op.sources:
            self._describe(spec.description.input.add(), source)
        self._describe(spec.description.output.add(), op.name)
        return spec

    def _describe(self, feature: Any, source: str) -> None:
        feature.name = self.name(source)
        if source in self.ops:
            op = self.ops[source]
            if op.kind == "linear" and op.is_stage:
                feature.type.doubleType.SetInParent()
                return
            types = coremltools().proto.FeatureTypes_pb2.ArrayFeatureType
            feature.type.multiArrayType.shape.append(op.width)
            feature.type.multiArrayType.dataType = types.DOUBLE
            return
        domain = self.program.domains[int(source.partition(" ")[2])]
        if domain is None:
            feature.type.doubleType.SetInParent()
        elif isinstance(domain[0], str):
            feature.type.stringType.SetInParent()
        else:
            feature.type.int64Type.SetInParent()

    def width(self, source: str) -> int:
        return self.ops[source].width if source in self.ops else 1

    # Stages.

    def join(self, op: Op) -> Any:
        spec = self.stage(op)
        for source in op.sources:
            column = spec.featureVectorizer.inputList.add()
            column.inputColumn, column.inputDimensions = self.name(source), self.width(source)
        return spec

    def pick(self, op: Op) -> Any:
        spec = self.stage(op)
        spec.arrayFeatureExtractor.extractIndex.extend(op.settings["places"])
        return spec

    def impute(self, op: Op) -> Any:
        spec = self.stage(op)
        spec.imputer.replaceDoubleValue = float("nan")
        spec.imputer.imputedDoubleArray.vector.extend(op.arrays["values"].tolist())
        return spec

    def scale(self, op: Op) -> Any:
        spec = self.stage(op)
        spec.scaler.shiftValue.extend(op.arrays["shift"].tolist())
        spec.scaler.scaleValue.extend(op.arrays["scale"].tolist())
        return spec

    def onehot(self, op: Op) -> Any:
        spec = self.stage(op)
        encoder = spec.oneHotEncoder
        categories = op.settings["categories"]
        is_text = isinstance(categories[0], str)
        own = encoder.stringCategories if is_text else encoder.int64Categories
        own.vector.extend(categories)
        encoder.handleUnknown = encoder.IgnoreUnknown
        return spec

    def linear(self, op: Op) -> Any:
        spec = self.stage(op)
        spec.description.predictedFeatureName = self.name(op.name)
        _add_weights(spec.glmRegressor, op)
        return spec

    def _glm_classifier(self, op: Op) -> Any:
        spec = self.stage(op)
        del spec.description.output[:]
        _add_class_outputs(spec, self.subject.answers.labels)
        classifier = spec.glmClassifier
        _add_weights(classifier, op)
        classifier.classEncoding = classifier.OneVsRest
        labels = self.subject.answers.labels
        is_text = isinstance(labels[0], str)
        own = classifier.stringClassLabels if is_text else classifier.int64ClassLabels
        own.vector.extend(labels)
        return spec

    # The network.

    def _network(self) -> Any:
        layers = [op for op in self.program.ops if not op.is_stage]
        own = {op.name for op in layers}
        sources = dict.fromkeys(s for op in layers for s in op.sources if s not in own)
        if not layers:
            sources = {self.answer.name: None}
        builder = classifier_builder([(self.name(s), self.width(s)) for s in sources])
        for op in layers:
            target = PROBABILITIES if op is self.answer else self.name(op.name)
            _LAYERS[op.kind](builder, op, [self.name(s) for s in op.sources], target)
        if not layers:
            name = self.name(self.answer.name)
            builder.add_activation(PROBABILITIES, "LINEAR", name, PROBABILITIES, [1.0, 0.0])
        return finished(builder, self.subject.answers.labels)


_STAGES: dict[str, Callable[[_Conversion, Op], Any]] = {
    "join": _Conversion.join,
    "pick": _Conversion.pick,
    "impute": _Conversion.impute,
    "scale": _Conversion.scale,
    "onehot": _Conversion.onehot,
    "linear": _Conversion.linear,
}


def _add_weights(message: Any, op: Op) -> None:
    message.weights.add().value.extend(op.arrays["weights"].ravel().tolist())
    message.offset.extend(np.ravel(op.arrays["offset"]).tolist())


def _add_class_outputs(spec: Any, labels: list[Any]) -> None:
    is_text = isinstance(labels[0], str)
    description = spec.description
    label = description.output.add()
    label.name = LABEL
    (label.type.stringType if is_text else label.type.int64Type).SetInParent()
    shares = description.output.add()
    shares.name = PROBABILITIES
    kind = shares.type.dictionaryType
    (kind.stringKeyType if is_text else kind.int64KeyType).SetInParent()
    description.predictedFeatureName = LABEL
    description.predictedProbabilitiesName = PROBABILITIES


# Layers.


def _dense(builder: Any, op: Op, sources: list[str], target: str) -> None:
    weights = op.arrays["weights"].astype(np.float32)
    builder.add_inner_product(
        target,
        weights,
        np.ravel(op.arrays["offset"]).astype(np.float32),
        weights.shape[1],
        weights.shape[0],
        has_bias=True,
        input_name=sources[0],
        output_name=target,
    )


def _pair(builder: Any, op: Op, sources: list[str], target: str) -> None:
    """Two logits, 0 and z, as everywhere in novin_ml."""
    logits = f"{target}_logits"
    weights = np.array([[0.0], [1.0]], dtype=np.float32)
    builder.add_inner_product(
        logits,
        weights,
        np.zeros(2, np.float32),
        1,
        2,
        has_bias=True,
        input_name=sources[0],
        output_name=logits,
    )
    builder.add_softmax(target, logits, target)


def _activation(kind: str) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        builder.add_activation(target, kind, sources[0], target)

    return add


def _unary(mode: str, setting: str | None = None) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        alpha = {} if setting is None else {"alpha": float(op.settings[setting])}
        builder.add_unary(target, sources[0], target, mode, **alpha)

    return add


def _elementwise(mode: str) -> Callable[[Any, Op, list[str], str], None]:
    def add(builder: Any, op: Op, sources: list[str], target: str) -> None:
        builder.add_elementwise(target, sources, target, mode=mode)

    return add


_LAYERS: dict[str, Callable[[Any, Op, list[str], str], None]] = {
    "abs": _unary("abs"),
    "at_least": _unary("threshold", "least"),
    "dense": _dense,
    "exp": _unary("exp"),
    "join": _elementwise("CONCAT"),
    "largest": lambda builder, op, sources, target: builder.add_reduce(
        target, sources[0], target, axis="C", mode="max"
    ),
    "log": _unary("log"),
    "logistic": _activation("SIGMOID"),
    "pair": _pair,
    "plus": _elementwise("ADD"),
    "power": _unary("power", "exponent"),
    "relu": _activation("RELU"),
    "softmax": lambda builder, op, sources, target: builder.add_softmax(target, sources[0], target),
    "tanh": _activation("TANH"),
    "times": _elementwise("MULTIPLY"),
}
