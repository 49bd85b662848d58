"""The certificate made again, from the files alone."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from novin_ml.coreml._rows import feature_rows
from novin_ml.coreml.certificate import READABLE, Certificate, certify
from novin_ml.coreml.export import export_paths
from novin_ml.coreml.interface import CERTIFICATE_HASH, content_hash
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import Subject
from novin_ml.exceptions import CertificateError, SavedModelError, UnsupportedModelError
from novin_ml.files import finish_replacing
from novin_ml.store import MANIFEST, folder_hash


def verify_coreml(path: str | os.PathLike[str], *, data: Any = None) -> Certificate:
    """Repeat the check of an exported model from its files.

    The model, its certificate and its reference must be the ones that were written together, by
    their hashes; then the model is compared anew with the Python model in the reference.

    Parameters
    ----------
    path : str or path-like
        The ``.mlmodel`` or ``.mlpackage``; its ``NAME.certificate.json`` and ``NAME.reference`` are
        beside it.
    data : DataFrame or array-like of shape (n_rows, n_features), default=None
        Further feature rows to compare on.

    Returns
    -------
    certificate : Certificate
        The new certificate, which passed.

    Raises
    ------
    SavedModelError
        If a file is missing.
    CertificateError
        If a file is damaged, or not the one that was certified; a `SavedModelError` too.
    NotExportableError
        If `data` has no rows to compare on.
    ParityError
        If the model does not answer as the Python model does.
    """
    path, certificate_file, reference = export_paths(Path(path))
    finish_replacing(path)
    for file in (path, certificate_file, reference / MANIFEST):
        if not file.exists():
            raise SavedModelError(
                f"{file} must be beside the model, as export_coreml wrote it. Got no such file. "
                "Export the model again, or bring its files together."
            )
    try:
        spec = read_spec(path)
    except UnsupportedModelError as error:
        raise CertificateError(str(error)) from error
    except OSError as error:
        raise _damaged(path, error) from error
    text = certificate_file.read_bytes()
    _require_same(
        spec.description.metadata.userDefined.get(CERTIFICATE_HASH, "none"),
        hashlib.sha256(text).hexdigest(),
        f"{certificate_file} must be the certificate that {path.name} names",
    )
    try:
        certificate = json.loads(text)
        hashes = {key: str(certificate[key]) for key in ("model_sha256", "reference_sha256")}
        protocol = certificate["protocol"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(certificate_file, error) from error
    if protocol not in READABLE:
        raise CertificateError(
            f"{certificate_file} must be of protocol {' or '.join(map(str, READABLE))}. "
            f"Got {protocol!r}. Verify it with the version of novin_ml that wrote it, or update."
        )
    _require_same(
        hashes["model_sha256"],
        content_hash(spec),
        f"{path} must be the model that was certified",
    )
    _require_same(
        hashes["reference_sha256"],
        folder_hash(reference),
        f"{reference} must be the reference that was certified",
    )
    try:
        subject = Subject.load(reference)
    except SavedModelError as error:
        raise CertificateError(str(error)) from error
    rows = None if data is None else feature_rows(data, subject)
    try:
        again = certify(spec, subject, reference_sha256=hashes["reference_sha256"], data=rows)
    except UnsupportedModelError as error:
        raise CertificateError(f"{path} must be a model that can be evaluated. {error}") from error
    if not again.passed:
        again.require_passed(str(path))
    return again


def _damaged(file: Path, error: Exception) -> CertificateError:
    return CertificateError(
        f"{file} must be as export_coreml wrote it. Got {error!r} on reading it. "
        "Export the model again."
    )


def _require_same(expected: str, got: str, what: str) -> None:
    if expected != got:
        raise CertificateError(f"{what}, of SHA-256 {expected}. Got {got}. Export the model again.")
