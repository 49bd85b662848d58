"""What the spec of an autoencoder must be: plain, or as a phone can train it."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.answers import ANOMALY_SCORE, DECISION
from novin_ml.coreml.structure._network_parts import add_dense, before_network, extractor
from novin_ml.coreml.structure._parts import (
    add_array,
    add_layer,
    add_linear,
    new_model,
    own_prefix,
)
from novin_ml.coreml.structure._updatable import train_by_squares
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import AutoencoderLearner

_LOGARITHM = 5  # UnaryFunctionLayerParams.Operation
# Below it coremltools' builder takes every number for this one.
_LEAST = 1e-45


def add_autoencoder(spec: Any, subject: Subject) -> list[Any]:
    """Write the form into a spec that has its inputs and outputs; it has no trees."""
    learner: AutoencoderLearner = subject.learner
    width, names = learner.n_features, (ANOMALY_SCORE, DECISION)
    prefix = "" if subject.update is not None else own_prefix(subject)
    stages, source = before_network(learner.network, subject, own_prefix(subject))
    model = new_model()
    add_array(model.description.input, source, width)
    for name in names:
        add_array(model.description.output, f"{prefix}{name}", 1)
    network = model.neuralNetwork
    restored = add_dense(network, learner.network, source, "reconstruction")
    add_linear(network, "negative", source, "negative", -1.0, 0.0)
    add_layer(network, "difference", [restored, "negative"], "difference").add.SetInParent()
    squared = add_layer(network, "squares", ["difference", "difference"], "squares")
    squared.multiply.SetInParent()
    mean = add_layer(network, "mean_square", ["squares"], "mean_square").innerProduct
    mean.inputChannels, mean.outputChannels = width, 1
    mean.weights.floatValue.extend(np.full(width, 1 / width, np.float32).tolist())
    unary = add_layer(network, "logarithm", ["mean_square"], "logarithm").unary
    unary.type, unary.scale, unary.alpha, unary.epsilon = _LOGARITHM, 1.0, 1.0, _LEAST
    score = f"{prefix}{ANOMALY_SCORE}"
    add_layer(network, "score", ["logarithm"], score).activation.sigmoid.SetInParent()
    offset = float(subject.answers.offset)
    add_linear(network, "decision", score, f"{prefix}{DECISION}", -1.0, -offset)
    models = spec.pipeline.models
    models.extend([*stages, model])
    if subject.update is None:
        models.extend(extractor(f"{prefix}{name}", name) for name in names)
        return []
    del spec.description.output[:]
    for name in names:
        add_array(spec.description.output, name, 1)
    train_by_squares(spec, width, subject.update)
    return []
