"""Walks of rows through an isolation forest."""

from __future__ import annotations

import numpy as np

from novin_ml.estimators.learners.isolation._math import leaf_path_lengths, levels_of
from novin_ml.estimators.learners.isolation._trees import Trees

# Number of rows times trees that walk together, so that the arrays stay in the cache.
_PAIRS = 1 << 15


class Walker:
    """A forest, prepared for walking rows through it.

    Positions are doubled, so that the next node of a row is ``child[place + goes_right]``. A leaf
    is its own child, so that every row can take as many steps as the deepest leaf needs.
    """

    def __init__(self, trees: Trees) -> None:
        own = np.arange(len(trees.feature))
        inner = trees.feature >= 0
        left = np.where(inner, trees.left, own)
        right = np.where(inner, trees.right, own)
        self._child = 2 * np.column_stack([left, right]).ravel().astype(np.intp)
        self._feature = np.repeat(np.where(inner, trees.feature, 0), 2).astype(np.intp)
        self._threshold = np.repeat(trees.threshold, 2)
        self._roots = 2 * trees.tree_offsets[:-1].astype(np.intp)
        levels = levels_of(trees.left, trees.right, trees.tree_offsets)
        self._depth = len(levels) - 1
        self._leaf_length = np.repeat(leaf_path_lengths(trees.count, levels), 2)

    def add_path_lengths(self, X: np.ndarray, total: np.ndarray, trees: slice) -> None:
        """Add the path lengths of each row in some trees to `total`, one tree after the other.

        This order keeps the sum of a row the same, to the last bit, for any batch of rows and any
        partition of the trees.
        """
        roots = self._roots[trees, np.newaxis]
        step = max(1, _PAIRS // len(roots))
        for start in range(0, len(X), step):
            part = slice(start, start + step)
            rows = X[part]
            flat, base = rows.ravel(), np.arange(len(rows)) * X.shape[1]
            node = np.repeat(roots, len(rows), axis=1)
            for _ in range(self._depth):
                value = self._feature.take(node)
                value += base
                node += flat.take(value) > self._threshold.take(node)
                node = self._child.take(node)
            lengths = self._leaf_length.take(node)
            lengths[0] += total[part]
            total[part] = np.add.accumulate(lengths, axis=0, out=lengths)[-1]

    def contributions(self, X: np.ndarray, path_length: np.ndarray) -> np.ndarray:
        """Return the path lengths that each feature adds, shape (n_samples, n_features).

        `path_length` holds the mean path length of each node.
        """
        result = np.zeros(X.shape)
        for values, row in zip(X, result, strict=True):
            node = self._roots
            for _ in range(self._depth):
                feature = self._feature[node]
                child = self._child[node + (values[feature] > self._threshold[node])]
                np.add.at(row, feature, path_length[child >> 1] - path_length[node >> 1])
                node = child
        return result
