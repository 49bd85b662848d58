"""Convert a forest: trees whose leaves add up to the mean shares of the classes.

The stock converter returns the sum over the trees for three and more classes, drops where missing
values go, and refuses scikit-learn above 1.5. So trees are built node by node.

Calibration, and division by the classes' shares, are of the logarithms of the means. A forest that
has either is a pipeline: a regressor with a mean for each class, and a network of three layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.network import (
    classifier_builder,
    finished,
    input_features,
    pipeline_of,
    stage_prefix,
)
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import Calibration, ForestLearner


@register_converter(ForestLearner, tolerance=1e-5, compares_only=True)
def convert_forest(subject: Subject) -> Any:
    """Return the spec of a treeEnsembleClassifier, or of a pipelineClassifier if calibrated."""
    learner: ForestLearner = subject.learner
    trees = coremltools().models.tree_ensemble
    inputs = input_features(subject)
    if learner.calibration.changes_nothing:
        builder = trees.TreeEnsembleClassifier(
            inputs, list(subject.answers.labels), [LABEL, PROBABILITIES]
        )
        _add_trees(builder, learner)
        return builder.spec
    means = stage_prefix(subject) + "means"
    builder = trees.TreeEnsembleRegressor(inputs, means)
    _add_trees(builder, learner)
    _make_array(builder.spec.description.output[0], learner.n_classes)
    network = classifier_builder([(means, learner.n_classes)])
    network.add_unary("logarithms", means, "logarithms", "log")
    n_classes = learner.n_classes
    network.add_inner_product(
        "calibrated",
        learner.calibration.scale * np.eye(n_classes, dtype=np.float32),
        shifts_of(learner.calibration, n_classes),
        n_classes,
        n_classes,
        has_bias=True,
        input_name="logarithms",
        output_name="calibrated",
    )
    network.add_softmax("softmax", "calibrated", PROBABILITIES)
    return pipeline_of(subject, [builder.spec, finished(network, subject.answers.labels)])


def shifts_of(calibration: Calibration, n_classes: int) -> np.ndarray:
    """Return what a calibration adds to the logarithm of each class, float32 (n_classes,)."""
    if n_classes == 2:  # the margin is that of the second against the first
        second = calibration.shift + sum(calibration.of_class, np.float32(0))
        return np.array([0, second], dtype=np.float32)
    shifts = np.array(calibration.of_class or np.zeros(n_classes), dtype=np.float32)
    return shifts + calibration.shift


def _add_trees(builder: Any, learner: ForestLearner) -> None:
    trees, n_means = learner.trees, learner.trees.n_trees + 1
    builder.set_default_prediction_value([1 / learner.n_classes / n_means] * learner.n_classes)
    values = trees.shares.astype(np.float64) / n_means
    leaf_of = trees.leaf_of
    for tree, (first, end) in enumerate(
        zip(trees.tree_offsets[:-1].tolist(), trees.tree_offsets[1:].tolist(), strict=True)
    ):
        nodes = slice(first, end)
        columns = [
            trees.feature[nodes].tolist(),
            trees.threshold[nodes].astype(np.float64).tolist(),
            (trees.left[nodes] - first).tolist(),
            (trees.right[nodes] - first).tolist(),
            trees.missing_left[nodes].tolist(),
            leaf_of[nodes].tolist(),
        ]
        for node, (feature, threshold, left, right, missing_left, leaf) in enumerate(
            zip(*columns, strict=True)
        ):
            if feature < 0:
                own = np.flatnonzero(values[leaf]).tolist()
                builder.add_leaf_node(tree, node, {code: values[leaf, code] for code in own})
            else:
                builder.add_branch_node(
                    tree,
                    node,
                    feature,
                    threshold,
                    "BranchOnValueLessThanEqual",
                    left,
                    right,
                    missing_value_tracks_true_child=missing_left,
                )


def _make_array(feature: Any, width: int) -> None:
    """Give a feature the type of a vector; coremltools gives a regressor one number."""
    feature.type.multiArrayType.shape.append(width)
    types = coremltools().proto.FeatureTypes_pb2.ArrayFeatureType
    feature.type.multiArrayType.dataType = types.DOUBLE
