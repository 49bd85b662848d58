"""The nodes of a tree ensemble in a spec, compared with the trees of the Python model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.given.trees import Trees
from novin_ml.coreml.structure._messages import differs
from novin_ml.estimators.learners import BoostingLearner, ForestLearner, IsolationLearner
from novin_ml.plain import plural

# TreeNodeBehavior of TreeEnsemble.proto.
_LESS_EQUAL, _LESS, _LEAF = 0, 1, 6
_BEHAVIORS = (
    "BranchOnValueLessThanEqual",
    "BranchOnValueLessThan",
    "BranchOnValueGreaterThanEqual",
    "BranchOnValueGreaterThan",
    "BranchOnValueEqual",
    "BranchOnValueNotEqual",
    "LeafNode",
)
# Leaves and intercepts are products of float32 numbers, rounded in different orders.
_LAST_DIGITS = 1e-12
_CHILDREN = ("trueChildNodeId", "falseChildNodeId")
_COLUMNS: dict[str, Any] = {
    "nodeBehavior": np.int64,
    "branchFeatureIndex": np.uint64,
    "branchFeatureValue": np.float64,
    "missingValueTracksTrueChild": bool,
    "relativeHitRate": np.float64,
    "trueChildNodeId": np.uint64,
    "falseChildNodeId": np.uint64,
}


def trees_of_booster(learner: BoostingLearner) -> Trees:
    """Return the trees of a booster as xgboost saves them.

    The converter reads another text, the dump, which xgboost writes with other code.

    Parameters
    ----------
    learner : BoostingLearner
        The Python model.

    Returns
    -------
    trees : Trees
        Its trees, in one numbering.
    """
    learned = json.loads(bytes(learner.booster.save_raw("json")))["learner"]
    model = learned["gradient_booster"]["model"]
    trees = model["trees"]
    sizes = np.array([len(tree["left_children"]) for tree in trees], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    start = np.repeat(starts, sizes)

    def joined(key: str, dtype: Any) -> NDArray[Any]:
        return np.concatenate([np.array(tree[key], dtype=dtype) for tree in trees])

    left, right = (joined(f"{side}_children", np.int64) for side in ("left", "right"))
    is_leaf = left < 0
    numbers = joined("split_conditions", np.float32).astype(np.float64)
    scale, shift = np.float64(learner.calibration.scale), np.float64(learner.calibration.shift)
    intercepts = _intercepts(learned["learner_model_param"], learner.n_classes)
    of_class = np.array(learner.calibration.of_class or 0.0, dtype=np.float64)
    return Trees(
        roots=starts,
        left=np.where(is_leaf, -1, left + start),
        right=np.where(is_leaf, -1, right + start),
        feature=joined("split_indices", np.int64),
        threshold=numbers,
        missing_left=joined("default_left", bool),
        value=numbers * scale,
        dimension=np.array(model["tree_info"], dtype=np.int64),
        base=intercepts * scale + shift + of_class,
        less_equal=False,
    )


def _intercepts(param: dict[str, str], n_classes: int) -> NDArray[np.float64]:
    given = np.atleast_1d(np.array(json.loads(param["base_score"]), dtype=np.float32))
    if n_classes == 2:
        # xgboost's own definition, in its float32: of a share near 1, 1 - p keeps few digits, and
        # the exact log odds are not what it adds to the leaves.
        one = np.float32(1)
        given = -np.log(one / given[:1] - one)
    return np.broadcast_to(given.astype(np.float64), 1 if n_classes == 2 else n_classes)


def trees_of_classes(learner: ForestLearner) -> Trees:
    """Return the trees of a forest of classes; the sums of their leaves are the probabilities.

    Parameters
    ----------
    learner : ForestLearner
        The Python model.

    Returns
    -------
    trees : Trees
        Its trees, in one numbering.
    """
    trees, n_classes = learner.trees, learner.n_classes
    # The mean is over these trees and one that knows nothing.
    n_means = trees.n_trees + 1
    leaves = np.flatnonzero(trees.feature < 0)
    value = np.zeros((len(trees.feature), n_classes))
    value[leaves] = trees.shares.astype(np.float64) / n_means
    return Trees(
        roots=np.asarray(trees.tree_offsets[:-1], np.int64),
        left=np.asarray(trees.left, np.int64),
        right=np.asarray(trees.right, np.int64),
        feature=np.asarray(trees.feature, np.int64),
        threshold=trees.threshold.astype(np.float64),
        missing_left=trees.missing_left,
        value=value,
        dimension=None,
        base=np.full(n_classes, 1 / n_classes / n_means),
        less_equal=True,
    )


def trees_of_forest(learner: IsolationLearner) -> Trees:
    """Return the trees of an isolation forest; the sum of their leaves is the score's logarithm.

    Parameters
    ----------
    learner : IsolationLearner
        The Python model.

    Returns
    -------
    trees : Trees
        Its trees, in one numbering.
    """
    n_trees = len(learner.tree_offsets) - 1
    # The score is 2 to the power of minus the path length over the denominator.
    value = np.zeros(len(learner.feature))
    base = -np.log(2.0)
    if learner.denominator:
        value, base = -np.log(2.0) * (learner.path_length / learner.denominator), 0.0
    elif learner.scores_of(np.zeros(1))[0] == -1:
        base = 0.0
    return Trees(
        roots=np.asarray(learner.tree_offsets[:-1], np.int64),
        left=np.asarray(learner.left, np.int64),
        right=np.asarray(learner.right, np.int64),
        feature=np.asarray(learner.feature, np.int64),
        threshold=learner.threshold.astype(np.float64),
        missing_left=np.zeros(len(learner.feature), bool),
        value=value,
        dimension=np.zeros(n_trees, np.int64),
        base=np.array([base]),
        less_equal=True,
    )


def tree_difference(parameters: Any, trees: Trees, path: str) -> str:
    """Return a clause about the first difference between a spec's nodes and trees, or "".

    Parameters
    ----------
    parameters : TreeEnsembleParameters
        Inputs are in the order of the features.
    trees : Trees
    path : str
        Path of the parameters in their spec.
    """
    got = np.array(parameters.basePredictionValue, dtype=np.float64)
    if got.shape != trees.base.shape or not np.all(
        np.abs(got - trees.base) <= trees.base_digits * np.maximum(1, np.abs(trees.base))
    ):
        return differs(f"{path}.basePredictionValue", trees.base.tolist(), got.tolist())
    nodes = parameters.nodes
    n_expected = n_nodes(trees)
    if len(nodes) != n_expected:
        return f"{path}.nodes must have {plural(n_expected, 'entry')}. Got {len(nodes)}"
    of_tree = np.fromiter((node.treeId for node in nodes), np.uint64, len(nodes))
    n_trees = len(trees.roots)
    if not np.array_equal(np.unique(of_tree), np.arange(n_trees)):
        return f"{path}.nodes must have the treeIds 0 to {n_trees - 1}. Got others"
    clauses = (
        _Walk(_Chosen(nodes, places), trees, path, own).difference()
        for own, places in _in_parts(of_tree.astype(np.int64), n_trees)
    )
    return next(filter(None, clauses), "")


#: Nodes that are compared at once; all nodes of a large forest take hundreds of megabytes.
_NODES_AT_ONCE = 200_000


def _in_parts(
    of_tree: NDArray[np.int64], n_trees: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.intp]]]:
    """Yield trees that follow each other, with the places of their nodes."""
    part = np.cumsum(np.bincount(of_tree, minlength=n_trees)) // _NODES_AT_ONCE
    for own in np.split(np.arange(n_trees), np.flatnonzero(np.diff(part)) + 1):
        if len(own):
            yield own, np.flatnonzero((of_tree >= own[0]) & (of_tree <= own[-1]))


class _Chosen:
    """Nodes at some places, none of which is kept as a Python object."""

    def __init__(self, nodes: Any, places: NDArray[np.intp]) -> None:
        self._nodes, self._places = nodes, places

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Any]:
        return (self._nodes[place] for place in self._places)


def n_nodes(trees: Trees) -> int:
    """Return the number of nodes that a row can be at; a booster's file also has pruned ones."""
    level, number = trees.roots, 0
    while len(level):
        number += len(level)
        inner = level[trees.left[level] >= 0]
        level = np.concatenate([trees.left[inner], trees.right[inner]])
    return number


