"""What a spec of each kind of learner must be, written from the Python model without coremltools'
builders or the converters.

Tree nodes are left out: `_trees` compares them one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from novin_ml.coreml.answers import ANOMALY_SCORE, DECISION, PROBABILITIES, VALUE
from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.program import Program
from novin_ml.coreml.structure._autoencoder import add_autoencoder
from novin_ml.coreml.structure._network_parts import add_dense, before_network, between, extractor
from novin_ml.coreml.structure._parts import (
    add_array,
    add_class_outputs,
    add_inputs,
    add_layer,
    add_linear,
    add_number,
    add_softmax,
    new_model,
    new_vectorizer,
    own_prefix,
    set_labels,
)
from novin_ml.coreml.structure._program import add_program
from novin_ml.coreml.structure._trees import (
    Trees,
    trees_of_booster,
    trees_of_classes,
    trees_of_forest,
)
from novin_ml.coreml.structure._updatable import make_updatable
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import (
    AutoencoderLearner,
    BlendLearner,
    BoostingLearner,
    ForestLearner,
    IsolationLearner,
    NetworkLearner,
)

_EXPONENTIAL, _LOGARITHM = 4, 5  # UnaryFunctionLayerParams.Operation
_LOGISTIC, _SOFTMAX = 2, 1  # TreeEnsemblePostEvaluationTransform


def expected_model(subject: Subject) -> tuple[Any, list[Trees]]:
    """Return the expected spec of a subject, and the trees of each of its ensembles.

    Parameters
    ----------
    subject : Subject
        The Python model.

    Returns
    -------
    spec : Model_pb2.Model
        Without tree nodes, descriptions and metadata. If the form of this kind of learner is not
        known, it has inputs and outputs alone, and no type.
    trees : list of Trees
        Trees of each ensemble, in the order of the spec.
    """
    spec = new_model()
    add_inputs(spec, subject)
    if subject.answers.choices == "labels":
        add_class_outputs(spec, subject.answers.labels)
    elif subject.answers.choices == "decisions":
        _add_decision_outputs(spec, subject)
    else:
        for name in subject.answers.outputs:
            add_number(spec.description.output, name)
    build = _FORMS.get(type(subject.learner))
    return spec, [] if build is None else build(spec, subject)


def _add_decision_outputs(spec: Any, subject: Subject) -> None:
    labels = subject.answers.labels
    add_class_outputs(spec, labels)
    spec.description.ClearField("predictedProbabilitiesName")
    del spec.description.output[1:]
    if len(labels) == 2:
        add_number(spec.description.output, DECISION)
    else:
        add_array(spec.description.output, DECISION, len(labels))


def is_known(subject: Subject) -> bool:
    """Whether the whole form of a subject's spec is known."""
    return type(subject.learner) in _FORMS


def _boosting(spec: Any, subject: Subject) -> list[Trees]:
    trees = trees_of_booster(subject.learner)
    message = spec.treeEnsembleClassifier
    set_labels(message, subject.answers.labels)
    message.treeEnsemble.numPredictionDimensions = len(trees.base)
    message.postEvaluationTransform = _LOGISTIC if len(trees.base) == 1 else _SOFTMAX
    return [trees]


def _network(spec: Any, subject: Subject) -> list[Trees]:
    stages, last = before_network(subject.learner, subject, own_prefix(subject))
    network = _classifier(spec, subject, stages, [(last, subject.learner.n_features)])
    add_softmax(network, "softmax", add_dense(network, subject.learner, last), PROBABILITIES)
    if subject.update is not None:
        make_updatable(spec, subject.update)
    return []


