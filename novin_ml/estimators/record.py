"""The record that a fitted estimator keeps of its training data: statistics, but no row."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from novin_ml.estimators.learners import Rows
from novin_ml.events.training_record import FEATURES, TrainingRecord, feature_keys

#: Number of quantiles, the first rows of a summary; they include the minimum and the maximum.
QUANTILES = 33
#: The last row of a summary: the share of missing values.
MISSING_SHARE = QUANTILES

_MOST_ROWS = 4_000


def summarise(X: np.ndarray) -> np.ndarray:
    """Return a summary of the training rows, shape (34, n_features).

    The certificate of an export draws rows like the training rows from it. It holds 33 quantiles
    and the share of missing values of each column, taken from up to 4,000 rows. It keeps no row,
    but it does keep single values: the smallest and the largest of each column, and most of the
    others if a column has few.
    """
    step = -(-len(X) // _MOST_ROWS)
    sample = X[::step]
    n_present = np.count_nonzero(~np.isnan(sample), axis=0)
    # Sort all columns at once, missing values last; numpy's quantile would do one at a time.
    ordered = np.sort(sample, axis=0)
    place = np.linspace(0, 1, QUANTILES)[:, np.newaxis] * np.maximum(n_present - 1, 0)
    below = place.astype(np.intp)
    above = np.minimum(below + 1, np.maximum(n_present - 1, 0))
    low = np.take_along_axis(ordered, below, axis=0)
    high = np.take_along_axis(ordered, above, axis=0)
    # Weigh both values, so that the difference of two huge values cannot overflow.
    quantiles = low * (1 - (place - below)) + high * (place - below)
    return np.vstack([quantiles, 1 - n_present / len(sample)]).astype(np.float32)


def data_hash(rows: Rows) -> str:
    """Return the SHA-256 of features, classes and weights."""
    digest = hashlib.sha256(np.ascontiguousarray(rows.X).data)
    digest.update(np.ascontiguousarray(rows.codes, dtype=np.int64).data)
    if rows.weight is not None:
        digest.update(np.ascontiguousarray(rows.weight, dtype=np.float32).data)
    return digest.hexdigest()


def record_of_rows(rows: Rows, groups: Any) -> TrainingRecord:
    """Return the record of rows of features; their groups are homes if all of them are texts."""
    names = None if groups is None else np.asarray(groups, dtype=object).ravel()
    if names is not None and rows.place is not None:
        names = names[rows.place]
    if names is not None and not all(isinstance(name, str) for name in names):
        names = None
    return TrainingRecord.of(feature_keys(rows.X), names, FEATURES)
