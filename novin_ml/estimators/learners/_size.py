"""How many bytes a model takes in a Core ML file, before it is exported.

Trees: counts the protobuf encoding of ``TreeEnsembleParameters.TreeNode`` (Apple's
TreeEnsemble.proto) field by field. It stands here, and not with the exporter, because training has
to stop before a model is too large; ``tests/coreml`` holds it against the exporter's own bytes.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

# Field numbers up to 15 have a tag of one byte; evaluationInfo (20) has two.
_TAG_AND_LENGTH_OF_NODE = 2
_BRANCH_FIXED = 2 + 9  # nodeBehavior BranchOnValueLessThan, branchFeatureValue
_LEAF_FIXED = 2 + 2 + 1 + 9  # nodeBehavior LeafNode, evaluationInfo: tag, length, evaluationValue
MAX_NODE_BYTES = 36


def _varint_field(values: np.ndarray) -> np.ndarray:
    """Bytes of an unsigned varint field with a one-byte tag; proto3 leaves zeros out."""
    values = np.asarray(values)
    width = 1 + sum((values >= 128**power).astype(np.int64) for power in range(1, 5))
    return np.where(values == 0, 0, 1 + width)


def tree_bytes(booster: Any, first_tree_id: int = 0) -> np.ndarray:
    """Count the bytes of each tree of a booster in a Core ML file.

    Parameters
    ----------
    booster : xgboost.Booster
        Trees with scalar leaves and numerical splits.
    first_tree_id : int, default=0
        Number that the first tree has in the exported model; later trees need more digits.

    Returns
    -------
    n_bytes : ndarray of shape (n_trees,), int64
    """
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    sizes = np.zeros(len(model["trees"]), dtype=np.int64)
    for number, (tree, output) in enumerate(zip(model["trees"], model["tree_info"], strict=True)):
        left = np.asarray(tree["left_children"])
        right = np.asarray(tree["right_children"])
        node = np.arange(len(left))
        branch = left >= 0
        missing_goes_left = np.asarray(tree["default_left"]) != 0
        body = _varint_field(np.full(len(left), first_tree_id + number)) + _varint_field(node)
        body = body + np.where(
            branch,
            _BRANCH_FIXED
            + _varint_field(np.asarray(tree["split_indices"]))
            + _varint_field(np.where(branch, left, 0))
            + _varint_field(np.where(branch, right, 0))
            + 2 * missing_goes_left,
            _LEAF_FIXED + _varint_field(np.full(len(left), output)),
        )
        sizes[number] = int(body.sum()) + _TAG_AND_LENGTH_OF_NODE * len(left)
    return sizes


def interface_bytes(n_features: int, n_classes: int) -> int:
    """Bytes to set aside for names, descriptions, labels and metadata of an exported model."""
    return 3_000 + 320 * n_features + 60 * n_classes
