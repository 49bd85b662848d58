"""Convert an autoencoder: scaler, network, and the score of its error, all in one network.

The score e / (1 + e) of the mean squared error e is the sigmoid of its logarithm. A phone trains
the last model of a pipeline alone. So an updatable one has no extractors behind the network: its
two outputs are arrays of one number, and those of a plain one are numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import ANOMALY_SCORE, DECISION
from novin_ml.coreml.converters._registry import register_converter
from novin_ml.coreml.converters.network import (
    add_dense_layers,
    input_features,
    input_stages,
    stage_prefix,
)
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import AutoencoderLearner

#: What the network returns of its input, and the layer that averages its squared errors.
RECONSTRUCTION, MEAN = "reconstruction", "mean_square"


@register_converter(AutoencoderLearner, tolerance=1e-5)
def convert_autoencoder(subject: Subject) -> Any:
    """Return the spec of a pipeline with one double input per feature and two double outputs."""
    models = coremltools().models
    double, one = models.datatypes.Double(), models.datatypes.Array(1)
    arrays = {name: f"{stage_prefix(subject)}{name}" for name in (ANOMALY_SCORE, DECISION)}
    stages, builder = scoring_network(subject, *arrays.values())
    pipeline = models.pipeline.Pipeline(
        input_features(subject), [(name, double) for name in arrays]
    )
    for stage in (*stages, builder.spec):
        pipeline.add_model(stage)
    for name, array in arrays.items():
        pipeline.add_model(
            models.array_feature_extractor.create_array_feature_extractor([(array, one)], name, 0)
        )
    return pipeline.spec


def scoring_network(subject: Subject, score: str, decision: str) -> tuple[list[Any], Any]:
    """Return the stages before the network, and the builder of the network with both outputs."""
    learner: AutoencoderLearner = subject.learner
    width = learner.n_features
    stages, source = input_stages(learner.network, subject)
    models = coremltools().models
    one = models.datatypes.Array(1)
    builder = models.neural_network.NeuralNetworkBuilder(
        [(source, models.datatypes.Array(width))], [(score, one), (decision, one)]
    )
    add_dense_layers(builder, learner.network, source, RECONSTRUCTION)
    builder.add_activation("negative", "LINEAR", source, "negative", [-1.0, 0.0])
    builder.add_elementwise("difference", [RECONSTRUCTION, "negative"], "difference", "ADD")
    builder.add_elementwise("squares", ["difference", "difference"], "squares", "MULTIPLY")
    shares = np.full((1, width), 1 / width, dtype=np.float32)
    builder.add_inner_product(MEAN, shares, None, width, 1, False, "squares", MEAN)
    builder.add_unary("logarithm", MEAN, "logarithm", "log")
    builder.add_activation("score", "SIGMOID", "logarithm", score)
    offset = float(subject.answers.offset)
    builder.add_activation("decision", "LINEAR", score, decision, [-1.0, -offset])
    return stages, builder
