"""Convert an isolation forest: trees whose sum is the logarithm of the score, then a network.

The score is 2^(-E[h] / c), with E[h] the mean path length over the trees. So each leaf of T trees
holds ``-ln 2 / (T c) * path length``, and the exponential of the sum is the score.

Trees return a number, while networks take and return arrays. A vectorizer and two extractors
convert between them, so that both outputs are plain numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import ANOMALY_SCORE, DECISION
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.network import input_features, stage_prefix, vectorizer
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import IsolationLearner


@register_converter(IsolationLearner, tolerance=1e-6, compares_only=True)
def convert_isolation(subject: Subject) -> Any:
    """Return the spec of a pipeline with one double input per feature and two double outputs."""
    models = coremltools().models
    double, one = models.datatypes.Double(), models.datatypes.Array(1)
    prefix = stage_prefix(subject)
    log, vector = prefix + "log_score", prefix + "vector"
    arrays = {name: f"{prefix}{name}" for name in (ANOMALY_SCORE, DECISION)}
    pipeline = models.pipeline.Pipeline(
        input_features(subject), [(name, double) for name in arrays]
    )
    pipeline.add_model(_trees(subject, log))
    pipeline.add_model(vectorizer([(log, double)], vector))
    pipeline.add_model(_network(subject.answers.offset, vector, *arrays.values()))
    for name, array in arrays.items():
        pipeline.add_model(
            models.array_feature_extractor.create_array_feature_extractor([(array, one)], name, 0)
        )
    return pipeline.spec


def _trees(subject: Subject, target: str) -> Any:
    """Return the spec of a treeEnsembleRegressor, from the features to the log of the score."""
    learner: IsolationLearner = subject.learner
    builder = coremltools().models.tree_ensemble.TreeEnsembleRegressor(
        input_features(subject), target
    )
    # Without any path it is 0, except for trees of one row, whose paths are all 0.
    builder.set_default_prediction_value(float(np.log(-learner.scores_of(np.zeros(1))[0])))
    for tree, (first, end) in enumerate(
        zip(learner.tree_offsets[:-1].tolist(), learner.tree_offsets[1:].tolist(), strict=True)
    ):
        nodes = slice(first, end)
        columns = [
            learner.feature[nodes].tolist(),
            learner.threshold[nodes].astype(np.float64).tolist(),
            (learner.left[nodes] - first).tolist(),
            (learner.right[nodes] - first).tolist(),
            leaf_values(learner, nodes).tolist(),
        ]
        for node, (feature, threshold, left, right, value) in enumerate(zip(*columns, strict=True)):
            if feature < 0:
                builder.add_leaf_node(tree, node, value)
            else:
                builder.add_branch_node(
                    tree, node, feature, threshold, "BranchOnValueLessThanEqual", left, right
                )
    return builder.spec


def leaf_values(learner: IsolationLearner, nodes: slice = slice(None)) -> np.ndarray:
    """Return the contribution of each leaf to the log of the score; for other nodes, their mean."""
    # Trees of one row have a denominator of 0 and paths of 0.
    return -math.log(2) / (learner.denominator or 1) * learner.path_length[nodes]


def _network(offset: float, source: str, score: str, decision: str) -> Any:
    """Return the spec of a neuralNetwork: the exponential, and its distance from the threshold."""
    models = coremltools().models
    one = models.datatypes.Array(1)
    builder = models.neural_network.NeuralNetworkBuilder(
        [(source, one)], [(score, one), (decision, one)]
    )
    builder.add_unary("score", source, score, "exp")
    builder.add_activation("decision", "LINEAR", score, decision, [-1.0, -float(offset)])
    return builder.spec
