"""Trees over bins, and the gradients that they follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

#: Gradients and hessians of a row are whole numbers of this: sums have the same bits in any order.
SCALE = 1 << 20
#: The bin of a missing value.
MISSING = -1


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree by places: the children of node i are 2 i + 1 and 2 i + 2.

    Attributes
    ----------
    feature : ndarray of shape (n_nodes,), int32
        -1 for a leaf, and for a node that is not there.
    place : ndarray of shape (n_nodes,), int32
        Rows of this bin or a lower one go left.
    missing_left : ndarray of shape (n_nodes,), bool
        Where a missing value goes.
    value : ndarray of shape (n_nodes,), float32
        Of a leaf.
    """

    feature: np.ndarray
    place: np.ndarray
    missing_left: np.ndarray
    value: np.ndarray

    @classmethod
    def empty(cls, depth: int) -> Tree:
        """Return a tree of one leaf, with room for more."""
        n = 2 ** (depth + 1) - 1
        return cls(
            np.full(n, -1, np.int32),
            np.zeros(n, np.int32),
            np.zeros(n, bool),
            np.zeros(n, np.float32),
        )

    def nodes_of(self, binned: np.ndarray) -> np.ndarray:
        """Return the node that each row of bins ends in."""
        node = np.zeros(len(binned), np.int64)
        rows = np.arange(len(binned))
        while True:
            feature = self.feature[node]
            inner = feature >= 0
            if not inner.any():
                return node
            value = binned[rows, np.maximum(feature, 0)]
            left = np.where(value == MISSING, self.missing_left[node], value <= self.place[node])
            node = np.where(inner, 2 * node + np.where(left, 1, 2), node)


def binned(X: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the bin of each value, int32; -1 for a missing one."""
    columns = [
        np.where(np.isnan(column), MISSING, np.searchsorted(edge, column))
        for column, edge in zip(X.T, edges.T, strict=True)
    ]
    return np.array(columns, dtype=np.int32).T


def gradients_of(margins: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return gradients and hessians of the log loss as whole numbers, (n, n_margins, 2)."""
    if margins.shape[1] == 1:
        chances = 1 / (1 + np.exp(-margins.astype(np.float64)))
        truth = (codes == 1)[:, np.newaxis]
        curvature = chances * (1 - chances)
    else:
        chances = softmax(margins.astype(np.float64), axis=1)
        truth = codes[:, np.newaxis] == np.arange(margins.shape[1])
        curvature = 2 * chances * (1 - chances)
    both = np.stack([chances - truth, np.maximum(curvature, 1e-6)], axis=-1)
    return np.rint(both * SCALE).astype(np.int64)