def _blend(spec: Any, subject: Subject) -> list[Trees]:
    learner: BlendLearner = subject.learner
    prefix = own_prefix(subject)
    trees = trees_of_booster(learner.boosting)
    each = [trees.of_dimension(number) for number in range(len(trees.base))]
    margins = [f"{prefix}margin_{number}" for number in range(len(each))]
    stages = [_regressor(subject, name) for name in margins]
    stages.append(new_vectorizer(margins, f"{prefix}margins"))
    before, vector = before_network(learner.network, subject, prefix)
    sources = [(f"{prefix}margins", len(margins)), (vector, learner.n_features)]
    network = _classifier(spec, subject, [*stages, *before], sources)
    of_trees = f"{prefix}margins"
    if len(each) == 1:
        layer = add_layer(network, "logits_of_trees", [of_trees], "logits_of_trees").innerProduct
        layer.inputChannels, layer.outputChannels = 1, 2
        layer.weights.floatValue.extend([0.0, 1.0])
        of_trees = "logits_of_trees"
    logits = add_dense(network, learner.network, vector)
    # The share of the network is what the trees leave, in float32.
    shares = np.float32(learner.weight), np.float32(1) - np.float32(learner.weight)
    parts = []
    for name, source, share in zip(("trees", "network"), (of_trees, logits), shares, strict=True):
        add_softmax(network, f"softmax_of_{name}", source, f"softmax_of_{name}")
        part = f"share_of_{name}"
        add_linear(network, part, f"softmax_of_{name}", part, float(share), 0.0)
        parts.append(part)
    add_layer(network, "mixture", parts, PROBABILITIES).add.SetInParent()
    return each


def _forest(spec: Any, subject: Subject) -> list[Trees]:
    learner: ForestLearner = subject.learner
    trees = trees_of_classes(learner)
    calibration, n_classes = learner.calibration, learner.n_classes
    if calibration.changes_nothing:
        message = spec.treeEnsembleClassifier
        set_labels(message, subject.answers.labels)
        message.treeEnsemble.numPredictionDimensions = n_classes
        return [trees]
    means = f"{own_prefix(subject)}means"
    stage = _regressor(subject, means)
    stage.treeEnsembleRegressor.treeEnsemble.numPredictionDimensions = n_classes
    del stage.description.output[:]
    add_array(stage.description.output, means, n_classes)
    network = _classifier(spec, subject, [stage], [(means, n_classes)])
    unary = add_layer(network, "logarithms", [means], "logarithms").unary
    unary.type, unary.scale = _LOGARITHM, 1.0
    layer = add_layer(network, "calibrated", ["logarithms"], "calibrated").innerProduct
    layer.inputChannels, layer.outputChannels, layer.hasBias = n_classes, n_classes, True
    layer.weights.floatValue.extend(np.ravel(np.diag([calibration.scale] * n_classes)).tolist())
    shifts = np.zeros(n_classes, np.float32)
    # Of two classes the margin is that of the second against the first.
    own = calibration.of_class or (np.float32(0),)
    shifts[-len(own) :] = own
    shifts[1 if n_classes == 2 else 0 :] += calibration.shift
    layer.bias.floatValue.extend(shifts.tolist())
    add_softmax(network, "softmax", "calibrated", PROBABILITIES)
    return [trees]


def _isolation(spec: Any, subject: Subject) -> list[Trees]:
    prefix = own_prefix(subject)
    log, vector = f"{prefix}log_score", f"{prefix}vector"
    names = (ANOMALY_SCORE, DECISION)
    network = new_model()
    add_array(network.description.input, vector, 1)
    for name in names:
        add_array(network.description.output, f"{prefix}{name}", 1)
    score = f"{prefix}{ANOMALY_SCORE}"
    unary = add_layer(network.neuralNetwork, "score", [vector], score).unary
    unary.type, unary.scale = _EXPONENTIAL, 1.0
    offset = float(subject.answers.offset)
    add_linear(network.neuralNetwork, "decision", score, f"{prefix}{DECISION}", -1.0, -offset)
    extractors = [extractor(f"{prefix}{name}", name) for name in names]
    stages = [_regressor(subject, log), new_vectorizer([log], vector), network, *extractors]
    spec.pipeline.models.extend(stages)
    return [trees_of_forest(subject.learner)]


