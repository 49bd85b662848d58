"""Walks of rows through trees whose nodes send what is below a threshold to the left."""

from __future__ import annotations

import numpy as np

#: Number of rows times trees that walk together, so that the arrays stay in the cache.
PAIRS = 1 << 15


class TreeWalk:
    """Trees, prepared for walking rows through them.

    Positions are doubled, so that the next node of a row is ``child[place + goes_right]``. A leaf
    is its own child, so that every row can take as many steps as the deepest leaf needs.

    Parameters
    ----------
    left, right : ndarray of shape (n_nodes,), int
        Positions of the children among all nodes; negative at leaves.
    feature : ndarray of shape (n_nodes,), int
        Column that a node compares; not used at leaves.
    threshold : ndarray of shape (n_nodes,), float32
        What is below it goes left.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether a missing value goes left.
    roots : ndarray of shape (n_trees,), int
        Position of each tree's first node.
    """

    def __init__(
        self,
        *,
        left: np.ndarray,
        right: np.ndarray,
        feature: np.ndarray,
        threshold: np.ndarray,
        missing_left: np.ndarray,
        roots: np.ndarray,
    ) -> None:
        own = np.arange(len(left))
        inner = left >= 0
        children = np.where(inner, left, own), np.where(inner, right, own)
        self._child = 2 * np.column_stack(children).ravel().astype(np.intp)
        self._feature = np.where(inner, feature, 0).astype(np.intp)
        self._threshold = threshold.astype(np.float32)
        self._missing_right = ~missing_left.astype(bool)
        self._roots = 2 * roots.astype(np.intp)

    @property
    def rows_at_once(self) -> int:
        """Number of rows that should walk together."""
        return max(1, PAIRS // max(1, len(self._roots)))

    def leaves(self, X: np.ndarray) -> np.ndarray:
        """Return the position of the leaf that each row comes to in each tree.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features in C order, NaN where one is missing.

        Returns
        -------
        leaves : ndarray of shape (n_trees, n_samples), intp
        """
        flat, base = X.ravel(), np.arange(len(X)) * X.shape[1]
        node = np.repeat(self._roots[:, np.newaxis], len(X), axis=1)
        while True:
            place = node >> 1
            value = flat.take(self._feature.take(place) + base)
            goes_right = value >= self._threshold.take(place)
            missing = np.isnan(value)
            if missing.any():
                goes_right = np.where(missing, self._missing_right.take(place), goes_right)
            following = self._child.take(node + goes_right)
            if np.array_equal(following, node):
                return place
            node = following


def round_down(values: np.ndarray) -> np.ndarray:
    """Return the largest float32 not above each float64 value.

    A float32 number is at most a float64 threshold exactly if it is at most the rounded one.
    """
    rounded = values.astype(np.float32)
    return np.where(rounded > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)
