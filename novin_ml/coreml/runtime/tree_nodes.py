"""Check the nodes of a TreeEnsemble message and convert them to flat arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.runtime.forest import Forest, TreeGroup, order_keys
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural

# TreeNodeBehavior of TreeEnsemble.proto.
_LESS_EQUAL, _LESS, _GREATER_EQUAL, _GREATER, _EQUAL, _NOT_EQUAL, _LEAF = range(7)


class _Nodes(NamedTuple):
    """All nodes of all trees. The children of a leaf are the leaf itself."""

    tree: NDArray[np.intp]
    column: NDArray[np.intp]
    bound: NDArray[np.int32]
    children: NDArray[np.intp]  # (m, 2): where ``key < bound`` is false, where it is true


def read_forest(parameters: Any, n_features: int) -> Forest:
    """Return flat arrays of a TreeEnsembleParameters message.

    Raises
    ------
    UnsupportedModelError
        If the nodes do not form trees: duplicate or missing nodes, several roots, a node with two
        parents, a leaf without a value, a feature or a dimension that does not exist.
    """
    base = _base_prediction(parameters)
    nodes = parameters.nodes
    if not nodes:
        return Forest(base, ())
    behavior = _column(nodes, "nodeBehavior", np.int8)
    branch = np.flatnonzero(behavior != _LEAF)
    tree, find = _index_nodes(nodes)
    true_child, false_child = (
        find(tree[branch], _column(nodes, name, np.uint64)[branch])
        for name in ("trueChildNodeId", "falseChildNodeId")
    )
    roots, depths = _roots_and_depths(tree, branch, true_child, false_child)
    del find  # of a large forest these take hundreds of megabytes
    table = _comparisons(tree, behavior, nodes, branch, true_child, false_child, n_features)
    del branch, true_child, false_child
    # An (in)equality takes two comparisons.
    depths *= 2 if len(table.tree) > len(nodes) else 1
    leaf, dimension, value = _evaluations(nodes, behavior, len(base))

    # Trees that add to the same dimensions (a class of a boosted ensemble) make one group.
    adds_to = np.zeros((len(roots), len(base)), dtype=bool)
    adds_to[tree[leaf], dimension] = True
    signatures, group_of = np.unique(adds_to, axis=0, return_inverse=True)
    group_of = group_of.reshape(-1)
    if len(signatures) == 1:
        return Forest(base, (_of_all(table, signatures[0], leaf, dimension, value, roots, depths),))
    groups = []
    for number, signature in enumerate(signatures):
        member = np.flatnonzero(group_of[table.tree] == number)
        renumbered = np.zeros(len(table.tree), dtype=np.intp)
        renumbered[member] = np.arange(len(member))
        trees = np.flatnonzero(group_of == number)
        trees = trees[np.argsort(depths[trees], kind="stable")]
        inside = group_of[tree[leaf]] == number
        values = np.zeros((len(base), len(member)))
        values[dimension[inside], renumbered[leaf[inside]]] = value[inside]
        groups.append(
            TreeGroup(
                dimensions=np.flatnonzero(signature),
                column=table.column[member],
                bound=table.bound[member],
                children=renumbered[table.children[member]].ravel(),
                values=values[signature],
                roots=renumbered[roots[trees]],
                depths=depths[trees],
            )
        )
    return Forest(base, tuple(groups))


def _of_all(
    table: _Nodes,
    signature: NDArray[np.bool_],
    leaf: NDArray[np.intp],
    dimension: NDArray[np.intp],
    value: NDArray[np.float64],
    roots: NDArray[np.intp],
    depths: NDArray[np.intp],
) -> TreeGroup:
    """Return trees that all add to the same dimensions as a group, without copies of the table."""
    dimensions = np.flatnonzero(signature)
    values = np.zeros((len(dimensions), len(table.tree)))
    values[np.searchsorted(dimensions, dimension), leaf] = value
    order = np.argsort(depths, kind="stable")
    return TreeGroup(
        dimensions=dimensions,
        column=table.column,
        bound=table.bound,
        children=table.children.ravel(),
        values=values,
        roots=roots[order],
        depths=depths[order],
    )


def _column(nodes: Any, name: str, dtype: Any) -> NDArray[Any]:
    """Return a field of all nodes; no node is kept as a Python object."""
    return np.fromiter((getattr(node, name) for node in nodes), dtype, len(nodes))


def _base_prediction(parameters: Any) -> NDArray[np.float64]:
    n_dimensions = int(parameters.numPredictionDimensions)
    if n_dimensions == 0:
        raise _damaged("numPredictionDimensions must be at least 1. Got 0 instead")
    base = np.array(parameters.basePredictionValue, dtype=np.float64)
    if len(base) not in (0, n_dimensions):
        raise _damaged(
            f"basePredictionValue must have {plural(n_dimensions, 'value')}, as many as there "
            "are prediction "
            f"dimensions. Got {len(base)} instead"
        )
    return base if len(base) else np.zeros(n_dimensions)


def _index_nodes(
    nodes: Any,
) -> tuple[NDArray[np.intp], Callable[[NDArray[np.intp], NDArray[np.uint64]], NDArray[np.intp]]]:
    """Return the tree of each node, 0, 1, ..., and a look-up of nodes by tree and node id."""
    tree_ids = _column(nodes, "treeId", np.uint64)
    node_ids = _column(nodes, "nodeId", np.uint64)
    _, tree = np.unique(tree_ids, return_inverse=True)
    ids, rank = np.unique(node_ids, return_inverse=True)
    keys = tree * len(ids) + rank
    order = np.argsort(keys)
    keys = keys[order]
    if np.any(keys[1:] == keys[:-1]):
        raise _damaged("each node of a tree must have an id of its own. Got one id twice")

    def find(trees: NDArray[np.intp], wanted: NDArray[np.uint64]) -> NDArray[np.intp]:
        at = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
        key = trees * len(ids) + at
        place = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
        if np.any(ids[at] != wanted) or np.any(keys[place] != key):
            raise _damaged("each child must be a node of its tree. Got an id that no node has")
        return order[place]

    return tree, find


def _roots_and_depths(
    tree: NDArray[np.intp],
    branch: NDArray[np.intp],
    true_child: NDArray[np.intp],
    false_child: NDArray[np.intp],
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the root of each tree and the number of branches on its longest path."""
    n_parents = np.bincount(true_child, minlength=len(tree))
    n_parents += np.bincount(false_child, minlength=len(tree))
    if np.any(n_parents > 1):
        raise _damaged("each node must be the child of one node. Got a node with two parents")
    roots = np.flatnonzero(n_parents == 0)
    n_trees = int(tree.max()) + 1
    if np.any(np.bincount(tree[roots], minlength=n_trees) != 1):
        raise _damaged("each tree must have one root. Got a tree with none or several")
    roots = roots[np.argsort(tree[roots])]
    children = np.full((len(tree), 2), -1)
    children[branch, 0], children[branch, 1] = false_child, true_child
    depths = np.zeros(n_trees, dtype=np.intp)
    level, depth, n_reached = roots, 0, 0
    while len(level):
        depths[tree[level]] = depth
        n_reached += len(level)
        level = children[level].ravel()
        level = level[level >= 0]
        depth += 1
    if n_reached != len(tree):
        raise _damaged("each node must be reached from a root. Got nodes in a cycle")
    return roots, depths


