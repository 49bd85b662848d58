"""The trees of an isolation forest as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.estimators.learners.isolation._math import levels_of
from novin_ml.plain import plural

_DTYPES = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "count": np.int32,
    "tree_offsets": np.int64,
}


@dataclass(frozen=True, eq=False)
class Trees:
    """The nodes of all trees, one tree after the other.

    Attributes
    ----------
    feature : ndarray of shape (n_nodes,), int32
        Column that a node splits on; -1 for a leaf.
    threshold : ndarray of shape (n_nodes,), float32
        A row goes left if its float32 value is at most this; 0 for a leaf.
    left, right : ndarray of shape (n_nodes,), int32
        Positions of the children in these arrays; -1 for a leaf. A child comes after its parent.
    count : ndarray of shape (n_nodes,), int32
        Training rows that reach the node; those of two children add up to those of the parent.
    tree_offsets : ndarray of shape (n_trees + 1,), int64
        Position of the root of each tree, and the end of the last tree.
    max_samples : int
        Number of training rows of each tree.
    n_features : int
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    count: np.ndarray
    tree_offsets: np.ndarray
    max_samples: int
    n_features: int

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.tree_offsets) - 1

    def check_arrays(self) -> None:
        """Raise ValueError unless the arrays are trees over these features."""
        for name, dtype in _DTYPES.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.ndim != 1:
                raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
        n_nodes = len(self.feature)
        offsets = self.tree_offsets
        if (
            len(offsets) < 2
            or offsets[0] != 0
            or offsets[-1] != n_nodes
            or min(np.diff(offsets)) < 1
        ):
            raise ValueError(f"tree_offsets for {plural(n_nodes, 'node')}")
        if any(len(getattr(self, name)) != n_nodes for name in list(_DTYPES)[:-1]):
            raise ValueError("arrays of different lengths")
        if self.max_samples < 1:
            raise ValueError(f"{plural(self.max_samples, 'sample')} a tree")
        inner = self.feature >= 0
        if self.feature.min() < -1 or self.feature.max() >= self.n_features:
            raise ValueError("a feature out of range")
        if np.isnan(self.threshold[inner]).any():
            raise ValueError("a threshold that is not a number")
        # Each child comes after its only parent, in the same tree: so every walk ends.
        places = np.flatnonzero(inner)
        children = np.concatenate([self.left[inner], self.right[inner]])
        ends = np.repeat(offsets[1:], np.diff(offsets))[inner]
        if (
            np.any(children <= np.tile(places, 2))
            or np.any(children >= np.tile(ends, 2))
            or len(np.unique(children)) != len(children)
            or len(children) + self.n_trees != n_nodes
            or np.any(self.left[~inner] != -1)
            or np.any(self.right[~inner] != -1)
        ):
            raise ValueError("children out of place")
        n_levels = len(levels_of(self.left, self.right, offsets))
        if n_levels - 1 > np.ceil(np.log2(max(self.max_samples, 2))):
            raise ValueError(
                f"{plural(n_levels, 'level')} of trees of {plural(self.max_samples, 'sample')}"
            )
        divided = self.count[self.left[inner]].astype(np.int64) + self.count[self.right[inner]]
        if (
            self.count.min() < 1
            or self.count[offsets[:-1]].max() > self.max_samples
            or np.any(divided != self.count[inner])
        ):
            raise ValueError("counts that do not add up")
