"""The trees of a forest as flat arrays, and their file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from novin_ml.estimators.learners.packing import (
    checked,
    pack_splits,
    shortest,
    spread,
    unpack_splits,
    widened,
)
from novin_ml.plain import plural

#: Shares of leaves are multiples of this. So their sums over 2^29 trees are exact in float64, in
#: any order: the rows beside a row, or the device, change no bit of them.
UNIT = np.float32(2.0**-24)
_DTYPES = {
    "feature": np.int32,
    "threshold": np.float32,
    "left": np.int32,
    "right": np.int32,
    "missing_left": np.bool_,
}


@dataclass(frozen=True, eq=False)
class Trees:
    """The nodes of all trees, one tree after the other.

    Attributes
    ----------
    feature : ndarray of shape (n_nodes,), int32
        Column that a node splits on; -1 for a leaf.
    threshold : ndarray of shape (n_nodes,), float32
        A row goes left if its float32 value is at most this; 0 for a leaf. Finite.
    left, right : ndarray of shape (n_nodes,), int32
        Positions of the children in these arrays; -1 for a leaf. A child comes after its parent.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether a missing value goes left; False for a leaf.
    tree_offsets : ndarray of shape (n_trees + 1,), int64
        Position of the root of each tree, and the end of the last tree.
    shares : ndarray of shape (n_leaves, n_classes), float32
        Share of each class in the training rows of each leaf, in the order of the nodes. Multiples
        of `UNIT`.
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    missing_left: np.ndarray
    tree_offsets: np.ndarray
    shares: np.ndarray

    @property
    def n_trees(self) -> int:
        """Number of trees."""
        return len(self.tree_offsets) - 1

    @property
    def leaf_of(self) -> np.ndarray:
        """Row of `shares` of each node that is a leaf, intp of shape (n_nodes,)."""
        return np.maximum(np.cumsum(self.feature < 0) - 1, 0)

    def first(self, n_trees: int) -> Trees:
        """Return the first trees, at least one."""
        end = self.tree_offsets[n_trees]
        nodes = {name: getattr(self, name)[:end] for name in _DTYPES}
        n_leaves = int(np.count_nonzero(nodes["feature"] < 0))
        return Trees(
            **nodes, tree_offsets=self.tree_offsets[: n_trees + 1], shares=self.shares[:n_leaves]
        )

    def check(self, n_features: int, n_classes: int) -> None:
        """Raise ValueError unless the arrays are trees over these features and classes."""
        n_nodes, offsets = len(self.feature), self.tree_offsets
        for name, dtype in _DTYPES.items():
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (n_nodes,):
                raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
        if len(offsets) < 2 or offsets[-1] != n_nodes or min(np.diff(offsets)) < 1:
            raise ValueError(f"tree_offsets for {plural(n_nodes, 'node')}")
        inner = self.feature >= 0
        if self.feature.min() < -1 or self.feature.max() >= n_features:
            raise ValueError("a feature out of range")
        if not np.isfinite(self.threshold).all():
            raise ValueError("a threshold that is not finite")
        # Each child comes after its only parent, in the same tree: so every walk ends.
        places = np.flatnonzero(inner)
        children = np.concatenate([self.left[inner], self.right[inner]])
        ends = np.repeat(offsets[1:], np.diff(offsets))[inner]
        if (
            np.any(children <= np.tile(places, 2))
            or np.any(children >= np.tile(ends, 2))
            or len(np.unique(children)) != len(children)
            or len(children) + self.n_trees != n_nodes
        ):
            raise ValueError("children out of place")
        self._check_shares(n_nodes - len(places), n_classes)

    def _check_shares(self, n_leaves: int, n_classes: int) -> None:
        shares = self.shares
        if shares.shape != (n_leaves, n_classes) or shares.dtype != np.float32:
            raise ValueError(f"shares of shape {shares.shape} and dtype {shares.dtype}")
        if not np.all((shares >= 0) & (shares <= 1)) or np.any(shares % UNIT):
            raise ValueError(f"shares that are no multiples of {UNIT} from 0 to 1")
        if np.any(np.abs(shares.sum(axis=1, dtype=np.float64) - 1) > n_classes * UNIT):
            raise ValueError("shares that do not sum to 1")


def packed(trees: Trees) -> dict[str, np.ndarray]:
    """Return the arrays of a file: no zeros of shares, and short integers."""
    leaf, code = np.nonzero(trees.shares)
    return pack_splits(trees) | {
        "missing_left": trees.missing_left[trees.feature >= 0],
        "n_shares": shortest(np.bincount(leaf, minlength=len(trees.shares))),
        "class_of_share": shortest(code),
        "share": trees.shares[leaf, code],
    }


def unpacked(arrays: Mapping[str, np.ndarray], n_classes: int) -> Trees:
    """Return trees; their contents are not checked.

    Raises
    ------
    KeyError, ValueError
        If an array is missing, or of another type or size.
    """
    splits = unpack_splits(arrays)
    inner = splits["feature"] >= 0
    missing_left = checked(arrays, "missing_left", (np.dtype(np.bool_),), 1)
    return Trees(
        **splits,
        missing_left=spread(missing_left, inner, np.bool_(False)),
        shares=_shares(arrays, int(np.count_nonzero(~inner)), n_classes),
    )


def _shares(arrays: Mapping[str, np.ndarray], n_leaves: int, n_classes: int) -> np.ndarray:
    counts, code = widened(arrays, "n_shares"), widened(arrays, "class_of_share")
    share = checked(arrays, "share", (np.dtype(np.float32),), 1)
    if len(counts) != n_leaves or counts.sum() != len(share) or len(code) != len(share):
        raise ValueError(f"shares of other leaves than the {n_leaves} there are")
    if code.max(initial=0) >= n_classes:
        raise ValueError(f"a share of class {code.max()}")
    shares = np.zeros((n_leaves, n_classes), dtype=np.float32)
    shares[np.repeat(np.arange(n_leaves), counts), code] = share
    return shares
