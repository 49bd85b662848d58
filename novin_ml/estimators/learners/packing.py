"""Arrays of trees for files: the shortest integers, and what only inner nodes have.

What is read back is checked for its type, its number of axes and its length.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from novin_ml.plain import plural

_SHORT = tuple(np.dtype(kind) for kind in (np.uint8, np.uint16, np.uint32))
_LARGEST = np.iinfo(np.int32).max


def shortest(values: np.ndarray) -> np.ndarray:
    """Return integers from 0 on in the shortest type that holds them all.

    Parameters
    ----------
    values : ndarray of shape (n,), int
        None is below 0.

    Returns
    -------
    values : ndarray of shape (n,), uint8, uint16 or uint32
    """
    return values.astype(np.min_scalar_type(values.max(initial=0)))


def checked(
    arrays: Mapping[str, np.ndarray], name: str, dtypes: tuple[np.dtype, ...], ndim: int
) -> np.ndarray:
    """Return an array of a file.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        What the file holds.
    name : str
    dtypes : tuple of dtype
        The array has one of them.
    ndim : int
        Its number of axes.

    Raises
    ------
    KeyError, ValueError
        If it is missing, or of another type or number of axes.
    """
    array = arrays[name]
    if array.dtype not in dtypes or array.ndim != ndim:
        raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
    return array


def widened(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """Return what `shortest` wrote as int64; raises as `checked` does."""
    return checked(arrays, name, _SHORT, 1).astype(np.int64)


def narrowed(values: np.ndarray) -> np.ndarray:
    """Return integers as int32; ValueError if one is too large."""
    if values.max(initial=0) > _LARGEST:
        raise ValueError(f"the number {values.max()}")
    return values.astype(np.int32)


def moved(places: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Return positions in trees as positions among all nodes.

    Parameters
    ----------
    places : ndarray of shape (n_inner,), int64
        A child of each inner node, counted from the root of its tree.
    starts : ndarray of shape (n_inner,), int64
        The root of that tree.

    Raises
    ------
    ValueError
        If there is not one child for each inner node.
    """
    if len(places) != len(starts):
        raise ValueError(
            f"{plural(len(places), 'child', 'children')} for "
            f"{plural(len(starts), 'node')} that divide rows"
        )
    return places + starts


def pack_splits(trees: Any) -> dict[str, np.ndarray]:
    """Return the arrays of a file that say how trees divide rows.

    Thresholds and children are stored only for nodes that are not leaves, and a child as its
    position in its tree.

    Parameters
    ----------
    trees : object
        With `feature`, `threshold`, `left`, `right` and `tree_offsets` of all nodes, one tree after
        the other; -1 for the feature and the children of a leaf.
    """
    inner = trees.feature >= 0
    sizes = np.diff(trees.tree_offsets)
    starts = np.repeat(trees.tree_offsets[:-1], sizes)[inner]
    return {
        "feature_plus_1": shortest(trees.feature + 1),  # 0 for a leaf
        "threshold": trees.threshold[inner],
        "left": shortest(trees.left[inner] - starts),
        "right": shortest(trees.right[inner] - starts),
        "tree_size": shortest(sizes),
    }


def unpack_splits(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return what `pack_splits` was given, by name; their contents are not checked.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        What the file holds.

    Raises
    ------
    KeyError, ValueError
        If an array is missing, or of another type or size.
    """
    feature = widened(arrays, "feature_plus_1") - 1
    inner = feature >= 0
    sizes = widened(arrays, "tree_size")
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    if offsets[-1] != len(feature):
        raise ValueError(
            f"trees of {plural(int(offsets[-1]), 'node')} in all for {plural(len(feature), 'node')}"
        )
    starts = np.repeat(offsets[:-1], sizes)[inner]
    threshold = checked(arrays, "threshold", (np.dtype(np.float32),), 1)
    children = {
        side: spread(narrowed(moved(widened(arrays, side), starts)), inner, np.int32(-1))
        for side in ("left", "right")
    }
    return {
        "feature": narrowed(feature),
        "threshold": spread(threshold, inner, np.float32(0)),
        **children,
        "tree_offsets": offsets,
    }


def spread(values: np.ndarray, inner: np.ndarray, of_leaves: np.generic) -> np.ndarray:
    """Return the values of all nodes: those of inner nodes, and a constant for leaves.

    Parameters
    ----------
    values : ndarray of shape (n_inner,)
    inner : ndarray of shape (n_nodes,), bool
        Whether each node is an inner one.
    of_leaves : numpy scalar
        The constant; its type is that of the result.

    Raises
    ------
    ValueError
        If there are not as many values as inner nodes.
    """
    whole = np.full(len(inner), of_leaves)
    if len(values) != np.count_nonzero(inner):
        raise ValueError(
            f"{plural(len(values), 'value')} for {plural(int(np.count_nonzero(inner)), 'node')}"
        )
    whole[inner] = values
    return whole
