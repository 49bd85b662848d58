"""The provenance of a report: the training, the rows, the certificate and the versions."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml._version import __version__
from novin_ml.evaluation.training_data import seen_in_training, warn_of_training_data
from novin_ml.exceptions import SavedModelError
from novin_ml.optional import installed_versions

_NO_CERTIFICATE = (
    "No certificate was given, so the model on the phone was not checked. Export the model with "
    "novin_ml.export_coreml, or novin-ml export, and name its certificate."
)


def certificate_entry(certificate: Any) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return a certificate as a dict, or the reason why there is none.

    Parameters
    ----------
    certificate : Certificate, dict, path or None
        As `novin_ml.export_coreml` returns or writes it.

    Returns
    -------
    entry : dict or None
        The certificate.
    absent : dict of str to str
        The reason why there is none, and how to get one.
    """
    if certificate is None:
        return None, {"certificate": _NO_CERTIFICATE}
    if hasattr(certificate, "to_json"):
        return json.loads(certificate.to_json()), {}
    if isinstance(certificate, (str, Path)):
        certificate = _read(Path(certificate))
    needed = {"passed", "rows", "max_error", "tolerance", "checks", "model_bytes"}
    if not (
        isinstance(certificate, dict)
        and needed <= set(certificate)
        and {"file_sha256", "model_sha256"} & set(certificate)
    ):
        raise SavedModelError(
            "The certificate must be one that export_coreml wrote. Got something else. "
            "Export the model again."
        )
    return certificate, {}


def certified_hash(certificate: dict[str, Any]) -> tuple[str, str, str]:
    """Return the name of a certificate's hash of its model, the hash, and what prints it.

    Up to protocol 4 it is of the content, without an entry, and no command prints it.
    """
    if "file_sha256" in certificate:
        return "file_sha256", certificate["file_sha256"], certificate["hashed_by"]
    return "content_sha256", certificate["model_sha256"], ""


def with_certificate(report: Any, certificate: Any) -> Any:
    """Return a report with the certificate of a model that was exported after the report.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.
    certificate : Certificate, dict or path
        Certificate of the exported model.

    Returns
    -------
    report : Report or BaselineReport
        A copy; the given report is unchanged.
    """
    entry, absent = certificate_entry(certificate)
    others = {name: why for name, why in report.absent.items() if name != "certificate"}
    return replace(report, certificate=entry, absent=others | absent)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SavedModelError(
            f"{path} must be a certificate that export_coreml wrote. Got no JSON: {error}. "
            "Export the model again."
        ) from None


def training_entry(estimator: Any) -> dict[str, Any]:
    """Return the record that a fitted estimator keeps of its training."""
    entry: dict[str, Any] = dict(estimator.training_data_)
    report = getattr(estimator, "fit_report_", None)
    if report is not None:
        entry |= {
            "epochs_planned": report.epochs_planned,
            "epochs_run": report.epochs_run,
            "epochs_kept": report.epochs_kept,
            "validation_loss": [float(loss) for loss in report.validation_loss],
            "parts": [vars(part) for part in report.parts],
        }
    entry["parameters"] = {
        name: value if isinstance(value, (bool, int, float, str, type(None))) else repr(value)
        for name, value in estimator.get_params(deep=False).items()
        if name != "verbose"
    }
    return entry


def data_entry(
    pipeline: Any,
    last: Any,
    rows: Any,
    features: Any,
    beside: NDArray[Any],
    consent: NDArray[np.bool_],
    given: NDArray[np.int64],
) -> dict[str, Any]:
    """Return the hash of the rows that were scored, and whether they are the training rows.

    A model with a record of its training knows its rows in any order. One of 0.1.0 has only a hash
    of them in their order. They all have consent.

    Parameters
    ----------
    pipeline : Pipeline or HomeMonitor
        Fitted.
    last : classifier or detector
        Its last step, or its detector.
    rows : DataFrame or Chains
        In one order, as all that follows.
    features : array-like of shape (n_rows, n_features)
    beside : ndarray of shape (n_rows,)
        The codes of the labels, int64; for a baseline, the times, float64.
    consent : ndarray of shape (n_rows,), bool
    given : ndarray of shape (n_rows,), int64
        The places of the rows in the order in which they were given.

    Warns
    -----
    TrainingDataWarning
        If the model was trained on some of the rows or homes.
    """
    X = np.ascontiguousarray(np.asarray(features, dtype=np.float32))

    def digest(places: NDArray[np.int64]) -> str:
        found = hashlib.sha256(np.ascontiguousarray(X[places]).data)
        found.update(np.ascontiguousarray(beside[places]).data)
        return found.hexdigest()

    seen = warn_of_training_data(pipeline, rows, features=features)
    training = last.training_data_
    if seen.known:
        found = seen
        if 0 < np.count_nonzero(consent) < len(X):
            found = seen_in_training(pipeline, rows[consent], features=X[consent])
        is_all = 0 < found.n_rows_asked == found.n_rows_seen
        is_training = is_all and found.n_rows == training["n_samples"]
    else:
        is_training = training["sha256"] in (digest(given), digest(given[consent[given]]))
    return {
        "n_rows": len(X),
        "n_features": X.shape[1],
        "sha256": digest(np.arange(len(X))),
        "is_training": is_training,
        "n_trained_on": seen.n_rows_seen if seen.known else None,
        "seen": seen.to_document(),
    }


def versions_entry() -> dict[str, str]:
    """Return the versions of the libraries that computed and drew the report."""
    libraries = installed_versions("numpy", "pandas", "sklearn", "xgboost", "matplotlib")
    return {"novin_ml": __version__, "python": platform.python_version(), **libraries}
