"""Trees as they are written into a spec, and the spec that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES, VALUE
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.network import (
    imputer,
    input_features,
    pipeline_of,
    stage_prefix,
    vectorizer,
)
from novin_ml.coreml.given import GivenTrees, Trees
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners.tree_walk import round_down

_LESS_EQUAL, _LESS, _LEAF = (
    "BranchOnValueLessThanEqual",
    "BranchOnValueLessThan",
    "LeafNode",
)
_TRANSFORMS = {"logistic": "Regression_Logistic", "softmax": "Classification_SoftMax"}


@dataclass(frozen=True)
class Ensemble:
    """Trees, each with its own numbering of nodes, and the link of their sums.

    Attributes
    ----------
    sizes : ndarray of shape (n_trees,), int
        Number of nodes of each tree.
    left, right : ndarray of shape (n_nodes,), int
        Children, counted in their tree; negative at a leaf.
    feature : ndarray of shape (n_nodes,), int
    threshold : ndarray of shape (n_nodes,), float64
    missing_left : ndarray of shape (n_nodes,), bool
    value : ndarray of shape (n_nodes,) or (n_nodes, n_outputs), float64
        What a leaf adds: to the output of its tree, or to each output.
    base : ndarray of shape (n_outputs,), float64
    output : ndarray of shape (n_trees,), int, or None
        Output that a tree adds to; None if leaves add to all.
    link : {"none", "logistic", "softmax", "exponential"}
    less_equal : bool
        Whether a value that equals the threshold goes left.
    missing : float or None
        A number that stands for a missing value, besides NaN.
    """

    sizes: NDArray[Any]
    left: NDArray[Any]
    right: NDArray[Any]
    feature: NDArray[Any]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    base: NDArray[np.float64]
    output: NDArray[Any] | None
    link: str = "none"
    less_equal: bool = True
    missing: float | None = None


#: Makes an ensemble of the trees of a source.
Maker = Callable[[GivenTrees], Ensemble]
_MAKERS: dict[str, Maker] = {}


def register_source(source: str) -> Callable[[Maker], Maker]:
    """Register a function that makes an ensemble of the trees of a source.

    Parameters
    ----------
    source : str
        Value of `GivenTrees.source`.

    Returns
    -------
    register : callable
        A decorator that returns the function unchanged.
    """

    def register(make: Maker) -> Maker:
        _MAKERS[source] = make
        return make

    return register


def _in_float64(learner: GivenTrees, X: np.ndarray) -> np.ndarray:
    """Return the answer whose leaves are added in float64, as only some libraries do."""
    return learner.answer(X)


@register_converter(
    GivenTrees, tolerance=1e-6, exact=_in_float64, compares_only=True, proves_all=True
)
def convert_given_trees(subject: Subject) -> Any:
    """Return the spec of a tree ensemble, or of a pipeline if an exponential follows it."""
    ensemble = _MAKERS[subject.learner.source](subject.learner)
    inputs, before = input_features(subject), list[Any]()
    if ensemble.missing is not None:
        before, inputs = _without_missing(subject, ensemble.missing)
    is_classifier = subject.answers.choices == "labels"
    builders, target = coremltools().models.tree_ensemble, VALUE
    if is_classifier:
        labels = list(subject.answers.labels)
        builder = builders.TreeEnsembleClassifier(inputs, labels, [LABEL, PROBABILITIES])
    else:
        target = stage_prefix(subject) + "logarithm" if ensemble.link == "exponential" else VALUE
        builder = builders.TreeEnsembleRegressor(inputs, target)
    if ensemble.link in _TRANSFORMS:
        builder.set_post_evaluation_transform(_TRANSFORMS[ensemble.link])
    add_trees(builder, ensemble)
    after = [] if target == VALUE else _exponential(target, stage_prefix(subject))
    if not before and not after:
        return builder.spec
    stages = [*before, builder.spec, *after]
    if is_classifier:
        return pipeline_of(subject, stages)
    models = coremltools().models
    outputs = [(VALUE, models.datatypes.Double())]
    pipeline = models.pipeline.Pipeline(input_features(subject), outputs)
    for stage in stages:
        pipeline.add_model(stage)
    return pipeline.spec


def _without_missing(subject: Subject, missing: float) -> tuple[list[Any], list[Any]]:
    """Return stages that replace a number by NaN, and the input of the trees behind them."""
    prefix, width = stage_prefix(subject), len(subject.specs)
    given, imputed = prefix + "features", prefix + "imputed"
    stage = imputer(np.full(width, np.nan), given, imputed, missing)
    array = coremltools().models.datatypes.Array(width)
    return [vectorizer(input_features(subject), given), stage], [(imputed, array)]


def _exponential(logarithm: str, prefix: str) -> list[Any]:
    """Return stages from the logarithm of a value to the value."""
    models = coremltools().models
    double, one = models.datatypes.Double(), models.datatypes.Array(1)
    vector, array = prefix + "vector", prefix + VALUE
    network = models.neural_network.NeuralNetworkBuilder([(vector, one)], [(array, one)])
    network.add_unary("exponential", vector, array, "exp")
    extract = models.array_feature_extractor.create_array_feature_extractor
    return [
        vectorizer([(logarithm, double)], vector),
        network.spec,
        extract([(array, one)], VALUE, 0),
    ]


def ensemble_in(trees: Trees) -> Ensemble:
    """Return trees of one numbering of nodes as an ensemble of trees with their own."""
    sizes = np.diff(np.append(trees.roots, len(trees.left)))
    start = np.repeat(trees.roots, sizes)
    children = [np.where(side < 0, -1, side - start) for side in (trees.left, trees.right)]
    return Ensemble(
        sizes=sizes,
        left=children[0],
        right=children[1],
        feature=trees.feature,
        threshold=trees.threshold,
        missing_left=trees.missing_left,
        value=trees.value,
        base=trees.base,
        output=trees.dimension,
        less_equal=trees.less_equal,
    )


def add_trees(builder: Any, ensemble: Ensemble) -> None:
    """Add the base and all nodes to a builder of coremltools."""
    builder.set_default_prediction_value(ensemble.base.tolist())
    parameters = builder.tree_parameters
    kind = parameters.DESCRIPTOR.fields_by_name["nodes"].message_type
    behavior = kind.fields_by_name["nodeBehavior"].enum_type.values_by_name
    leaf_code = behavior[_LEAF].number
    branch = behavior[_LESS_EQUAL if ensemble.less_equal else _LESS].number
    threshold = ensemble.threshold
    if ensemble.less_equal:
        with np.errstate(over="ignore"):
            threshold = round_down(threshold).astype(np.float64)
    first = 0
    for tree, size in enumerate(ensemble.sizes.tolist()):
        own = slice(first, first + size)
        columns = (
            ensemble.left[own].tolist(),
            ensemble.right[own].tolist(),
            ensemble.feature[own].tolist(),
            threshold[own].tolist(),
            ensemble.missing_left[own].tolist(),
            ensemble.value[own].tolist(),
        )
        output = 0 if ensemble.output is None else int(ensemble.output[tree])
        # A node that was read takes a fifth of the memory of one that was added.
        own_tree = type(parameters)()
        nodes = own_tree.nodes
        for node, (left, right, feature, bound, missing_left, value) in enumerate(
            zip(*columns, strict=True)
        ):
            if left >= 0:
                nodes.add(
                    treeId=tree,
                    nodeId=node,
                    nodeBehavior=branch,
                    branchFeatureIndex=feature,
                    branchFeatureValue=bound,
                    trueChildNodeId=left,
                    falseChildNodeId=right,
                    missingValueTracksTrueChild=missing_left,
                )
                continue
            entries = nodes.add(treeId=tree, nodeId=node, nodeBehavior=leaf_code).evaluationInfo
            if ensemble.output is not None:
                entries.add(evaluationIndex=output, evaluationValue=value)
                continue
            some = [(place, part) for place, part in enumerate(value) if part] or [(0, 0.0)]
            for place, part in some:
                entries.add(evaluationIndex=place, evaluationValue=part)
        parameters.MergeFromString(own_tree.SerializeToString())
        first += size
