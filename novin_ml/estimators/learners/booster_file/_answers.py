"""What a booster answered where it was saved, which it must answer where it is loaded.

Every version of xgboost reads what earlier ones wrote, but an earlier one may read what a later one
wrote as another model, without an error. A few rows and their margins show it, whatever the cause.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.learners.booster_file._trees import Splits

_N_ROWS = 8
_MOST_ROWS = 64
# Leaves are added in the same order everywhere; the link of the intercept may round otherwise.
_TOLERANCE = 1e-4


def answers_of(booster: Any, splits: Splits, n_features: int) -> bytes:
    """Return rows among a model's thresholds, and their margins, as an npz file."""
    rows = rows_among(splits, n_features)
    return write_arrays({"rows": rows, "margins": margins_of(booster, rows)})


def distance(booster: Any, content: bytes, n_features: int, n_margins: int) -> float:
    """Return how far a booster's margins are from those that were saved, in the worst row.

    Raises
    ------
    ValueError
        If the file is not one of `answers_of`.
    """
    arrays = read_arrays(content)
    rows, saved = arrays["rows"], arrays["margins"]
    n_rows = len(saved) if saved.ndim else 0
    if not 1 <= n_rows <= _MOST_ROWS:
        raise ValueError(f"margins of shape {saved.shape}")
    for array, width in ((rows, n_features), (saved, n_margins)):
        if array.shape != (n_rows, width) or array.dtype != np.float32 or np.isinf(array).any():
            raise ValueError(f"an array of shape {array.shape} and dtype {array.dtype}")
    if np.isnan(saved).any():
        raise ValueError("margins that are no numbers")
    found = margins_of(booster, rows).astype(np.float64)
    return float(np.max(np.abs(found - saved) / (1 + np.abs(saved))))


def are_the_same(distance: float) -> bool:
    """Whether margins at a distance are those of the same model."""
    return distance <= _TOLERANCE


def margins_of(booster: Any, rows: np.ndarray) -> np.ndarray:
    """Return a booster's margins of rows.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained.
    rows : ndarray of shape (n_rows, n_features)
        Float32; NaN is missing.

    Returns
    -------
    margins : ndarray of shape (n_rows, n_margins), dtype float32
        One column for two classes, else one a class.
    """
    margins = booster.inplace_predict(rows, predict_type="margin", validate_features=False)
    return np.asarray(margins, dtype=np.float32).reshape(len(rows), -1)


def rows_among(splits: Splits, n_features: int, n_rows: int = _N_ROWS) -> np.ndarray:
    """Return rows of thresholds, and of values that are missing, in turns over the features.

    Parameters
    ----------
    splits : Splits
        Of the trees.
    n_features : int
        Number of columns.
    n_rows : int
        Number of rows.

    Returns
    -------
    rows : ndarray of shape (n_rows, n_features), dtype float32
        A feature without a split is 0, or missing.
    """
    order = np.lexsort((splits.threshold, splits.feature))
    threshold = splits.threshold[order]
    ends = np.searchsorted(splits.feature[order], np.arange(n_features + 1))
    first, n_of_feature = ends[:-1], np.diff(ends)
    turn = np.arange(n_rows)[:, np.newaxis] + 3 * np.arange(n_features)
    place = first + (turn % n_rows) * np.maximum(n_of_feature - 1, 0) // (n_rows - 1)
    rows = np.zeros((n_rows, n_features), dtype=np.float32)
    is_split = n_of_feature > 0
    rows[:, is_split] = threshold[place[:, is_split]]
    rows[~np.isfinite(rows)] = 0
    rows[turn % 5 == 0] = np.nan
    return rows
