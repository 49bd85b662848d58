"""What a fitted estimator keeps of its training data: no row of it."""

from __future__ import annotations

import hashlib

import numpy as np

from novin_ml.estimators.learners import Rows

_SUMMARY_ROWS = 4_000


def summarise(X: np.ndarray) -> np.ndarray:
    """Return quantiles and the share of missing values, shape (34, n_features).

    Of up to 4,000 rows. The certificate draws training-like rows from them, without keeping
    anybody's data.
    """
    step = -(-len(X) // _SUMMARY_ROWS)
    sample = X[::step]
    missing = np.isnan(sample)
    levels = np.linspace(0, 1, 33)
    summary = np.full((34, X.shape[1]), np.nan, dtype=np.float32)
    for column, absent in enumerate(missing.T):
        present = sample[~absent, column]
        if len(present):
            summary[:33, column] = np.quantile(present, levels)
        summary[33, column] = absent.mean()
    return summary


def data_hash(rows: Rows) -> str:
    """Return the SHA-256 of features, classes and weights."""
    digest = hashlib.sha256(np.ascontiguousarray(rows.X).data)
    digest.update(np.ascontiguousarray(rows.codes, dtype=np.int64).data)
    if rows.weight is not None:
        digest.update(np.ascontiguousarray(rows.weight, dtype=np.float32).data)
    return digest.hexdigest()
