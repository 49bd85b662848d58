"""What an updatable model has besides the form of its network."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.update_settings import ADAM, UpdateSettings

_VERSION = 4


def make_updatable(spec: Any, settings: UpdateSettings) -> None:
    """Make a phone able to train the network at the end of a pipelineClassifier.

    Parameters
    ----------
    spec : Model_pb2.Model
        Has all stages.
    settings : UpdateSettings
        Parameters of the training.
    """
    last = spec.pipelineClassifier.pipeline.models[-1]
    for model in (spec, last):
        model.isUpdatable = True
        model.specificationVersion = _VERSION
        description = model.description
        description.trainingInput.extend(description.input)
        (label,) = (each for each in description.output if each.name == LABEL)
        description.trainingInput.add().CopyFrom(label)
    network = last.neuralNetworkClassifier
    for layer in network.layers:
        if layer.WhichOneof("layer") == "innerProduct":
            layer.isUpdatable = True
            layer.innerProduct.weights.isUpdatable = True
            layer.innerProduct.bias.isUpdatable = True
    update = network.updateParams
    loss = update.lossLayers.add()
    loss.name = "loss"
    loss.categoricalCrossEntropyLossLayer.input = PROBABILITIES
    loss.categoricalCrossEntropyLossLayer.target = f"{PROBABILITIES}_true"
    _set_optimizer(update.optimizer, settings)
    update.epochs.defaultValue = settings.epochs
    update.epochs.set.values.extend(settings.epoch_counts)
    update.shuffle.defaultValue = True
    if settings.seed is not None:
        update.seed.defaultValue = settings.seed


def _set_optimizer(optimizer: Any, settings: UpdateSettings) -> None:
    if settings.optimizer == ADAM:
        own = optimizer.adamOptimizer
        rates = {"beta1": settings.beta_1, "beta2": settings.beta_2, "eps": settings.epsilon}
    else:
        own = optimizer.sgdOptimizer
        rates = {"momentum": settings.momentum}
    for name, value in {"learningRate": settings.learning_rate, **rates}.items():
        parameter = getattr(own, name)
        parameter.defaultValue = value
        parameter.range.minValue, parameter.range.maxValue = 0.0, 1.0
    own.miniBatchSize.defaultValue = settings.batch_size
    own.miniBatchSize.set.values.extend(settings.batch_sizes)