def _comparisons(
    tree: NDArray[np.intp],
    behavior: NDArray[np.int8],
    nodes: Any,
    branch: NDArray[np.intp],
    true_child: NDArray[np.intp],
    false_child: NDArray[np.intp],
    n_features: int,
) -> _Nodes:
    """Return each branch as ``key(x) < bound``; (in)equalities become two of them."""
    mode = behavior[branch]
    feature = _column(nodes, "branchFeatureIndex", np.uint64)[branch]
    value = _column(nodes, "branchFeatureValue", np.float64)[branch]
    missing_true = _column(nodes, "missingValueTracksTrueChild", bool)[branch]
    if np.any(feature >= n_features):
        raise _damaged(
            f"branchFeatureIndex must be below {n_features}, the number of input values. "
            f"Got {feature.max()} instead"
        )
    if np.isnan(value).any():
        raise _damaged("branchFeatureValue must be a number. Got NaN instead")

    # x is a float32: x < v if x is below the smallest float32 that is not below v, and x <= v
    # if x is not above the largest float32 that is not above v.
    with np.errstate(over="ignore", under="ignore"):
        nearest = value.astype(np.float32)
        up = np.nextafter(nearest, np.float32(np.inf))
        down = np.nextafter(nearest, np.float32(-np.inf))
    bound_less = order_keys(np.where(nearest < value, up, nearest))
    bound_less_equal = order_keys(np.where(nearest > value, down, nearest)) + np.int32(1)

    del nearest, up, down, value
    # Children are swapped so that those of "greater" and "not equal" look like the others.
    swapped = np.isin(mode, (_GREATER_EQUAL, _GREATER, _NOT_EQUAL))
    yes = np.where(swapped, false_child, true_child)
    no = np.where(swapped, true_child, false_child)
    missing_yes = missing_true ^ swapped

    size = len(tree)
    column, bound = np.zeros(size, dtype=np.intp), np.zeros(size, dtype=np.int32)
    children = np.repeat(np.arange(size), 2).reshape(size, 2)
    is_less = np.isin(mode, (_LESS, _GREATER_EQUAL))
    column[branch] = feature.astype(np.intp) + n_features * missing_yes
    bound[branch] = np.where(is_less, bound_less, bound_less_equal)
    children[branch] = np.stack([no, yes], axis=1)

    # x == v: if x < v then no, else ask a second node whether x <= v; a missing value goes there.
    pair = np.flatnonzero(np.isin(mode, (_EQUAL, _NOT_EQUAL)))
    first = branch[pair]
    second = size + np.arange(len(pair))
    tree, column, bound, children = (
        np.concatenate([array, array[first]]) for array in (tree, column, bound, children)
    )
    column[first] = feature[pair].astype(np.intp)
    bound[first] = bound_less[pair]
    children[first] = np.stack([second, no[pair]], axis=1)
    return _Nodes(tree, column, bound, children)


