"""A certificate is made again, from the files or from the exported estimator."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from novin_ml._version import __version__
from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.certificate import OF_FILES, READABLE, Certificate, certify
from novin_ml.coreml.claims import claim_difference
from novin_ml.coreml.converters import parse_model
from novin_ml.coreml.converters.updatable import updatable_subject
from novin_ml.coreml.export import export_paths
from novin_ml.coreml.figures import Figures
from novin_ml.coreml.file_hash import file_sha256
from novin_ml.coreml.interface import CERTIFICATE_HASH, content_hash, names_certificate
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.structure import compare_structure
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.update_settings import settings_in
from novin_ml.coreml.weights_manifest import manifest_path, manifest_text
from novin_ml.exceptions import (
    CertificateError,
    NotExportableError,
    ParityError,
    SavedModelError,
    UnsupportedModelError,
)
from novin_ml.files import finish_replacing
from novin_ml.formats import newer
from novin_ml.plain import plural
from novin_ml.store import MANIFEST, folder_hash


def verify_coreml(
    path: str | os.PathLike[str],
    *,
    data: Any = None,
    estimator: Any = None,
    feature_names: Sequence[str] | None = None,
    class_labels: Sequence[Any] | None = None,
) -> Certificate:
    """Repeat the check of an exported model, and compare all entries of its certificate.

    1. Hashes show that the model, its certificate and its reference were written together.
    2. The model is compared with its Python model part by part: names, order and types of inputs
       and outputs, class labels in their order, version of the specification, updatable or not,
       stages, layers, weights, and each node of the trees.
    3. Descriptions and metadata are compared with the Python model: units, typical values,
       thresholds, family, parameters of the features.
    4. The model is compared with the Python model again, row by row.
    5. Each entry of the certificate is compared with the new one.
    6. The manifest of the weights of an updatable model is compared with its Python model.

    Hashes alone show damage, but not an edit by someone who also renews the hashes. The other steps
    show such an edit, if the Python model is the right one. The reference lies beside the model, so
    whoever can change one can change the other: pass the estimator from a place that you trust.

    Parameters
    ----------
    path : str or path-like
        The ``.mlmodel`` or ``.mlpackage``; its ``NAME.certificate.json`` and ``NAME.reference`` are
        beside it.
    data : DataFrame or array-like of shape (n_rows, n_features), default=None
        Further feature rows to compare on. If they are the rows of the export, their numbers in the
        certificate are compared, too.
    estimator : object, default=None
        The fitted estimator or pipeline that was exported. It takes the place of the reference,
        which may then be absent.
    feature_names : sequence of str, default=None
        Names of the inputs, if the export had this parameter; only with `estimator`.
    class_labels : sequence of str or int, default=None
        Labels of the classes, if the export had this parameter; only with `estimator`.

    Returns
    -------
    certificate : Certificate
        The new certificate, which passed. Its `not_checked` names what could not be compared, and
        why.

    Raises
    ------
    SavedModelError
        If a file is missing.
    CertificateError
        If a file is damaged or is not the certified one, or an entry of the certificate is wrong.
        It is a `SavedModelError` too. The message names the entry.
    NotExportableError
        If `data` has no rows to compare on, or the estimator cannot be exported.
    ParityError
        If the parts, answers or descriptions of the model differ from those of the Python model.
        The message names the field.
    """
    for name, given in (("feature_names", feature_names), ("class_labels", class_labels)):
        if given is not None and estimator is None:
            raise NotExportableError(
                f"The {name!r} parameter must come with an estimator; a reference has its own. "
                f"Got {given!r}. Leave it out, or pass the estimator."
            )
    path, certificate_file, _ = export_paths(Path(path))
    spec, written, beside = read_certified(path, needs_reference=estimator is None)
    subject, not_checked = _subject(beside, estimator, written, feature_names, class_labels)
    if estimator is not None and (beside is None or beside.update is not None):
        subject, of_update = _with_update(subject, beside, spec)
        not_checked += of_update
    rows = None if data is None else feature_rows(data, subject)
    structure = compare_structure(spec, subject)
    if not structure.passed:
        raise ParityError(
            f"{path} must be its Python model part by part: {structure.difference}. "
            "Export the model again."
        )
    clause, of_claims = claim_difference(spec, subject, written["versions"], written["protocol"])
    if clause:
        raise ParityError(
            f"{path} must say of itself what its Python model says: {clause}. "
            "Export the model again."
        )
    try:
        again = certify(
            spec,
            subject,
            model=path,
            reference_sha256=str(written["reference_sha256"]),
            data=rows,
            structure=structure,
        )
    except UnsupportedModelError as error:
        raise CertificateError(f"{path} must be a model that can be evaluated. {error}") from error
    again.require_passed(str(path))
    figures = Figures(written, again, subject)
    if figures.difference:
        raise CertificateError(
            f"{certificate_file} must say what is found again: {figures.difference}. "
            "Export the model again."
        )
    _require_manifest(path, subject)
    return replace(again, not_checked=(*not_checked, *of_claims, *figures.not_checked))


def read_certified(
    path: Path, *, needs_reference: bool = True
) -> tuple[Any, dict[str, Any], Subject | None]:
    """Read a model, its certificate and its reference; their hashes must say they belong together.

    Parameters
    ----------
    path : Path
        The model.
    needs_reference : bool, default=True
        Whether the reference must be there.

    Returns
    -------
    spec : Model_pb2.Model
        The model.
    written : dict
        The certificate.
    beside : Subject or None
        The reference; None if it is absent.

    Raises
    ------
    SavedModelError, CertificateError
        As for `verify_coreml`.
    """
    path, certificate_file, reference = export_paths(path)
    finish_replacing(path)
    _require_files(path, certificate_file, reference / MANIFEST if needs_reference else None)
    spec = _read(path)
    written = _read_certificate(certificate_file, spec, path)
    _require_certified(path, spec, written)
    beside = _read_reference(reference, written) if (reference / MANIFEST).exists() else None
    return spec, written, beside


def _with_update(
    subject: Subject, beside: Subject | None, spec: Any
) -> tuple[Subject, tuple[str, ...]]:
    """Return the subject of an estimator with how a phone trains the model, and what is unknown."""
    if beside is not None:
        return updatable_subject(subject, beside.update), ()
    settings = settings_in(spec)
    if settings is None:
        return subject, ()
    return updatable_subject(subject, settings), (
        "How a phone trains the model (optimizer, its parameters, epochs) was not checked: the "
        "reference, which has it, is not beside the model.",
    )


def _require_manifest(path: Path, subject: Subject) -> None:
    """Raise unless the manifest of an updatable model is what its Python model makes."""
    manifest = manifest_path(path)
    if subject.update is None:
        return
    _require_files(path, manifest, None)
    expected = manifest_text(subject.learner)
    try:
        got = manifest.read_bytes()
    except OSError as error:
        raise _damaged(manifest, error) from error
    if got != expected.encode():
        raise CertificateError(
            f"{manifest} must say what the weights of the model are, in "
            f"{plural(len(expected), 'byte')} of SHA-256 "
            f"{hashlib.sha256(expected.encode()).hexdigest()}. Got {plural(len(got), 'byte')} of "
            f"SHA-256 {hashlib.sha256(got).hexdigest()}. Export the model again."
        )


#: The last protocol whose references have no record.
_WITHOUT_RECORD = 2
_WITHOUT_REFERENCE = (
    " Or pass the estimator. Without either, only hashes could be compared, which whoever changes "
    "a file can make again: nothing would say whether names, labels, thresholds, trees or weights "
    "are those of the Python model."
)


def _require_files(model: Path, certificate: Path, manifest: Path | None) -> None:
    """Raise SavedModelError if a file is missing; None is a reference that is not needed."""
    for file in (model, certificate, manifest):
        if file is not None and not file.exists():
            raise SavedModelError(
                f"{file} must be beside the model, as export_coreml wrote it. Got no such file. "
                "Export the model again, or bring its files together."
                f"{_WITHOUT_REFERENCE * (file == manifest)}"
            )


def _read_reference(reference: Path, written: dict[str, Any]) -> Subject:
    """Return the reference of a certificate, after a check of its hash."""
    _require_same(
        str(written["reference_sha256"]),
        folder_hash(reference),
        f"{reference} must be the reference that was certified",
    )
    try:
        subject = Subject.load(reference)
    except SavedModelError as error:
        raise CertificateError(str(error)) from error
    if subject.record is None and written["protocol"] > _WITHOUT_RECORD:
        raise CertificateError(
            f"{reference} must have a record of what the export wrote, as the certificate's "
            f"protocol {written['protocol']} says. Got none. Export the model again."
        )
    return subject


def _subject(
    beside: Subject | None,
    estimator: Any,
    written: dict[str, Any],
    feature_names: Sequence[str] | None,
    class_labels: Sequence[Any] | None,
) -> tuple[Subject, list[str]]:
    """Return what to compare with, and what it does not know.

    For an estimator it is the estimator's subject, with the record beside the model, if there is
    one.
    """
    if estimator is None and beside is not None:
        return beside, []
    subject = parse_model(
        estimator,
        None if feature_names is None else list(feature_names),
        None if class_labels is None else list(class_labels),
    )
    if beside is None:
        return subject, [
            "The reference was not checked: it is not beside the model. The estimator was compared."
        ]
    not_checked = []
    subject = replace(subject, record=beside.record)
    release = written.get("versions", {}).get("novin_ml")
    names = [spec.name for spec in subject.specs]
    if release != __version__ and names == [spec.name for spec in beside.specs]:
        # Releases may describe a feature in other words.
        subject = replace(subject, specs=beside.specs)
        not_checked.append(
            "Units and descriptions of the features were compared with the reference and not with "
            f"the estimator: the model is of novin_ml {release}, whose words may be others."
        )
    return subject, not_checked


def _read(path: Path) -> Any:
    try:
        return read_spec(path)
    except UnsupportedModelError as error:
        raise CertificateError(str(error)) from error
    except OSError as error:
        raise _damaged(path, error) from error


def _require_certified(path: Path, spec: Any, written: dict[str, Any]) -> None:
    """Raise unless a model has the hash that its certificate tells."""
    what = f"{path} must be the model that was certified"
    if written["protocol"] >= OF_FILES:
        try:
            got = file_sha256(path)
        except OSError as error:
            raise _damaged(path, error) from error
        _require_same(str(written["file_sha256"]), got, what)
    else:
        _require_same(str(written["content_sha256"]), content_hash(spec), what)


def _read_certificate(file: Path, spec: Any, model: Path) -> dict[str, Any]:
    """Return a certificate; of an earlier protocol, with today's name of the model's hash."""
    text = file.read_bytes()
    names = names_certificate(spec)
    if names:
        _require_named(file, spec, model, text)
    try:
        certificate: dict[str, Any] = json.loads(text, object_pairs_hook=_each_once)
        protocol = certificate["protocol"]
        is_old = type(protocol) is int and protocol < OF_FILES
        own = "model_sha256" if is_old else "file_sha256"
        if own not in certificate:
            raise KeyError(f"{own} of protocol {protocol}")
        for key in ("reference_sha256", "versions", "checks", "core_ml"):
            certificate[key]
        if any(not isinstance(value, str) for value in certificate["versions"].values()):
            raise TypeError(f"versions={certificate['versions']!r}")
    except (AttributeError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(file, error) from error
    if refusal := newer(file, "certificate", protocol, "protocol"):
        raise CertificateError(refusal)
    if type(protocol) is not int or protocol not in READABLE:
        raise CertificateError(
            f"{file} must be of protocol {' or '.join(map(str, READABLE))}. "
            f"Got {protocol!r}. Verify it with the version of novin_ml that wrote it, or update."
        )
    if is_old:
        if not names:
            _require_named(file, spec, model, text)
        certificate["content_sha256"] = certificate.pop("model_sha256")
    return certificate


def _require_named(file: Path, spec: Any, model: Path, text: bytes) -> None:
    """Raise unless a model names its certificate, as up to protocol 4."""
    _require_same(
        spec.description.metadata.userDefined.get(CERTIFICATE_HASH, "none"),
        hashlib.sha256(text).hexdigest(),
        f"{file} must be the certificate that {model.name} names",
    )


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, of which readers may take either."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key that stands twice")
    return found


def _damaged(file: Path, error: Exception) -> CertificateError:
    return CertificateError(
        f"{file} must be as export_coreml wrote it. Got {error!r} on reading it. "
        "Export the model again."
    )


def _require_same(expected: str, got: str, what: str) -> None:
    if expected != got:
        raise CertificateError(f"{what}, of SHA-256 {expected}. Got {got}. Export the model again.")