class _Walk:
    """Nodes of a spec and nodes of the trees, side by side from the roots down."""

    def __init__(self, nodes: Any, trees: Trees, path: str, own: NDArray[np.int64]) -> None:
        self.trees, self.path, self.own = trees, path, own
        self.tree, self.id, *columns = (
            np.fromiter((getattr(node, name) for node in nodes), dtype, len(nodes))
            for name, dtype in (("treeId", np.uint64), ("nodeId", np.uint64), *_COLUMNS.items())
        )
        self.columns = dict(zip(_COLUMNS, columns, strict=True))
        self.counts = np.fromiter((len(n.evaluationInfo) for n in nodes), np.int64, len(nodes))
        self.starts = np.cumsum(self.counts) - self.counts
        entries = (entry for node in nodes for entry in node.evaluationInfo)
        pairs = np.fromiter(
            ((entry.evaluationIndex, entry.evaluationValue) for entry in entries),
            np.dtype([("index", np.uint64), ("value", np.float64)]),
            int(self.counts.sum()),
        )
        self.index, self.value = pairs["index"], pairs["value"]
        self.ids, rank = np.unique(self.id, return_inverse=True)
        keys = self.tree.astype(np.int64) * len(self.ids) + rank
        self.order = np.argsort(keys)
        self.keys = keys[self.order]

    def difference(self) -> str:
        """Return a clause about the first node that differs, or ""."""
        expected = self.trees
        tree, theirs = self.own, expected.roots[self.own]
        mine, clause = self._found(tree, np.zeros(len(tree), np.uint64))
        seen = [mine]
        while not clause and len(theirs):
            clause = self._of_level(mine, theirs, tree)
            inner = np.flatnonzero(expected.left[theirs] >= 0)
            parents, tree = mine[inner], tree[inner]
            below = []
            for name in _CHILDREN:
                found, absent = self._found(tree, self.columns[name][parents])
                clause = clause or absent
                below.append(found)
            mine = np.concatenate(below)
            seen.append(mine)
            theirs = np.concatenate([expected.left[theirs[inner]], expected.right[theirs[inner]]])
            tree = np.tile(tree, 2)
        places, times = np.unique(np.concatenate(seen), return_counts=True)
        if not clause and times.max() > 1:
            # Two children that are one node, and another node that is nobody's child.
            twice = self._name(places[times.argmax()], "nodeId")
            return f"{twice} must be a childNodeId of one node. Got two such nodes"
        return clause

    def _found(
        self, tree: NDArray[np.intp], ids: NDArray[np.uint64]
    ) -> tuple[NDArray[np.intp], str]:
        """Return the positions of nodes, and a clause if one is not there."""
        rank = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        key = tree * len(self.ids) + rank
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        absent = np.flatnonzero((self.ids[rank] != ids) | (self.keys[place] != key))
        clause = ""
        if len(absent):
            which = absent[0]
            clause = (
                f"{self.path}.nodes must have a node {ids[which]} in tree {tree[which]}. Got none"
            )
        return self.order[place], clause

    def _of_level(
        self, mine: NDArray[np.intp], theirs: NDArray[np.int64], tree: NDArray[np.intp]
    ) -> str:
        trees = self.trees
        is_leaf = trees.left[theirs] < 0
        branch = _LESS_EQUAL if trees.less_equal else _LESS
        expected = {
            "nodeBehavior": np.where(is_leaf, _LEAF, branch),
            "branchFeatureIndex": np.where(is_leaf, 0, trees.feature[theirs]),
            "branchFeatureValue": np.where(is_leaf, 0, self._bounds(theirs)),
            "missingValueTracksTrueChild": trees.missing_left[theirs] & ~is_leaf,
            "relativeHitRate": np.zeros(len(theirs)),
        }
        for name, values in expected.items():
            got = self.columns[name][mine]
            wrong = np.flatnonzero(got != values)
            if len(wrong):
                which = wrong[0]
                both = [values[which].item(), got[which].item()]
                if name == "nodeBehavior":
                    both = [_BEHAVIORS[number] for number in both]
                return differs(self._name(mine[which], name), *both)
        leaves = np.flatnonzero(is_leaf)
        for which in leaves[self._may_differ(mine[leaves], theirs[leaves], tree[leaves])]:
            clause = self._of_leaf(mine[which], self._expected(theirs[which], tree[which]))
            if clause:
                return clause
        with_value = np.flatnonzero(self.counts[mine[~is_leaf]])
        if len(with_value):
            node = mine[~is_leaf][with_value[0]]
            return f"{self._name(node, 'evaluationInfo')} must have no entries. Got some"
        return ""

    def _may_differ(
        self, mine: NDArray[np.intp], theirs: NDArray[np.int64], tree: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the places of leaves that are not equal at first sight, all of them at once."""
        wanted = self.trees.value[theirs]
        if self.trees.dimension is not None:
            place, rows = self.trees.dimension[tree], np.arange(len(theirs))
            number = np.ones(len(theirs), np.int64)
        else:
            rows, place = np.nonzero(wanted)
            number = np.bincount(rows, minlength=len(theirs))
            wanted = wanted[rows, place]
        unequal = self.counts[mine] != number
        for child in _CHILDREN:
            unequal |= self.columns[child][mine] != 0
        # The entries of a leaf follow each other, as the numbers that it adds.
        own = np.arange(len(rows)) - (np.cumsum(number) - number)[rows] + self.starts[mine][rows]
        known = ~unequal[rows]
        rows, own, place, wanted = rows[known], own[known], place[known], wanted[known]
        same = self.index[own] == place.astype(np.uint64)
        same &= np.abs(self.value[own] - wanted) <= _LAST_DIGITS * np.abs(wanted)
        unequal[rows[~same]] = True
        return np.flatnonzero(unequal)

    def _expected(self, node: int, tree: int) -> dict[int, float]:
        """Return what a leaf adds, by the number of the sum."""
        value, dimension = self.trees.value[node], self.trees.dimension
        if dimension is not None:
            return {int(dimension[tree]): float(value)}
        return {int(number): float(value[number]) for number in np.flatnonzero(value)} or {0: 0.0}

    def _bounds(self, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the largest float32 number at or below each threshold, if `<=` is compared.

        A float32 number is at most the one exactly if it is at most the other.
        """
        exact = self.trees.threshold[nodes]
        if not self.trees.less_equal:
            return exact
        with np.errstate(over="ignore"):
            nearest = exact.astype(np.float32)
        below = np.nextafter(nearest, np.float32(-np.inf))
        return np.where(nearest > exact, below, nearest).astype(np.float64)

    def _of_leaf(self, node: int, values: dict[int, float]) -> str:
        own = slice(self.starts[node], self.starts[node] + self.counts[node])
        entries = list(zip(self.index[own].tolist(), self.value[own].tolist(), strict=True))
        name = self._name(node, "evaluationInfo")
        for child in _CHILDREN:
            if self.columns[child][node]:
                return differs(self._name(node, child), 0, int(self.columns[child][node]))
        if len(entries) != len(values):
            number = "one entry" if len(values) == 1 else plural(len(values), "entry")
            return f"{name} must have {number}. Got {len(entries)}"
        for (index, got), (dimension, value) in zip(entries, values.items(), strict=True):
            if index != dimension:
                return differs(f"{name}.evaluationIndex", dimension, index)
            if not abs(got - value) <= _LAST_DIGITS * abs(value):
                return differs(f"{name}.evaluationValue", value, got)
        return ""

    def _name(self, node: int, field: str) -> str:
        return f"{self.path}.nodes[tree {self.tree[node]}, node {self.id[node]}].{field}"
