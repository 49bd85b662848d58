"""The trees of a booster's document: that walking them ends, and reaches only what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from novin_ml.estimators.learners.booster_file._alike import Alike, Layout
from novin_ml.estimators.learners.booster_file._keys import Keys, whole_number
from novin_ml.plain import plural

#: Explaining a row takes the square of it in memory, and a call for each level.
MAX_DEPTH = 1000
_NO_CHILD = -1
_NO_PARENT = _DELETED = 2**31 - 1
_NODES: Mapping[str, np.dtype] = {
    "base_weights": np.dtype(">f4"),
    "default_left": np.dtype(">u1"),
    "left_children": np.dtype(">i4"),
    "loss_changes": np.dtype(">f4"),
    "parents": np.dtype(">i4"),
    "right_children": np.dtype(">i4"),
    "split_conditions": np.dtype(">f4"),
    "split_indices": np.dtype(">i4"),
    "split_type": np.dtype(">u1"),
    "sum_hessian": np.dtype(">f4"),
}
_CATEGORIES = {"categories", "categories_nodes", "categories_segments", "categories_sizes"}
_KEYS = {*_NODES, *_CATEGORIES, "id", "tree_param"}
_PARAM = {"num_deleted", "num_feature", "num_nodes", "size_leaf_vector"}


@dataclass(frozen=True, eq=False)
class Splits:
    """Which feature each inner node of all trees splits on, and where.

    Attributes
    ----------
    feature : ndarray of shape (n_splits,), int32
    threshold : ndarray of shape (n_splits,), float32
    """

    feature: np.ndarray
    threshold: np.ndarray


@dataclass(frozen=True, eq=False)
class Trees:
    """The nodes of all trees, one tree after the other.

    Attributes
    ----------
    left, right : ndarray of shape (n_nodes,), int32
        Children, counted from the root of the tree; -1 at leaves.
    feature : ndarray of shape (n_nodes,), int32
        Defined at inner nodes.
    value : ndarray of shape (n_nodes,), float32
        Threshold of an inner node: what is below goes left. Value of a leaf.
    default_left : ndarray of shape (n_nodes,), uint8
        Where a missing value goes.
    gain : ndarray of shape (n_nodes,), float32
        By which an inner node made the loss smaller.
    roots, sizes, groups : ndarray of shape (n_trees,), int64
        First node, number of nodes and class of each tree.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    value: np.ndarray
    default_left: np.ndarray
    gain: np.ndarray
    roots: np.ndarray
    sizes: np.ndarray
    groups: np.ndarray

    @property
    def is_inner(self) -> np.ndarray:
        """Whether each node splits, shape (n_nodes,)."""
        return self.left != _NO_CHILD

    @property
    def splits(self) -> Splits:
        """What inner nodes split on."""
        inner = np.flatnonzero(self.is_inner)
        return Splits(self.feature[inner], self.value[inner])


def checked_trees(trees: Alike, groups: np.ndarray, n_features: int, keys: Keys) -> Trees:
    """Return the nodes of trees that are trees.

    Parameters
    ----------
    trees : Alike
    groups : ndarray of shape (n_trees,), int64
        Class of each tree.
    n_features : int
    keys : Keys

    Raises
    ------
    ValueError
        Unless each node but the root has one parent, which stands before it, all features are
        those of the model, and what answers and explanations are made of are numbers.
    """
    for layout in trees.layouts:
        keys.require({*layout.constants, *layout.dtypes}, _KEYS, "a tree")
        keys.part(layout.constants, "tree_param", _PARAM)
    shapes = np.array([_checked_shape(layout, n_features) for layout in trees.layouts])
    sizes, deleted = shapes[trees.layout_of].T
    if trees.integers("id") != list(range(len(trees))):
        raise ValueError("trees that are not numbered from 0")
    nodes = trees.columns(_NODES)
    _check_values(nodes, n_features)
    roots = np.cumsum(sizes) - sizes
    inner = np.flatnonzero(nodes["left_children"] != _NO_CHILD)
    _check_children(nodes, len(inner), roots, sizes, deleted)
    _check_depth(nodes, roots, sizes)
    return Trees(
        left=nodes["left_children"],
        right=nodes["right_children"],
        feature=nodes["split_indices"],
        value=nodes["split_conditions"],
        default_left=nodes["default_left"],
        gain=nodes["loss_changes"],
        roots=roots,
        sizes=sizes,
        groups=groups,
    )


