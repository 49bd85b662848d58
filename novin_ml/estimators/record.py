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
    n_present = np.count_nonzero(~np.isnan(sample), axis=0)
    # One sort for all columns, missing values last: numpy's quantile takes the columns in turn.
    ordered = np.sort(sample, axis=0)
    place = np.linspace(0, 1, QUANTILES)[:, np.newaxis] * np.maximum(n_present - 1, 0)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(n_present - 1, 0))
    low = np.take_along_axis(ordered, below, axis=0)
    high = np.take_along_axis(ordered, above, axis=0)
    # As shares of both, so that the difference of two huge values cannot overflow.
    quantiles = low * (1 - (place - below)) + high * (place - below)
    return np.vstack([quantiles, 1 - n_present / len(sample)]).astype(np.float32)


def data_hash(rows: Rows) -> str:
    """Return the SHA-256 of features, classes and weights."""
    digest = hashlib.sha256(np.ascontiguousarray(rows.X).data)
    digest.update(np.ascontiguousarray(rows.codes, dtype=np.int64).data)
    if rows.weight is not None:
        digest.update(np.ascontiguousarray(rows.weight, dtype=np.float32).data)
    return digest.hexdigest()
