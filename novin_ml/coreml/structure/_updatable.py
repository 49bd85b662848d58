"""What an updatable model has besides the form of its network."""

from __future__ import annotations

from typing import Any

from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.structure._parts import add_array
from novin_ml.coreml.update_settings import ADAM, UpdateSettings

_VERSION = 4
_TARGET = "reconstruction_true"


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
        _open(model)
        description = model.description
        (label,) = (each for each in description.output if each.name == LABEL)
        description.trainingInput.add().CopyFrom(label)
    network = last.neuralNetworkClassifier
    loss = network.updateParams.lossLayers.add()
    loss.name = "loss"
    loss.categoricalCrossEntropyLossLayer.input = PROBABILITIES
    loss.categoricalCrossEntropyLossLayer.target = f"{PROBABILITIES}_true"
    _set_training(network, settings)


def train_by_squares(spec: Any, width: int, settings: UpdateSettings) -> None:
    """Make a phone able to train the network at the end of a pipeline to return its input.

    Parameters
    ----------
    spec : Model_pb2.Model
        Has all stages.
    width : int
        Number of features.
    settings : UpdateSettings
        Parameters of the training.
    """
    last = spec.pipeline.models[-1]
    for model in (spec, last):
        _open(model)
        add_array(model.description.trainingInput, _TARGET, width)
    network = last.neuralNetwork
    loss = network.updateParams.lossLayers.add()
    loss.name = "loss"
    loss.meanSquaredErrorLossLayer.input = "reconstruction"
    loss.meanSquaredErrorLossLayer.target = _TARGET
    _set_training(network, settings)


def _open(model: Any) -> None:
    model.isUpdatable = True
    model.specificationVersion = _VERSION
    model.description.trainingInput.extend(model.description.input)


def _set_training(network: Any, settings: UpdateSettings) -> None:
    for layer in network.layers:
        if layer.name.startswith("dense_"):
            layer.isUpdatable = True
            layer.innerProduct.weights.isUpdatable = True
            layer.innerProduct.bias.isUpdatable = True
    update = network.updateParams
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
