"""Convert a perceptron or an autoencoder to a model that a phone can train: `MLUpdateTask`.

Imputer and scaler stay as they are, as stages before the network; all its weights are trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.answers import ANOMALY_SCORE, DECISION, LABEL, PROBABILITIES
from novin_ml.coreml.converters.autoencoder import RECONSTRUCTION, scoring_network
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
from novin_ml.coreml.weights_manifest import TARGET
from novin_ml.estimators.learners import AutoencoderLearner, NetworkLearner
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
        With an output for each class, also of two; an autoencoder as it is.

    Raises
    ------
    NotExportableError
        If the learner is no network, or a parameter is not allowed.
    """
    if not isinstance(subject.learner, (NetworkLearner, AutoencoderLearner)):
        raise NotExportableError(
            "An updatable model must be a network: Core ML trains no trees on a phone, alone or in "
            f"a blend. Got a learner of {subject.learner.kind!r}. Train a classifier with "
            "algorithm='mlp', a baseline with algorithm='autoencoder', or export without updatable."
        )
    settings = update_params
    if not isinstance(settings, UpdateSettings):
        settings = UpdateSettings.of(settings)
    if isinstance(subject.learner, AutoencoderLearner):
        return replace(subject, update=settings)
    learner = subject.learner.with_two_outputs()
    # The reference answers with two outputs, too, whose last bits may differ from those of one.
    own_answer = subject.own_answer if learner is subject.learner else None
    return replace(subject, learner=learner, own_answer=own_answer, update=settings)


def convert_updatable(subject: Subject) -> Any:
    """Return the spec of an updatable pipeline with one double input per feature."""
    if isinstance(subject.learner, AutoencoderLearner):
        return _updatable_autoencoder(subject)
    learner: NetworkLearner = subject.learner
    labels = subject.answers.labels
    stages, last = input_stages(learner, subject)
    builder = classifier_builder([(last, learner.n_features)])
    builder.add_softmax("softmax", add_dense_layers(builder, learner, last), PROBABILITIES)
    network = finished(builder, labels)
    # The builder's own function for the loss prints to standard output.
    loss = builder.nn_spec.updateParams.lossLayers.add()
    loss.name = "loss"
    loss.categoricalCrossEntropyLossLayer.input = PROBABILITIES
    loss.categoricalCrossEntropyLossLayer.target = f"{PROBABILITIES}_true"
    _set_training(builder, learner, subject.update)
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


def _updatable_autoencoder(subject: Subject) -> Any:
    """Return a pipeline whose outputs are arrays: a network that is trained must be its end."""
    learner: AutoencoderLearner = subject.learner
    models = coremltools().models
    one, row = models.datatypes.Array(1), models.datatypes.Array(learner.n_features)
    stages, builder = scoring_network(subject, ANOMALY_SCORE, DECISION)
    loss = builder.nn_spec.updateParams.lossLayers.add()
    loss.name = "loss"
    loss.meanSquaredErrorLossLayer.input = RECONSTRUCTION
    loss.meanSquaredErrorLossLayer.target = TARGET
    _set_training(builder, learner.network, subject.update)
    network = builder.spec
    network.description.trainingInput.extend(network.description.input)
    target = network.description.trainingInput.add()
    target.CopyFrom(network.description.input[0])
    target.name = TARGET
    pipeline = models.pipeline.Pipeline(
        input_features(subject), [(name, one) for name in (ANOMALY_SCORE, DECISION)]
    )
    for stage in (*stages, network):
        pipeline.add_model(stage)
    pipeline.make_updatable()
    pipeline.set_training_input([*input_features(subject), (TARGET, row)])
    pipeline.spec.specificationVersion = _VERSION
    return pipeline.spec


def _set_training(builder: Any, learner: NetworkLearner, settings: Any) -> None:
    builder.make_updatable([f"dense_{number + 1}" for number in range(len(learner.weights))])
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
