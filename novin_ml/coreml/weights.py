"""The weights of a network in a model file: read and set, exactly."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml.answers import AlarmAnswers
from novin_ml.coreml.converters.autoencoder import MEAN
from novin_ml.coreml.converters.novin import NOTES
from novin_ml.coreml.export import Export, checked_path, write_export
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.verify import read_certified
from novin_ml.estimators.learners import AutoencoderLearner, NetworkLearner
from novin_ml.estimators.weights import WeightLayout, checked_values, network_of, with_values
from novin_ml.exceptions import CertificateError, ParityError, UnsupportedModelError
from novin_ml.plain import plural, shown

_NETWORKS = (NetworkLearner, AutoencoderLearner)


def weight_layout(path: str | os.PathLike[str]) -> WeightLayout:
    """Return what each value in the vector of a model file's weights is.

    Parameters
    ----------
    path : str or path-like
        A network that `export_coreml` wrote, a ``.mlmodel`` file or a ``.mlpackage`` folder.

    Returns
    -------
    layout : WeightLayout
        That of the estimator, see `novin_ml.estimators.weight_layout`.

    Raises
    ------
    UnsupportedModelError
        If the file is no such model: trees, a blend, or a network with weights of fewer bits.
    """
    return _layout_and_values(read_spec(path), Path(path))[0]


def get_weights(path: str | os.PathLike[str]) -> np.ndarray:
    """Return all weights and biases of the network in a model file as one vector.

    Parameters
    ----------
    path : str or path-like
        As for `weight_layout`. Certificate and reference need not be there.

    Returns
    -------
    values : ndarray of shape (n_values,), float32
        Those that `novin_ml.estimators.get_weights` returns for the estimator, bit for bit.

    Raises
    ------
    UnsupportedModelError
        If the file is no such model.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from novin_ml import DeliveryClassifier, export_coreml
    >>> from novin_ml import coreml, estimators
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> y = np.where(X[:, 0] > 0, "delivery", "no_delivery")
    >>> model = DeliveryClassifier("mlp", epochs=2).fit(X, y)
    >>> file = tempfile.mkdtemp() + "/delivery.mlmodel"
    >>> _ = export_coreml(model, file, updatable=True)
    >>> values = coreml.get_weights(file)
    >>> bool(np.array_equal(values, estimators.get_weights(model)))
    True
    >>> export = coreml.set_weights(file, values / 2, file)
    >>> export.certificate.passed, bool(np.array_equal(coreml.get_weights(file), values / 2))
    (True, True)
    """
    return _layout_and_values(read_spec(path), Path(path))[1]


def set_weights(
    path: str | os.PathLike[str], values: np.ndarray, out: str | os.PathLike[str]
) -> Export:
    """Write a model with other weights, and certify it.

    The new model is what an export of the estimator with these weights would be: its reference has
    the new weights, and its certificate and its manifest are of them. A baseline is learning then,
    and never alarms: its threshold was chosen for scores of other weights. The entries of the card
    are left out: they were measured with other weights. Texts, other thresholds and facts of the
    training stay.

    Parameters
    ----------
    path : str or path-like
        As for `weight_layout`, with its certificate and its reference beside it.
    values : ndarray of shape (n_values,), float32
        In the order of `weight_layout`.
    out : str or path-like
        Where to write, as for `export_coreml`; it may be `path`.

    Returns
    -------
    export : Export
        What was written; the model is updatable if the one at `path` is.

    Raises
    ------
    UnsupportedModelError
        If the file at `path` is no such model.
    InvalidParametersError
        If the values are not as described, or not finite.
    SavedModelError, CertificateError, ParityError
        If the model at `path` is not the certified one, or differs from its reference.
    NotExportableError
        If nothing can be written at `out`.
    """
    path, place = Path(path), checked_path(out)
    spec, _, subject = read_certified(path)
    layout, _ = _layout_and_values(spec, path)
    values = checked_values(values, layout)
    if subject is None or subject.record is None or not isinstance(subject.learner, _NETWORKS):
        raise CertificateError(
            f"The reference of {path} must be a network, with a record of what the export wrote, "
            "to make a model of other weights. Got none. Export the estimator again."
        )
    structure = compare_structure(spec, subject)
    if not structure.passed:
        raise ParityError(
            f"{path} must be its Python model part by part: {structure.difference}. "
            "Export the model again."
        )
    changed = _with_values(subject, values)
    return write_export(changed, place, texts=subject.record.texts, card={})


def _with_values(subject: Subject, values: np.ndarray) -> Subject:
    """Return a subject with other weights; a detector is learning then, as in Python."""
    network = with_values(network_of(subject.learner), values)
    if isinstance(subject.learner, NetworkLearner):
        return replace(subject, learner=network)
    return replace(
        subject,
        learner=subject.learner.with_network(network),
        answers=AlarmAnswers(-1.0),
        info=subject.info | {"state": "learning"},
        note=NOTES["learning"],
    )


def _layout_and_values(spec: Any, path: Path) -> tuple[WeightLayout, np.ndarray]:
    """Read the fully connected layers of the network at the end of a pipeline."""
    is_classifier = spec.WhichOneof("Type") == "pipelineClassifier"
    models = spec.pipelineClassifier.pipeline.models if is_classifier else spec.pipeline.models
    kind = "neuralNetworkClassifier" if is_classifier else "neuralNetwork"
    kinds = [model.WhichOneof("Type") for model in models]
    has_trees = any("tree" in str(each) for each in kinds)
    if has_trees or kinds.count(kind) != 1 or (is_classifier and kinds[-1] != kind):
        is_blend = is_classifier and kinds
        got = "a blend of trees and a network" if is_blend else f"a {spec.WhichOneof('Type')}"
        raise _unsupported(path, got)
    dense = [
        layer
        for layer in getattr(models[kinds.index(kind)], kind).layers
        if layer.WhichOneof("layer") == "innerProduct" and layer.name != MEAN
    ]
    shapes, parts = [], []
    for number, layer in enumerate(dense, start=1):
        own = layer.innerProduct
        shape = int(own.outputChannels), int(own.inputChannels)
        if layer.name != f"dense_{number}" or not own.hasBias:
            raise _unsupported(path, f"a layer {shown(layer.name)} of other form")
        for part, size in ((own.weights, shape[0] * shape[1]), (own.bias, shape[0])):
            if part.float16Value or part.rawValue or part.int8RawValue:
                raise _unsupported(path, f"quantised weights in {layer.name}")
            if len(part.floatValue) != size:
                raise _unsupported(
                    path, f"{plural(len(part.floatValue), 'value')} in {layer.name} of {size:,}"
                )
            parts.append(np.array(part.floatValue, dtype=np.float32))
        shapes.append(shape)
    if not shapes:
        raise _unsupported(path, "a network without layers")
    return WeightLayout.of_shapes(shapes), np.concatenate(parts)


def _unsupported(path: Path, got: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        f"{path} must be a network that export_coreml wrote, with weights of 32 bits, to have "
        f"weights that can be read and set. Got {got}. Export a classifier with algorithm='mlp', "
        "or a baseline with algorithm='autoencoder'."
    )
