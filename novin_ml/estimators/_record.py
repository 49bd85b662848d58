"""What a fitted estimator keeps of its training data: numbers of each column, and no row."""

from __future__ import annotations

import hashlib

import numpy as np

from novin_ml.estimators.learners import Rows

#: The first rows of a summary: so many quantiles, the smallest and the largest value included.
QUANTILES = 33
#: The row after them, the last: the share of missing values.
MISSING_SHARE = QUANTILES

_MOST_ROWS = 4_000


def summarise(X: np.ndarray) -> np.ndarray:
    """Return what the certificate draws training-like rows from, shape (34, n_features).

    It has each column's 33 quantiles and share of missing values, taken from up to 4,000 rows. No
    row is kept. Single values are: the smallest and the largest, and most others if a column has
    few.
    """
    step = -(-len(X) // _MOST_ROWS)
    sample = X[::step]
    missing = np.isnan(sample)
    levels = np.linspace(0, 1, QUANTILES)
    summary = np.full((QUANTILES + 1, X.shape[1]), np.nan, dtype=np.float32)
    for column, absent in enumerate(missing.T):
        present = sample[~absent, column]
        if len(present):
            summary[:QUANTILES, column] = np.quantile(present, levels)
        summary[MISSING_SHARE, column] = absent.mean()
    return summary


def data_hash(rows: Rows) -> str:
    """Return the SHA-256 of features, classes and weights."""
    digest = hashlib.sha256(np.ascontiguousarray(rows.X).data)
    digest.update(np.ascontiguousarray(rows.codes, dtype=np.int64).data)
    if rows.weight is not None:
        digest.update(np.ascontiguousarray(rows.weight, dtype=np.float32).data)
    return digest.hexdigest()
