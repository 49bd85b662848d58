"""From a fitted estimator to a certified Core ML model on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.certificate import Certificate, certify
from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.coreml.converters.updatable import convert_updatable, updatable_subject
from novin_ml.coreml.interface import describe
from novin_ml.coreml.origin import Record, rows_hash
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import REFERENCE_KIND, Subject
from novin_ml.coreml.texts import checked_card, require_texts
from novin_ml.coreml.weights_manifest import is_manifest, manifest_path, manifest_text
from novin_ml.exceptions import NotExportableError, ParityError
from novin_ml.files import finish_replacing, replace_whole
from novin_ml.plain import plural, shown
from novin_ml.store import folder_hash, is_free

SUFFIXES = (".mlmodel", ".mlpackage")


@dataclass(frozen=True)
class Export:
    """The files of an export.

    Attributes
    ----------
    model : Path
        The Core ML model.
    certificate_file : Path
        Its certificate, ``NAME.certificate.json``.
    reference : Path
        The Python model that it was compared with, ``NAME.reference``, a folder.
    certificate : Certificate
    weights_manifest : Path or None
        What each weight of an updatable model is, ``NAME.weights.json``.
    """

    model: Path
    certificate_file: Path
    reference: Path
    certificate: Certificate
    weights_manifest: Path | None = None


def export_coreml(
    estimator: Any,
    path: str | os.PathLike[str],
    *,
    feature_names: Sequence[str] | None = None,
    class_labels: Sequence[Any] | None = None,
    data: Any = None,
    description: str | None = None,
    author: str | None = None,
    license: str | None = None,
    version: str | None = None,
    card: Mapping[str, str] | None = None,
    updatable: bool = False,
    update_params: Mapping[str, Any] | None = None,
) -> Export:
    """Write a fitted estimator as a Core ML model, and certify that both answer alike.

    An interpreter of Core ML's specification compares the model with the Python model: on
    training-like and random rows, with missing values, at every threshold of the trees and one
    float32 ulp to either side, and at every leaf that a row can reach. It uses the names of inputs,
    outputs and labels, as a phone does. Nothing is written if a probability differs by more than
    1e-6 (trees) or 1e-5 (networks and blends), or if a label differs in a row that is no tie. For a
    detector the score, the decision (1e-6) and the flag are compared, without missing values, which
    a detector does not accept.

    Trees are compared with xgboost's answer. Where xgboost's own float32 sum of hundreds of trees
    is wrong by more than the tolerance, they are compared with a float64 sum of the same trees. The
    certificate counts these rows as ``rounded``.

    Parameters
    ----------
    estimator : object
        A fitted classifier or detector of novin_ml, a pipeline that ends in one, a monitor, whose
        forest is the model, or a fitted model of scikit-learn, xgboost or LightGBM; ``novin-ml
        export --list`` prints which. A subclass of these may add data. It must not override
        ``fit``, ``predict``, ``predict_proba`` or any other method that makes answers.
    path : str or path-like
        Where to write: ``NAME.mlmodel``, or ``NAME.mlpackage``. An earlier export of that name is
        replaced with its certificate and reference, all of them or none.
    feature_names : sequence of str, default=None
        Names of the inputs, one for each column in the order of training. By default they are the
        estimator's own, or ``feature_0``, ``feature_1``, ... A column must not get the name of
        another column of the training data, and no name may be a keyword of Swift.
    class_labels : sequence of str or int, default=None
        Labels of the classes; by default the estimator's own. Must be None for a detector.
    data : DataFrame or array-like of shape (n_rows, n_features), default=None
        Further feature rows to check on. The columns of a DataFrame are found by the names of the
        model's inputs, or else by the names in training. If the estimator was trained without
        names, they are found by the numbers 0, 1, ...; columns with other whole numbers are taken
        in the order of training.
    description, author, license, version : str, default=None
        Metadata that Xcode shows.
    card : mapping of str to str, default=None
        Entries of the model card for the metadata, from `novin_ml.evaluation.card_metadata`.
    updatable : bool, default=False
        Make a network that a phone can train on rows of its own (``MLUpdateTask``, iOS 13); trees
        cannot be trained there. ``NAME.weights.json`` is written with it, which says what each of
        its weights is.
    update_params : dict, default=None
        How a phone trains it: ``optimizer`` ("adam" or "sgd"), ``learning_rate`` (0.001),
        ``batch_size`` (32), ``epochs`` (5), ``momentum`` (0, of SGD), ``beta_1`` (0.9), ``beta_2``
        (0.999) and ``epsilon`` (1e-8, of Adam), and the ``seed`` of the order of the rows. Only
        with `updatable`.

    Returns
    -------
    export : Export
        Paths of the model, its certificate and its reference, and the certificate.

    Raises
    ------
    NotExportableError
        If the model has an option that cannot be converted exactly, is larger than its estimator's
        `max_bytes`, or `data` has no rows to check on; the message names it and the remedy.
    ParityError
        If the exported model does not answer as the Python model does.
    NotFittedError
        If the model has not been fitted.

    Notes
    -----
    Round inputs to float32 on the phone before you pass them to the model. A split compares float32
    numbers, and a value a trillionth below a threshold would go the other way.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from novin_ml import DeliveryClassifier, export_coreml, verify_coreml
    >>> X = np.random.default_rng(0).normal(size=(300, 3))
    >>> y = np.where(X[:, 0] > 0, "delivery", "no_delivery")
    >>> model = DeliveryClassifier(epochs=5).fit(X, y)
    >>> export = export_coreml(model, tempfile.mkdtemp() + "/delivery.mlmodel")
    >>> export.certificate.passed
    True
    >>> verify_coreml(export.model).labels_differ
    0
    """
    path = checked_path(path)
    for name, given in (("feature_names", feature_names), ("class_labels", class_labels)):
        if isinstance(given, str):
            raise NotExportableError(
                f"The {name!r} parameter must be a sequence of names. Got the text {shown(given)}."
            )
        if given is not None and not isinstance(given, Iterable):
            raise NotExportableError(
                f"The {name!r} parameter must be a sequence of names. Got {shown(given)}."
            )
    texts = {"description": description, "author": author, "license": license, "version": version}
    require_texts(texts)
    card = checked_card(card)
    subject = parse_model(
        estimator,
        None if feature_names is None else list(feature_names),
        None if class_labels is None else list(class_labels),
    )
    if updatable:
        subject = updatable_subject(subject, update_params)
    elif update_params is not None:
        raise NotExportableError(
            "The 'update_params' parameter must come with updatable=True. "
            f"Got {shown(update_params)}. Leave it out, or pass updatable=True."
        )
    _require_free_names(subject)
    rows = None if data is None else feature_rows(data, subject)
    return write_export(subject, path, texts=texts, card=card, rows=rows)


def write_export(
    subject: Subject,
    path: Path,
    *,
    texts: Mapping[str, str | None],
    card: Mapping[str, str],
    rows: np.ndarray | None = None,
) -> Export:
    """Convert a subject, certify it and write it with its files, all of them or none.

    Parameters
    ----------
    subject : Subject
        What is exported; its record is made anew.
    path : Path
        As for `export_coreml`.
    texts : dict of str to str or None
        ``description``, ``author``, ``license`` and ``version``.
    card : dict of str to str
        Entries of the model card.
    rows : ndarray of shape (n_rows, n_features), float32, default=None
        Further rows to check on.

    Returns
    -------
    export : Export
        What was written.

    Raises
    ------
    NotExportableError, ParityError
        As for `export_coreml`.
    """
    is_updatable = subject.update is not None
    convert = convert_updatable if is_updatable else converter_for(subject.learner).convert
    spec = convert(subject)
    converter = dict(sorted(spec.description.metadata.userDefined.items()))
    record = Record(texts, card, converter, rows_hash(rows))
    subject = replace(subject, record=record)
    describe(spec, subject, record)
    final, manifest = export_paths(path), manifest_path(path)
    gone = [manifest] if is_manifest(manifest) and not is_updatable else []
    with replace_whole(*final, *[manifest] * is_updatable, gone=gone) as new:
        model, certificate_file, reference = export_paths(new)
        subject.save(reference)
        _require_within_budget(spec, subject)
        _write(spec, model)
        certificate = certify(
            spec, subject, model=model, reference_sha256=folder_hash(reference), data=rows
        )
        certificate.require_passed(str(path))
        certificate_file.write_text(certificate.to_json(), encoding="utf-8")
        if is_updatable:
            manifest_path(new).write_text(manifest_text(subject.learner), encoding="utf-8")
        if read_spec(model) != spec:
            raise ParityError(
                f"{path} must read back as it was written. Got another model; try again."
            )
    return Export(*final, certificate, manifest if is_updatable else None)


def export_paths(path: Path) -> tuple[Path, Path, Path]:
    """Return the paths of the model, its certificate and its reference."""
    return path, path.with_suffix(".certificate.json"), path.with_suffix(".reference")


def checked_path(path: Any) -> Path:
    """Return the path of a new export, or raise NotExportableError."""
    try:
        checked = Path(path)
        if b"\0" in os.fsencode(checked):
            raise ValueError
    except (TypeError, ValueError):
        raise NotExportableError(
            f"The 'path' parameter must be a path, as text or pathlib.Path. Got {shown(path)}."
        ) from None
    if checked.suffix not in SUFFIXES:
        raise NotExportableError(
            f"The 'path' parameter must end in one of {list(SUFFIXES)}. Got {shown(str(checked))}."
        )
    _require_replaceable(checked)
    return checked


def _require_replaceable(path: Path) -> None:
    finish_replacing(path)
    model, certificate_file, reference = export_paths(path)
    ours = {
        model: model.suffix == ".mlpackage" and (model / "Manifest.json").is_file(),
        certificate_file: False,
        reference: is_free(reference, REFERENCE_KIND),
        manifest_path(path): False,
    }
    for place, replaceable in ours.items():
        if place.is_dir() and not replaceable:
            raise NotExportableError(
                f"{place} must be new, or of an earlier export. Got a folder with other files. "
                "Choose another path."
            )
    for suffix in SUFFIXES:
        sibling = path.with_suffix(suffix)
        if suffix != path.suffix and sibling.exists():
            raise NotExportableError(
                f"{path} must be the only model of its name: {certificate_file.name} and "
                f"{reference.name} belong to one. Got {sibling.name} beside it. "
                "Choose another name, or remove that model."
            )


def _require_free_names(subject: Subject) -> None:
    outputs = subject.answers.outputs
    taken = [spec.name for spec in subject.specs if spec.name in outputs]
    if taken:
        raise NotExportableError(
            f"A feature must not have the name of an output, {' or '.join(map(repr, outputs))}. "
            f"Got {taken}. Pass feature_names."
        )


def _require_within_budget(spec: Any, subject: Subject) -> None:
    size = spec.ByteSize()
    if subject.max_bytes is not None and size > subject.max_bytes:
        raise NotExportableError(
            f"The model must be of at most {plural(subject.max_bytes, 'byte')} (max_bytes). Got "
            f"{size:,} with its names, labels and descriptions. Shorten these, or train with a "
            "larger max_bytes."
        )


def _write(spec: Any, path: Path) -> None:
    if path.suffix == ".mlmodel":
        path.write_bytes(spec.SerializeToString(deterministic=True))
    else:
        # Not compiled: that takes macOS, and writing does not.
        coremltools().models.MLModel(spec, skip_model_load=True).save(str(path))
