"""Convert a program: its stages one by one, and its layers to one network at the end.

Stages compute in double. A linear model of two classes or of one value stays a stage; whatever has
no stage of its own in Core ML is a layer, and so is all that follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import DECISION, LABEL, PROBABILITIES, VALUE
from novin_ml.coreml.converters._layers import LAYERS, pair_of_logits
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.ensembles.ensemble import add_trees, ensemble_in
from novin_ml.coreml.converters.network import (
    classifier_builder,
    finished,
    input_features,
    pipeline_of,
    stage_prefix,
    vectorizer,
)
from novin_ml.coreml.program.builder import is_number
from novin_ml.coreml.program.evaluate import trees_in
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
        self.outputs: dict[str, str] = {}

    def spec(self) -> Any:
        choices = self.subject.answers.choices
        if choices == "values":
            return self._with_value()
        if choices == "decisions":
            return self._with_decision()
        if self.subject.answers.threshold is not None:
            self._add_threshold()
            return pipeline_of(self.subject, self.models)
        logit = self._logit()
        ops = self.program.ops if logit is None else self.program.ops[:-3]
        self._add_stages(ops)
        if logit is not None:
            self.models.append(self._glm_classifier(logit))
        else:
            self.models.append(self._classifier(*self._sources_of_network(), PROBABILITIES))
        return pipeline_of(self.subject, self.models)

    def _add_stages(self, ops: Iterable[Op]) -> None:
        for op in ops:
            if op.is_stage:
                self.models.append(_STAGES[op.kind](self, op))

    def _with_value(self) -> Any:
        """A number that a stage makes is the value; else it is taken from a vector."""
        models = coremltools().models
        if is_number(self.answer):
            self.outputs[self.answer.name] = VALUE
            self._add_stages(self.program.ops)
        else:
            self._add_stages(self.program.ops)
            self._add_network()
            self.models.append(self._extractor(VALUE))
        pipeline = models.pipeline.Pipeline(
            input_features(self.subject), [(VALUE, models.datatypes.Double())]
        )
        for model in self.models:
            pipeline.add_model(model)
        return pipeline.spec

    def _with_decision(self) -> Any:
        """The decision, a number or a vector, and the label from it by a network."""
        if is_number(self.answer) or (self.answer.is_stage and self.answer.width > 1):
            self.outputs[self.answer.name] = DECISION
            self._add_stages(self.program.ops)
        else:
            self._add_stages(self.program.ops)
            if self.answer.width > 1:
                self.outputs[self.answer.name] = DECISION
            self._add_network()
            if self.answer.width == 1:
                self.models.append(self._extractor(DECISION))
        source = self.name(self.answer.name)
        if is_number(self.answer):
            source = self.prefix + "decision"
            double = coremltools().models.datatypes.Double()
            self.models.append(vectorizer([(DECISION, double)], source))
        self.models.append(self._classifier([(source, self.answer.width)], [], "scores"))
        spec = pipeline_of(self.subject, self.models)
        description = spec.description
        del description.output[1:]
        description.ClearField("predictedProbabilitiesName")
        output = description.output.add()
        output.name = DECISION
        if self.answer.width == 1:
            output.type.doubleType.SetInParent()
        else:
            self._set_array(output, self.answer.width)
        return spec

    def _add_threshold(self) -> None:
        """The probabilities, and the label by a tree of one split."""
        answers = self.subject.answers
        self._add_stages(self.program.ops)
        self._add_network()
        name = self.name(self.answer.name)
        stage = self._classifier([(name, 2)], [], PROBABILITIES)
        _rename_label(stage, self.prefix + LABEL)
        models = coremltools().models
        builder = models.tree_ensemble.TreeEnsembleClassifier(
            [(name, models.datatypes.Array(2))], list(answers.labels), [LABEL, PROBABILITIES]
        )
        builder.set_default_prediction_value(0.0)
        builder.add_branch_node(
            0, 0, answers.positive, answers.threshold, "BranchOnValueLessThan", 1, 2
        )
        builder.add_leaf_node(0, 1, float(answers.positive == 0))
        builder.add_leaf_node(0, 2, float(answers.positive == 1))
        description = builder.spec.description
        del description.output[1:]
        description.ClearField("predictedProbabilitiesName")
        self.models += [stage, builder.spec]

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
        if source in self.outputs:
            return self.outputs[source]
        kind, _, place = source.partition(" ")
        return self.subject.specs[int(place)].name if kind == "input" else self.prefix + source

    def stage(self, op: Op) -> Any:
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
            if is_number(op):
                feature.type.doubleType.SetInParent()
                return
            self._set_array(feature, op.width)
            return
        domain = self.program.domains[int(source.partition(" ")[2])]
        if domain is None:
            feature.type.doubleType.SetInParent()
        elif isinstance(domain[0], str):
            feature.type.stringType.SetInParent()
        else:
            feature.type.int64Type.SetInParent()

    @staticmethod
    def _set_array(feature: Any, width: int) -> None:
        types = coremltools().proto.FeatureTypes_pb2.ArrayFeatureType
        feature.type.multiArrayType.shape.append(width)
        feature.type.multiArrayType.dataType = types.DOUBLE

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
        if not op.settings["refuses_unknown"]:
            encoder.handleUnknown = encoder.IgnoreUnknown
        return spec

    def is_missing(self, op: Op) -> Any:
        """A tree per column: a number is at most the largest one, and a missing value is not."""
        types = coremltools().models
        (source,) = op.sources
        builder = types.tree_ensemble.TreeEnsembleRegressor(
            [(self.name(source), types.datatypes.Array(self.width(source)))], self.name(op.name)
        )
        builder.set_default_prediction_value([0.0] * op.width)
        most = float(np.finfo(np.float32).max)
        for tree, place in enumerate(op.settings["places"]):
            builder.add_branch_node(tree, 0, place, most, "BranchOnValueLessThanEqual", 1, 2)
            builder.add_leaf_node(tree, 1, {tree: 0.0})
            builder.add_leaf_node(tree, 2, {tree: 1.0})
        return self._with_array(builder.spec, op)

    def trees(self, op: Op) -> Any:
        models, trees = coremltools().models, trees_in(op)
        (source,) = op.sources
        builder = models.tree_ensemble.TreeEnsembleRegressor(
            [(self.name(source), models.datatypes.Array(self.width(source)))], self.name(op.name)
        )
        add_trees(builder, ensemble_in(trees))
        return self._with_array(builder.spec, op)

    def _with_array(self, spec: Any, op: Op) -> Any:
        del spec.description.output[:]
        self._describe(spec.description.output.add(), op.name)
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

    def _extractor(self, target: str) -> Any:
        """Return a stage that takes the number of the answer's vector of one."""
        spec = self.stage(self.answer)
        del spec.description.input[:]
        del spec.description.output[:]
        self._describe(spec.description.input.add(), self.answer.name)
        output = spec.description.output.add()
        output.name = target
        output.type.doubleType.SetInParent()
        spec.arrayFeatureExtractor.extractIndex.append(0)
        return spec

    # The network.

    def _sources_of_network(self) -> tuple[list[tuple[str, int]], list[Op]]:
        """Return the vectors that the layers take, and the layers."""
        layers = [op for op in self.program.ops if not op.is_stage]
        own = {op.name for op in layers}
        sources = dict.fromkeys(s for op in layers for s in op.sources if s not in own)
        if not layers:
            sources = {self.answer.name: None}
        return [(self.name(s), self.width(s)) for s in sources], layers

    def _classifier(self, sources: list[tuple[str, int]], layers: list[Op], target: str) -> Any:
        """Return a classifier whose last layer is the answer, or has it as it is."""
        builder = classifier_builder(sources)
        if layers:
            self.outputs[self.answer.name] = target
            self._add_layers(builder, layers)
        elif sources[0][1] == 1:
            threshold = getattr(self.subject.answers, "threshold", None) or 0.0
            pair_of_logits(builder, sources[0][0], target, threshold)
        else:
            builder.add_activation(target, "LINEAR", sources[0][0], target, [1.0, 0.0])
        if target == PROBABILITIES:
            return finished(builder, self.subject.answers.labels)
        builder.set_class_labels(
            self.subject.answers.labels, predicted_feature_name=LABEL, prediction_blob=target
        )
        spec = builder.spec
        own = [output for output in spec.description.output if output.name == LABEL]
        label = type(own[0])()
        label.CopyFrom(own[0])
        del spec.description.output[:]
        spec.description.output.add().CopyFrom(label)
        spec.description.ClearField("predictedProbabilitiesName")
        return spec

    def _add_network(self) -> None:
        """Add a network that makes the answer's vector, if it has layers."""
        sources, layers = self._sources_of_network()
        if not layers:
            return
        ct = coremltools()
        builder = ct.models.neural_network.NeuralNetworkBuilder(
            [(name, ct.models.datatypes.Array(width)) for name, width in sources],
            [(self.name(self.answer.name), ct.models.datatypes.Array(self.answer.width))],
        )
        self._add_layers(builder, layers)
        self.models.append(builder.spec)

    def _add_layers(self, builder: Any, layers: list[Op]) -> None:
        for op in layers:
            target = self.name(op.name)
            LAYERS[op.kind](builder, op, [self.name(s) for s in op.sources], target)


_STAGES: dict[str, Callable[[_Conversion, Op], Any]] = {
    "join": _Conversion.join,
    "pick": _Conversion.pick,
    "impute": _Conversion.impute,
    "scale": _Conversion.scale,
    "trees": _Conversion.trees,
    "is_missing": _Conversion.is_missing,
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


def _rename_label(spec: Any, name: str) -> None:
    """Give the label of a stage another name, so that a later stage can make the label."""
    for output in spec.description.output:
        if output.name == LABEL:
            output.name = name
    spec.description.predictedFeatureName = name