def _evaluations(
    nodes: Any, behavior: NDArray[np.int8], n_dimensions: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return leaf, dimension and value of everything that leaves add."""
    leaves = np.flatnonzero(behavior == _LEAF)
    counts = np.fromiter((len(nodes[i].evaluationInfo) for i in leaves), np.intp, len(leaves))
    if np.any(counts == 0):
        raise _damaged("each leaf must have an evaluationInfo. Got a leaf without")
    leaf, total = np.repeat(leaves, counts), int(counts.sum())
    entries = (entry for i in leaves for entry in nodes[i].evaluationInfo)
    pairs = np.fromiter(
        ((entry.evaluationIndex, entry.evaluationValue) for entry in entries),
        np.dtype([("index", np.uint64), ("value", np.float64)]),
        total,
    )
    index, value = pairs["index"], pairs["value"].copy()
    if np.any(index >= n_dimensions):
        raise _damaged(
            f"evaluationIndex must be below {n_dimensions}, the prediction dimensions. "
            f"Got {index.max()} instead"
        )
    dimension = index.astype(np.intp)
    del pairs, index, entries
    if len(np.unique(leaf * n_dimensions + dimension)) != len(leaf):
        raise _damaged("a leaf must have one value for a dimension. Got two")
    return leaf, dimension, value


def _damaged(sentence: str) -> UnsupportedModelError:
    return UnsupportedModelError(f"In a tree ensemble, {sentence}; repair the model that was read.")
