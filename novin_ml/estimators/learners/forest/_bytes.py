"""The size of a forest in a Core ML file, in bytes, before it is exported."""

from __future__ import annotations

import numpy as np

from novin_ml.estimators.learners._size import (
    BEHAVIOR_OF_LEAF,
    DOUBLE,
    ENTRY_FIXED,
    TAG_AND_LENGTH_OF_NODE,
    varint_field,
)
from novin_ml.estimators.learners.forest._trees import Trees


def forest_bytes(trees: Trees) -> np.ndarray:
    """Count the bytes of each tree of a forest in a Core ML file.

    Parameters
    ----------
    trees : Trees
        Of a forest, whose leaves have a share of each class.

    Returns
    -------
    n_bytes : ndarray of shape (n_trees,), int64
    """
    offsets = trees.tree_offsets
    first = np.repeat(offsets[:-1], np.diff(offsets))
    tree = np.repeat(np.arange(trees.n_trees), np.diff(offsets))
    inner = trees.feature >= 0
    of_entry = ENTRY_FIXED + DOUBLE + varint_field(np.arange(trees.shares.shape[1]))
    of_leaves = (trees.shares > 0) @ of_entry  # of a class without rows a leaf has no entry
    body = varint_field(tree) + varint_field(np.arange(len(first)) - first)
    body += np.where(trees.threshold != 0, DOUBLE, 0)
    body[inner] += (  # nodeBehavior BranchOnValueLessThanEqual is 0, and omitted
        varint_field(trees.feature[inner])
        + varint_field((trees.left - first)[inner])
        + varint_field((trees.right - first)[inner])
        + 2 * trees.missing_left[inner]
    )
    body[~inner] += BEHAVIOR_OF_LEAF + of_leaves
    of_nodes = body + TAG_AND_LENGTH_OF_NODE + (body >= 128)  # a long length takes two bytes
    return np.add.reduceat(of_nodes, offsets[:-1])
