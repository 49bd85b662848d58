"""Rows walk down trees whose thresholds are float64, as they stand in Python."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.given.reading import Reading

# Rows times trees that walk at once.
_PAIRS = 1 << 18


def sums(reading: Reading, X: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the base and the leaves of all trees for each row.

    Parameters
    ----------
    reading : Reading
    X : ndarray of shape (n_rows, n_features), float32
        NaN where a value is missing.

    Returns
    -------
    sums : ndarray of shape (n_rows, n_outputs), float64
    """
    trees = reading.trees
    n_outputs, n_trees = len(trees.base), len(trees.roots)
    out = np.tile(trees.base, (len(X), 1))
    wide = np.array(X, dtype=np.float64, order="C")
    if reading.missing is not None:
        wide[wide == reading.missing] = np.nan
    at_once = max(1, _PAIRS // max(1, n_trees))
    for start in range(0, len(X), at_once):
        rows = wide[start : start + at_once]
        for tree, leaf in enumerate(_leaves(reading, rows)):
            if trees.dimension is None:
                out[start : start + at_once] += trees.value[leaf].reshape(-1, n_outputs)
            else:
                out[start : start + at_once, trees.dimension[tree]] += trees.value[leaf]
    return out


def _leaves(reading: Reading, rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the leaf of each row in each tree, of shape (n_trees, n_rows)."""
    trees = reading.trees
    node = np.repeat(trees.roots[:, None], len(rows), axis=1)
    flat, base = rows.ravel(), np.arange(len(rows)) * rows.shape[1]
    every = node.reshape(-1)
    pair = np.flatnonzero(trees.left.take(every) >= 0)
    while len(pair):
        here = every[pair]
        value = flat.take(base.take(pair % len(rows)) + trees.feature.take(here))
        bound = trees.threshold.take(here)
        goes_left = value <= bound if trees.less_equal else value < bound
        goes_left |= np.isnan(value) & trees.missing_left.take(here)
        below = np.where(goes_left, trees.left.take(here), trees.right.take(here))
        every[pair] = below
        pair = pair[trees.left.take(below) >= 0]
    return node
