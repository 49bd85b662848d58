"""The provenance of a report: the training, the rows and the versions."""

from __future__ import annotations

import hashlib
import platform
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml._version import __version__
from novin_ml.evaluation.training_data import seen_in_training, warn_of_training_data
from novin_ml.optional import installed_versions


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
