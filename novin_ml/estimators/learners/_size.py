"""The size of a model in a Core ML file, in bytes, before it is exported.

For trees, the protobuf encoding of ``TreeEnsembleParameters.TreeNode`` (Apple's TreeEnsemble.proto)
is counted field by field. This is not part of the exporter, because training has to stop before a
model is too large. ``tests/coreml`` compares it with the bytes of the exporter.
"""

from __future__ import annotations

import json
from itertools import chain
from typing import Any

import numpy as np

# Field numbers up to 15 have a tag of one byte; evaluationInfo (20) has two.
#: Tag and length of a node of less than 128 bytes.
TAG_AND_LENGTH_OF_NODE = 2
BRANCH_FIXED = 2  # nodeBehavior BranchOnValueLessThan
BEHAVIOR_OF_LEAF = 2  # nodeBehavior LeafNode
ENTRY_FIXED = 2 + 1  # evaluationInfo: tag, length
LEAF_FIXED = BEHAVIOR_OF_LEAF + ENTRY_FIXED
DOUBLE = 9  # branchFeatureValue or evaluationValue
MAX_NODE_BYTES = 36


def varint_field(values: np.ndarray) -> np.ndarray:
    """Return the bytes of an unsigned varint field with a one-byte tag; proto3 omits zeros."""
    values = np.asarray(values)
    width = 1 + sum((values >= 128**power).astype(np.int64) for power in range(1, 5))
    return np.where(values == 0, 0, 1 + width)


def tree_bytes(booster: Any, first_tree_id: int = 0, n_ensembles: int = 1) -> np.ndarray:
    """Count the bytes of each tree of a booster in a Core ML file.

    Parameters
    ----------
    booster : xgboost.Booster
        Trees with scalar leaves and numerical splits.
    first_tree_id : int, default=0
        Number of the first tree in the exported model; larger numbers take more bytes.
    n_ensembles : int, default=1
        Number of ensembles that share the trees in turn; a blend has one for each class.

    Returns
    -------
    n_bytes : ndarray of shape (n_trees,), int64
    """
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    trees = model["trees"]
    n_nodes = np.array([len(tree["left_children"]) for tree in trees], dtype=np.int64)
    first = np.cumsum(n_nodes) - n_nodes
    tree_of_node = np.repeat(np.arange(len(trees)), n_nodes)

    def column(name: str) -> np.ndarray:
        return np.array(list(chain.from_iterable(tree[name] for tree in trees)))

    left, right = column("left_children"), column("right_children")
    branch = left >= 0
    output = np.asarray(model["tree_info"] if n_ensembles == 1 else [0] * len(trees))
    # A threshold or leaf of zero is omitted.
    body = np.where(column("split_conditions") != 0, DOUBLE, 0)
    body += varint_field((first_tree_id + tree_of_node) // n_ensembles)
    body += varint_field(np.arange(len(left)) - first[tree_of_node])
    body += np.where(
        branch,
        BRANCH_FIXED
        + varint_field(column("split_indices"))
        + varint_field(np.where(branch, left, 0))
        + varint_field(np.where(branch, right, 0))
        + 2 * (column("default_left") != 0),
        LEAF_FIXED + varint_field(output[tree_of_node]),
    )
    # Pruned nodes are still listed, but they are children of no node.
    kept = np.zeros(len(left), dtype=bool)
    kept[first] = True
    for child in (left, right):
        kept[(child + first[tree_of_node])[branch]] = True
    return np.add.reduceat(np.where(kept, body + TAG_AND_LENGTH_OF_NODE, 0), first)


def estimated_tree_bytes(booster: Any, n_trees: int) -> int:
    """Estimate the bytes of a booster's trees from its number of splits, within a few percent."""
    splits = int(sum(booster.get_score(importance_type="weight").values()))
    return 23 * splits + 20 * (splits + n_trees)


def joining_bytes(n_features: int, n_classes: int) -> int:
    """Return the bytes of a blend beyond its parts: inputs of each class's trees, and mixing."""
    n_margins = 1 if n_classes == 2 else n_classes
    return 1_000 + n_margins * (100 + 40 * n_features)


def interface_bytes(n_features: int, n_classes: int) -> int:
    """Return the bytes to reserve for names, descriptions, labels and metadata of a model."""
    return 3_000 + 320 * n_features + 60 * n_classes
