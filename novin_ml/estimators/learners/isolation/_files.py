"""The file of an isolation forest: a few small arrays without redundancy, of short integers.

Thresholds and children are stored only for nodes that are not leaves. A child is stored as its
position in its tree. Path lengths are computed from the counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from novin_ml.estimators.learners.isolation._trees import Trees

_SHORT = tuple(np.dtype(kind) for kind in (np.uint8, np.uint16, np.uint32))
_LARGEST = np.iinfo(np.int32).max


def packed(trees: Trees) -> dict[str, np.ndarray]:
    """Return the arrays of a forest's file."""
    inner = trees.feature >= 0
    sizes = np.diff(trees.tree_offsets)
    starts = np.repeat(trees.tree_offsets[:-1], sizes)[inner]
    return {
        "feature_plus_1": _shortest(trees.feature + 1),  # 0 for a leaf
        "threshold": trees.threshold[inner],
        "left": _shortest(trees.left[inner] - starts),
        "right": _shortest(trees.right[inner] - starts),
        "count_less_1": _shortest(trees.count - 1),  # 256 rows fit into a byte
        "tree_size": _shortest(sizes),
        "max_samples": np.array(trees.max_samples, dtype=np.int64),
    }


def unpacked(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the fields of a forest; their contents are not checked.

    Raises
    ------
    KeyError, ValueError
        If an array is missing, or of another type or size.
    """
    feature = _widened(arrays, "feature_plus_1") - 1
    inner = feature >= 0
    sizes = _widened(arrays, "tree_size")
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    if offsets[-1] != len(feature):
        raise ValueError(f"trees of {offsets[-1]} nodes in all for {len(feature)} nodes")
    starts = np.repeat(offsets[:-1], sizes)[inner]
    threshold = _checked(arrays, "threshold", (np.dtype(np.float32),), 1)
    return {
        "feature": _narrowed(feature),
        "threshold": _spread(threshold, inner, np.float32(0)),
        "left": _spread(_narrowed(_sum(_widened(arrays, "left"), starts)), inner, np.int32(-1)),
        "right": _spread(_narrowed(_sum(_widened(arrays, "right"), starts)), inner, np.int32(-1)),
        "count": _narrowed(_widened(arrays, "count_less_1") + 1),
        "tree_offsets": offsets,
        "max_samples": int(_checked(arrays, "max_samples", (np.dtype(np.int64),), 0)),
    }


def _shortest(values: np.ndarray) -> np.ndarray:
    return values.astype(np.min_scalar_type(values.max(initial=0)))


def _checked(
    arrays: Mapping[str, np.ndarray], name: str, dtypes: tuple[np.dtype, ...], ndim: int
) -> np.ndarray:
    array = arrays[name]
    if array.dtype not in dtypes or array.ndim != ndim:
        raise ValueError(f"{name} of shape {array.shape} and dtype {array.dtype}")
    return array


def _widened(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    return _checked(arrays, name, _SHORT, 1).astype(np.int64)


def _narrowed(values: np.ndarray) -> np.ndarray:
    if values.max(initial=0) > _LARGEST:
        raise ValueError(f"the number {values.max()}")
    return values.astype(np.int32)


def _sum(places: np.ndarray, starts: np.ndarray) -> np.ndarray:
    if len(places) != len(starts):
        raise ValueError(f"{len(places)} children for {len(starts)} nodes that divide rows")
    return places + starts


def _spread(values: np.ndarray, inner: np.ndarray, of_leaves: np.generic) -> np.ndarray:
    """Return the values of all nodes: those of inner nodes, and a constant for leaves."""
    whole = np.full(len(inner), of_leaves)
    if len(values) != np.count_nonzero(inner):
        raise ValueError(f"{len(values)} values for {np.count_nonzero(inner)} nodes")
    whole[inner] = values
    return whole