def _checked_shape(layout: Layout, n_features: int) -> tuple[int, int]:
    """Return the nodes of trees of a layout, and how many of them pruning has cut off."""
    if any(layout.counts.get(key) != 0 for key in _CATEGORIES):
        raise ValueError("splits into categories")
    param = layout.constants["tree_param"]
    n_nodes = layout.counts["left_children"]
    if n_nodes < 1 or any(layout.counts[key] != n_nodes for key in _NODES):
        raise ValueError("a tree with arrays of different lengths")
    expected = {"num_nodes": str(n_nodes), "num_feature": str(n_features)}
    if {key: param[key] for key in expected} != expected:
        raise ValueError(
            f"a tree of {plural(n_nodes, 'node')} and {plural(n_features, 'feature')} with {param}"
        )
    if param["size_leaf_vector"] not in ("0", "1"):
        raise ValueError(f"leaves of size {param['size_leaf_vector']!r}")
    return n_nodes, whole_number(param["num_deleted"])


def _check_values(nodes: Mapping[str, np.ndarray], n_features: int) -> None:
    if nodes["default_left"].max() > 1:
        raise ValueError("default_left that is neither 0 nor 1")
    if nodes["split_type"].any():
        raise ValueError("splits into categories")
    is_leaf = nodes["left_children"] == _NO_CHILD
    value = nodes["split_conditions"]
    if not np.isfinite(value).all() and (
        np.isnan(value).any() or not np.isfinite(value[is_leaf]).all()
    ):
        raise ValueError("a threshold or leaf that is no number")
    for key in ("base_weights", "loss_changes", "sum_hessian"):
        if np.isnan(nodes[key]).any():
            raise ValueError(f"{key} that is no number")
    feature = nodes["split_indices"]
    wrong = (feature < 0) | (feature >= n_features)
    if wrong.any() and np.any(wrong & ~(is_leaf & (feature == _DELETED))):
        raise ValueError("a feature out of range")


def _check_children(
    nodes: Mapping[str, np.ndarray],
    n_inner: int,
    roots: np.ndarray,
    sizes: np.ndarray,
    deleted: np.ndarray,
) -> None:
    """Hold parents against children.

    Each node names its parent, which must have it as a child: as there are two children to each
    inner node and no more nodes than that, no child is out of range and none has two parents. The
    parent stands before it, so that there is no circle. What pruning has cut off is nobody's child.
    """
    left, right = nodes["left_children"], nodes["right_children"]
    start = np.repeat(roots.astype(np.int32), sizes)
    place = np.arange(len(left), dtype=np.int32) - start
    if np.any((left == _NO_CHILD) != (right == _NO_CHILD)):
        raise ValueError("a node with one child")
    if np.any(nodes["parents"][roots] != _NO_PARENT):
        raise ValueError("a root with a parent")
    parent = nodes["parents"].copy()
    parent[roots] = _NO_CHILD
    if np.any(parent >= place) or np.count_nonzero(parent < 0) != len(roots):
        raise ValueError("a node whose parent is out of range, or not before it")
    parent += start
    parent[roots] = roots
    is_child = (left[parent] == place) | (right[parent] == place)
    is_deleted = nodes["split_indices"] == _DELETED
    if np.any(np.add.reduceat(is_deleted, roots, dtype=np.int64) != deleted):
        raise ValueError("another number of deleted nodes than num_deleted")
    is_child ^= is_deleted
    is_child[roots] = True
    if not is_child.all() or 2 * n_inner + len(roots) + int(deleted.sum()) != len(left):
        raise ValueError("children and parents that contradict each other")


def _check_depth(nodes: Mapping[str, np.ndarray], roots: np.ndarray, sizes: np.ndarray) -> None:
    # A tree of depth d has 2 d + 1 nodes or more.
    large = sizes > 2 * MAX_DEPTH
    level, start = roots[large], roots[large]
    for _ in range(MAX_DEPTH + 1):
        left, right = nodes["left_children"][level], nodes["right_children"][level]
        inner = left != _NO_CHILD
        start = np.tile(start[inner], 2)
        level = np.concatenate([left[inner], right[inner]]) + start
        if not len(level):
            return
    raise ValueError(f"a tree of more than {MAX_DEPTH} levels")
