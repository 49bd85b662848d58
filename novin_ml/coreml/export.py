"""From a fitted estimator to a certified Core ML model on disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.certificate import Certificate, certify
from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.coreml.interface import (
    CERTIFICATE_HASH,
    describe,
    set_metadata,
)
from novin_ml.coreml.origin import Record, rows_hash
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import REFERENCE_KIND, Subject
from novin_ml.coreml.texts import checked_card, require_texts
from novin_ml.exceptions import NotExportableError, ParityError
from novin_ml.files import finish_replacing, replace_whole
from novin_ml.plain import shown
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
        The Python model that it was held against, ``NAME.reference``, a folder.
    certificate : Certificate
    """

    model: Path
    certificate_file: Path
    reference: Path
    certificate: Certificate


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
) -> Export:
    """Write a fitted estimator as a Core ML model that was checked to be that estimator.

    The written model is compared with the Python model by an interpreter of Core ML's
    specification: on training-like and random rows, with missing values, at every threshold of the
    trees and one float32 ulp to either side, and at every leaf that a row can come to; all by the
    names of inputs, outputs and labels, as on a phone. If a probability is off by more than 1e-6
    (trees) or 1e-5 (networks and blends), or a label differs away from ties, nothing is written. Of
    a detector it is the score and the decision, by more than 1e-6, or a flag; it has no answer to
    missing values, so these are left out.

    Trees are held against xgboost's answer; or, where xgboost's own float32 adding up of hundreds
    of trees is off by more than the tolerance, against the same trees added up in float64. The
    certificate counts these rows as ``rounded``.

    Parameters
    ----------
    estimator : object
        A fitted classifier or detector of novin_ml, a pipeline that ends in one, or a bare
        ``XGBClassifier``, ``xgboost.Booster``, ``MLPClassifier`` or ``IsolationForest``. An heir of
        these may set data, and must not have its own ``fit``, ``predict``, ``predict_proba`` or
        whatever else makes answers.
    path : str or path-like
        Where to write: ``NAME.mlmodel``, or ``NAME.mlpackage``. An earlier export of that name is
        replaced with its certificate and reference, all of them or none.
    feature_names : sequence of str, default=None
        Names of the inputs, one of each column in the order of training; by default the
        estimator's own, or ``feature_0``, ``feature_1``, ... New names, or those of training:
        a column must not get the name of another one, and no name may be a word of Swift.
    class_labels : sequence of str or int, default=None
        Labels of the classes; by default the estimator's own. None for a detector.
    data : DataFrame or array-like of shape (n_rows, n_features), default=None
        Further feature rows to check on. The columns of a DataFrame are found by the names of the
        model's inputs, or else by those that the estimator was trained with. Columns of an
        estimator that was trained without names are found by their numbers 0, 1, ...; whole
        numbers that are others stand in the order of training.
    description, author, license, version : str, default=None
        Metadata that Xcode shows.
    card : mapping of str to str, default=None
        Entries of the model card for the metadata: what `novin_ml.evaluation.card_metadata`
        returns.

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
    Inputs must be rounded to float32 on the phone before they are given to the model: a split
    compares float32, and a value a trillionth below a threshold goes the other way.

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
    path = _checked_path(path)
    if path.suffix not in SUFFIXES:
        raise NotExportableError(
            f"The 'path' parameter must end in one of {list(SUFFIXES)}. Got {shown(str(path))}."
        )
    _require_replaceable(path)
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
    _require_free_names(subject)
    rows = None if data is None else feature_rows(data, subject)
    spec = converter_for(subject.learner).convert(subject)
    converter = dict(spec.description.metadata.userDefined)
    record = Record(texts, card, converter, rows_hash(rows))
    subject = replace(subject, record=record)
    describe(spec, subject, record)
    final = export_paths(path)
    with replace_whole(*final) as new:
        model, certificate_file, reference = export_paths(new)
        subject.save(reference)
        certificate = certify(spec, subject, reference_sha256=folder_hash(reference), data=rows)
        certificate.require_passed(str(path))
        text = certificate.to_json()
        certificate_file.write_text(text, encoding="utf-8")
        set_metadata(spec, {CERTIFICATE_HASH: hashlib.sha256(text.encode()).hexdigest()})
        _require_within_budget(spec, subject)
        _write(spec, model)
        if read_spec(model) != spec:
            raise ParityError(
                f"{path} must read back as it was written. Got another model; try again."
            )
    return Export(*final, certificate)


def export_paths(path: Path) -> tuple[Path, Path, Path]:
    """Return the paths of the model, its certificate and its reference."""
    return path, path.with_suffix(".certificate.json"), path.with_suffix(".reference")


def _checked_path(path: Any) -> Path:
    try:
        checked = Path(path)
        if b"\0" in os.fsencode(checked):
            raise ValueError
    except (TypeError, ValueError):
        raise NotExportableError(
            f"The 'path' parameter must be a path, as text or pathlib.Path. Got {shown(path)}."
        ) from None
    return checked


def _require_replaceable(path: Path) -> None:
    finish_replacing(path)
    model, certificate_file, reference = export_paths(path)
    ours = {
        model: model.suffix == ".mlpackage" and (model / "Manifest.json").is_file(),
        certificate_file: False,
        reference: is_free(reference, REFERENCE_KIND),
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
            f"The model must be of at most max_bytes={subject.max_bytes} bytes. Got {size} with "
            "its names, labels and descriptions. Shorten these, or train with a larger max_bytes."
        )


def _write(spec: Any, path: Path) -> None:
    if path.suffix == ".mlmodel":
        path.write_bytes(spec.SerializeToString(deterministic=True))
    else:
        # Not compiled: that takes macOS, and writing does not.
        coremltools().models.MLModel(spec, skip_model_load=True).save(str(path))