def _given(spec: Any, subject: Subject) -> list[Trees]:
    reading, prefix = subject.learner.reading, own_prefix(subject)
    is_classifier, is_power = reading.classes > 0, reading.link == "exponential"
    target = f"{prefix}logarithm" if is_power else VALUE
    if reading.missing is None and not is_power:
        own = spec
    else:
        stages = (spec.pipelineClassifier.pipeline if is_classifier else spec.pipeline).models
        if reading.missing is not None:
            stages.extend(_with_nan(subject, prefix, reading.missing))
        own = stages.add()
        own.CopyFrom(new_model())
        if reading.missing is None:
            add_inputs(own, subject)
        else:
            add_array(own.description.input, f"{prefix}imputed", len(subject.specs))
        if is_classifier:
            add_class_outputs(own, subject.answers.labels)
        else:
            add_number(own.description.output, target)
        if is_power:
            stages.extend(_power(target, prefix))
    message = own.treeEnsembleClassifier if is_classifier else own.treeEnsembleRegressor
    if is_classifier:
        set_labels(message, subject.answers.labels)
    else:
        own.description.predictedFeatureName = target
    message.treeEnsemble.numPredictionDimensions = len(reading.trees.base)
    transforms = {"logistic": _LOGISTIC, "softmax": _SOFTMAX}
    message.postEvaluationTransform = transforms.get(reading.link, 0)
    return [reading.trees]


def _with_nan(subject: Subject, prefix: str, missing: float) -> list[Any]:
    """Return stages that make NaN of a number that stands for a missing value."""
    names, width = [feature.name for feature in subject.specs], len(subject.specs)
    stage = between(f"{prefix}features", f"{prefix}imputed", width)
    stage.imputer.replaceDoubleValue = missing
    stage.imputer.imputedDoubleArray.vector.extend([float("nan")] * width)
    return [new_vectorizer(names, f"{prefix}features"), stage]


def _power(logarithm: str, prefix: str) -> list[Any]:
    """Return stages that make a value of its logarithm."""
    vector, array = f"{prefix}vector", f"{prefix}{VALUE}"
    network = new_model()
    add_array(network.description.input, vector, 1)
    add_array(network.description.output, array, 1)
    unary = add_layer(network.neuralNetwork, "exponential", [vector], array).unary
    unary.type, unary.scale = _EXPONENTIAL, 1.0
    return [new_vectorizer([logarithm], vector), network, extractor(array, VALUE)]


_FORMS: dict[type, Any] = {
    GivenTrees: _given,
    BoostingLearner: _boosting,
    NetworkLearner: _network,
    Program: add_program,
    BlendLearner: _blend,
    ForestLearner: _forest,
    IsolationLearner: _isolation,
    AutoencoderLearner: add_autoencoder,
}


# Parts of a spec.


def _regressor(subject: Subject, target: str) -> Any:
    stage = new_model()
    add_inputs(stage, subject)
    add_number(stage.description.output, target)
    stage.description.predictedFeatureName = target
    stage.treeEnsembleRegressor.treeEnsemble.numPredictionDimensions = 1
    return stage


def _classifier(
    spec: Any, subject: Subject, stages: Sequence[Any], sources: Sequence[tuple[str, int]]
) -> Any:
    """Add the stages and an empty network to a pipelineClassifier; return the network."""
    models = spec.pipelineClassifier.pipeline.models
    models.extend(stages)
    last = models.add()
    last.CopyFrom(new_model())
    for name, width in sources:
        add_array(last.description.input, name, width)
    add_class_outputs(last, subject.answers.labels, label_first=False)
    network = last.neuralNetworkClassifier
    set_labels(network, subject.answers.labels)
    network.labelProbabilityLayerName = PROBABILITIES
    return network
