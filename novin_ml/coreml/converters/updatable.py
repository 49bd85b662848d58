"""Convert a perceptron to a model that a phone can train: `MLUpdateTask`.

Imputer and scaler stay as they are, as stages before the network; all its weights are trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import LABEL, PROBABILITIES
from novin_ml.coreml.converters.network import (
    add_dense_layers,
    classifier_builder,
    finished,
    input_features,
    input_stages,
    pipeline_builder,
)
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.update_settings import SGD, UpdateSettings
from novin_ml.estimators.learners import NetworkLearner
from novin_ml.exceptions import NotExportableError

#: The first version of the specification with models that a phone can train.
_VERSION = 4


def updatable_subject(
    subject: Subject, update_params: Mapping[str, Any] | UpdateSettings | None
) -> Subject:
    """Return the subject of the export of an updatable model.

    Parameters
    ----------
    subject : Subject
        Of a network.
    update_params : mapping of str to object, UpdateSettings or None
        Parameters of the training on a phone.

    Returns
    -------
    subject : Subject
        With an output for each class, also of two.

    Raises
    ------
    NotExportableError
        If the learner is no network, or a parameter is not allowed.
    """
    if not isinstance(subject.learner, NetworkLearner):
        raise NotExportableError(
            "An updatable model must be a network: Core ML trains no trees on a phone, alone or in "
            f"a blend. Got a learner of {subject.learner.kind!r}. Train a classifier with "
            "algorithm='mlp', or export without updatable."
        )
    settings = update_params
    if not isinstance(settings, UpdateSettings):
        settings = UpdateSettings.of(settings)
    learner = subject.learner.with_two_outputs()
    # The reference answers with two outputs, too, whose last bits may differ from those of one.
    own_answer = subject.own_answer if learner is subject.learner else None
    return replace(subject, learner=learner, own_answer=own_answer, update=settings)


def convert_updatable(subject: Subject) -> Any:
    """Return the spec of an updatable pipelineClassifier with one double input per feature."""
    learner: NetworkLearner = subject.learner
    labels = subject.answers.labels
    stages, last = input_stages(learner, subject)
    builder = classifier_builder([(last, learner.n_features)])
    builder.add_softmax("softmax", add_dense_layers(builder, learner, last), PROBABILITIES)
    network = finished(builder, labels)
    builder.make_updatable([f"dense_{number + 1}" for number in range(len(learner.weights))])
    _set_training(builder, subject.update)
    network.description.trainingInput.extend(network.description.input)
    label = network.description.trainingInput.add()
    label.name = LABEL
    types = coremltools().models.datatypes
    is_text = isinstance(labels[0], str)
    (label.type.stringType if is_text else label.type.int64Type).SetInParent()
    pipeline = pipeline_builder(subject, [*stages, network])
    pipeline.make_updatable()
    kind = types.String() if is_text else types.Int64()
    pipeline.set_training_input([*input_features(subject), (LABEL, kind)])
    pipeline.spec.specificationVersion = _VERSION
    return pipeline.spec


def _set_training(builder: Any, settings: Any) -> None:
    # The builder's own function for the loss prints to standard output.
    loss = builder.nn_spec.updateParams.lossLayers.add()
    loss.name = "loss"
    loss.categoricalCrossEntropyLossLayer.input = PROBABILITIES
    loss.categoricalCrossEntropyLossLayer.target = f"{PROBABILITIES}_true"
    network = coremltools().models.neural_network
    if settings.optimizer == SGD:
        params = network.SgdParams(lr=settings.learning_rate, momentum=settings.momentum)
        set_optimizer = builder.set_sgd_optimizer
    else:
        params = network.AdamParams(
            lr=settings.learning_rate,
            beta1=settings.beta_1,
            beta2=settings.beta_2,
            eps=settings.epsilon,
        )
        set_optimizer = builder.set_adam_optimizer
    params.set_batch(settings.batch_size, settings.batch_sizes)
    set_optimizer(params)
    builder.set_epochs(settings.epochs, settings.epoch_counts)
    builder.set_shuffle(settings.seed)
