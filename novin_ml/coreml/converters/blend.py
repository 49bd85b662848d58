"""Convert a blend to a pipeline: trees and a perceptron, and a network that mixes both.

A classifier's probabilities, a dictionary, cannot feed another model of a pipeline. So the trees of
each class are a regressor, which returns the margin of the class.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import PROBABILITIES
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.boosting import added_in_float64, convert_boosting
from novin_ml.coreml.converters.network import (
    add_dense_layers,
    classifier_builder,
    finished,
    input_features,
    input_stages,
    pipeline_of,
    stage_prefix,
    vectorizer,
)
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import BlendLearner


def _with_exact_trees(learner: BlendLearner, X: np.ndarray) -> np.ndarray:
    """Return the probabilities of a blend whose trees are added in float64."""
    trees = added_in_float64(learner.boosting, X)
    return learner.mix(trees, learner.network.predict_proba(X))


@register_converter(BlendLearner, tolerance=1e-5, exact=_with_exact_trees)
def convert_blend(subject: Subject) -> Any:
    """Return the spec of a pipelineClassifier with one double input per feature."""
    learner: BlendLearner = subject.learner
    prefix = stage_prefix(subject)
    inputs = input_features(subject)
    regressors = _margin_regressors(replace(subject, learner=learner.boosting), inputs, prefix)
    double = coremltools().models.datatypes.Double()
    names = [regressor.description.predictedFeatureName for regressor in regressors]
    margins = vectorizer([(name, double) for name in names], prefix + "margins")
    before_network, vector = input_stages(learner.network, subject)
    sizes = [(prefix + "margins", len(names)), (vector, learner.n_features)]
    builder = classifier_builder(sizes)
    _add_mixture(builder, learner, *(name for name, _ in sizes))
    last = finished(builder, subject.answers.labels)
    return pipeline_of(subject, [*regressors, margins, *before_network, last])


def _margin_regressors(subject: Subject, inputs: list[Any], prefix: str) -> list[Any]:
    """Return a treeEnsembleRegressor for each class, or for the second of two."""
    trees = convert_boosting(subject).treeEnsembleClassifier.treeEnsemble
    output_of = {
        node.treeId: leaf.evaluationIndex for node in trees.nodes for leaf in node.evaluationInfo
    }
    builders = []
    for output, base in enumerate(trees.basePredictionValue):
        builder = coremltools().models.tree_ensemble.TreeEnsembleRegressor(
            inputs, f"{prefix}margin_{output}"
        )
        builder.set_default_prediction_value(base)
        builders.append(builder)
    number: dict[int, int] = {}
    counts = [0] * len(builders)
    for node in trees.nodes:
        output = output_of[node.treeId]
        if node.treeId not in number:
            number[node.treeId] = counts[output]
            counts[output] += 1
        own = builders[output].tree_parameters.nodes.add()
        own.CopyFrom(node)
        own.treeId = number[node.treeId]
        for leaf in own.evaluationInfo:
            leaf.evaluationIndex = 0
    return [builder.spec for builder in builders]


def _add_mixture(builder: Any, learner: BlendLearner, margins: str, vector: str) -> None:
    """Add the layers from margins and features to the mixed probabilities."""
    if learner.n_classes == 2:
        # Two logits, 0 and the margin, as in the network.
        builder.add_inner_product(
            "logits_of_trees",
            np.array([[0.0], [1.0]], dtype=np.float32),
            None,
            1,
            2,
            has_bias=False,
            input_name=margins,
            output_name="logits_of_trees",
        )
        margins = "logits_of_trees"
    logits = add_dense_layers(builder, learner.network, vector)
    parts = []
    for name, source, share in zip(
        ("trees", "network"), (margins, logits), learner.shares, strict=True
    ):
        builder.add_softmax(f"softmax_of_{name}", source, f"softmax_of_{name}")
        builder.add_activation(
            f"share_of_{name}",
            "LINEAR",
            f"softmax_of_{name}",
            f"share_of_{name}",
            [float(share), 0.0],
        )
        parts.append(f"share_of_{name}")
    builder.add_elementwise("mixture", parts, PROBABILITIES, mode="ADD")
