"""Growth of an isolation forest: all trees at once, level by level over flat arrays.

The trees are those of Liu, Ting and Zhou, "Isolation Forest", ICDM 2008. Each tree has the same
distribution as in scikit-learn: a node draws its column among those that vary in it, and its
threshold uniformly between the extremes of that column. Only the order of the draws differs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.estimators.learners.isolation.learner import IsolationLearner
from novin_ml.estimators.learners.tree_walk import round_down

# As in scikit-learn: a column whose values in a node differ by no more is constant there.
_SAME = np.float32(1e-7)
# Draws of a column per node before all columns are examined; most nodes need one.
_DRAWS = 3


@dataclass(frozen=True)
class _Level:
    """The nodes of all trees at one depth, and the training rows in them, node after node."""

    tree: np.ndarray
    count: np.ndarray
    #: Position of each row's first value in the flat table.
    base: np.ndarray


@dataclass(frozen=True)
class _Splits:
    """The nodes of a level that are split."""

    node: np.ndarray
    count: np.ndarray
    base: np.ndarray
    feature: np.ndarray
    low: np.ndarray
    high: np.ndarray
    #: The split column's value of each row.
    value: np.ndarray

    def only(self, keep: np.ndarray) -> _Splits:
        """Return some of the nodes and their rows."""
        if keep.all():
            return self
        rows = np.repeat(keep, self.count)
        of_nodes = (self.feature[keep], self.low[keep], self.high[keep])
        return _Splits(
            self.node[keep], self.count[keep], self.base[rows], *of_nodes, self.value[rows]
        )


class _Grower:
    def __init__(self, X: np.ndarray, rng: np.random.Generator, columns: np.ndarray | None) -> None:
        self.X = X
        self.flat = X.ravel()
        self.rng = rng
        #: The columns of each tree; None if every tree has all columns.
        self.columns = columns

    def split(self, level: _Level) -> _Splits:
        """Draw a column for each node of two rows or more, and drop nodes that no column splits."""
        node = np.flatnonzero(level.count >= 2)
        base = level.base
        if len(node) < len(level.count):
            base = base.compress(np.repeat(level.count >= 2, level.count))
        count = level.count[node]
        n_nodes = len(node)
        splits = _Splits(
            node,
            count,
            base,
            feature=np.zeros(n_nodes, dtype=np.intp),
            low=np.zeros(n_nodes, dtype=np.float32),
            high=np.zeros(n_nodes, dtype=np.float32),
            value=np.zeros(len(base), dtype=np.float32),
        )
        if not n_nodes:
            return splits
        trees = level.tree[node]
        # Drawing until a column varies is the same as drawing among the varying ones.
        splits, constant = self._draw(splits, trees)
        for _ in range(_DRAWS - 1):
            if not constant.any():
                return splits
            constant = self._redraw(splits, constant, trees)
        if constant.any():
            constant = self._choose_among_all(splits, constant, trees)
        return splits.only(~constant)

    def _draw(self, splits: _Splits, trees: np.ndarray) -> tuple[_Splits, np.ndarray]:
        feature = self._any_columns(trees)
        value = self.flat.take(splits.base + np.repeat(feature, splits.count))
        starts = np.cumsum(splits.count) - splits.count
        low, high = np.minimum.reduceat(value, starts), np.maximum.reduceat(value, starts)
        drawn = _Splits(splits.node, splits.count, splits.base, feature, low, high, value)
        return drawn, high <= low + _SAME

    def _redraw(self, splits: _Splits, again: np.ndarray, trees: np.ndarray) -> np.ndarray:
        """Draw anew, in place, for the nodes marked `again`; return those still constant."""
        rows = np.repeat(again, splits.count)
        part, constant = self._draw(splits.only(again), trees[again])
        splits.feature[again], splits.value[rows] = part.feature, part.value
        splits.low[again], splits.high[again] = part.low, part.high
        still = again.copy()
        still[again] = constant
        return still

    def _choose_among_all(
        self, splits: _Splits, again: np.ndarray, trees: np.ndarray
    ) -> np.ndarray:
        """Redraw among the columns that vary; nodes that no column splits stay constant."""
        rows = np.repeat(again, splits.count)
        count = splits.count[again]
        starts = np.cumsum(count) - count
        table = self.X[splits.base[rows] // self.X.shape[1]]
        low, high = np.minimum.reduceat(table, starts), np.maximum.reduceat(table, starts)
        varies = high > low + _SAME
        if self.columns is not None:
            own = np.zeros(varies.shape, dtype=bool)
            np.put_along_axis(own, self.columns[trees[again]], True, axis=1)
            varies &= own
        feature = np.where(varies, self.rng.random(varies.shape), -1).argmax(axis=1)
        each = np.arange(len(feature))
        splits.feature[again] = feature
        splits.low[again], splits.high[again] = low[each, feature], high[each, feature]
        splits.value[rows] = table[np.arange(len(table)), np.repeat(feature, count)]
        still = again.copy()
        still[again] = ~varies.any(axis=1)
        return still

    def _any_columns(self, trees: np.ndarray) -> np.ndarray:
        if self.columns is None:
            return self.rng.integers(0, self.X.shape[1], len(trees))
        drawn = self.rng.integers(0, self.columns.shape[1], len(trees))
        return self.columns[trees, drawn]

    def thresholds(self, splits: _Splits) -> np.ndarray:
        """Draw the thresholds in float64 and round them down; that changes the side of no row."""
        low = splits.low.astype(np.float64)
        cut = round_down(low + self.rng.random(len(low)) * (splits.high - low))
        return np.where(cut < splits.high, cut, splits.low)


def grow_forest(
    X: np.ndarray,
    *,
    n_estimators: int,
    max_samples: int,
    max_features: int,
    bootstrap: bool,
    random_state: np.random.RandomState,
) -> IsolationLearner:
    """Grow an isolation forest.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32
        Features, finite and in C order.
    n_estimators : int
        Number of trees.
    max_samples : int
        Rows that each tree draws; at most n_samples unless `bootstrap`. The depth of a tree is at
        most ``ceil(log2(max_samples))``.
    max_features : int
        Columns that each tree draws, without replacement.
    bootstrap : bool
        Draw the rows with replacement; a row drawn twice counts once, as in scikit-learn.
    random_state : RandomState
        Draws rows, columns and thresholds.

    Returns
    -------
    forest : IsolationLearner
        The grown forest, reproducible by the random state.

    References
    ----------
    Liu, Ting and Zhou, "Isolation Forest", ICDM 2008, doi:10.1109/ICDM.2008.17.
    """
    rng = np.random.default_rng(random_state.randint(0, 2**31 - 1, size=8).tolist())
    n_rows, n_features = X.shape
    columns = None
    if max_features < n_features:
        order = rng.random((n_estimators, n_features)).argsort(axis=1)
        columns = order[:, :max_features]
    if bootstrap:
        drawn = [np.unique(rng.integers(0, n_rows, max_samples)) for _ in range(n_estimators)]
    else:
        drawn = [
            rng.choice(n_rows, max_samples, replace=False, shuffle=False)
            for _ in range(n_estimators)
        ]
    grower = _Grower(X, rng, columns)
    level = _Level(
        tree=np.arange(n_estimators),
        count=np.array([len(rows) for rows in drawn]),
        base=np.concatenate(drawn) * n_features,
    )
    joiner = _Joiner()
    for _ in range(int(np.ceil(np.log2(max(max_samples, 2))))):
        splits = grower.split(level)
        if not len(splits.node):
            break
        cut = grower.thresholds(splits)
        joiner.add(level, splits, cut)
        level = _children(level, splits, cut)
    joiner.add_leaves(level)
    return joiner.forest(max_samples, n_features)


def _children(level: _Level, splits: _Splits, cut: np.ndarray) -> _Level:
    """Return the next level: all left children, then all right children."""
    goes_right = splits.value > np.repeat(cut, splits.count)
    starts = np.cumsum(splits.count) - splits.count
    n_right = np.add.reduceat(goes_right, starts, dtype=np.intp)
    # Indexing with a mask takes numpy four times as long.
    sides = [splits.base.compress(side) for side in (~goes_right, goes_right)]
    tree = level.tree[splits.node]
    return _Level(
        tree=np.concatenate([tree, tree]),
        count=np.concatenate([splits.count - n_right, n_right]),
        base=np.concatenate(sides),
    )


class _Joiner:
    """Collect the levels, and put the nodes of each tree together."""

    def __init__(self) -> None:
        self.n_nodes = 0
        self.parts: dict[str, list[np.ndarray]] = {
            name: [] for name in ("tree", "count", "feature", "threshold", "left", "right")
        }

    def add(self, level: _Level, splits: _Splits, cut: np.ndarray) -> None:
        n_here, n_splits = len(level.tree), len(splits.node)
        next_level = self.n_nodes + n_here
        columns = {
            "feature": splits.feature.astype(np.int32),
            "threshold": cut,
            "left": np.arange(next_level, next_level + n_splits),
            "right": np.arange(next_level + n_splits, next_level + 2 * n_splits),
        }
        for name, values in columns.items():
            whole = np.full(n_here, 0 if name == "threshold" else -1, dtype=values.dtype)
            whole[splits.node] = values
            self.parts[name].append(whole)
        self.parts["tree"].append(level.tree)
        self.parts["count"].append(level.count)
        self.n_nodes = next_level

    def add_leaves(self, level: _Level) -> None:
        nothing = np.zeros(0, dtype=np.intp)
        none = np.zeros(0, dtype=np.float32)
        splits = _Splits(nothing, nothing, nothing, nothing, none, none, none)
        self.add(level, splits, none)

    def forest(self, max_samples: int, n_features: int) -> IsolationLearner:
        nodes = {name: np.concatenate(arrays) for name, arrays in self.parts.items()}
        # A stable sort keeps the order of the levels within a tree. Short integers sort faster.
        tree = nodes["tree"].astype(np.min_scalar_type(len(self.parts["tree"][0])))
        order = np.argsort(tree, kind="stable")
        place = np.empty(len(order) + 1, dtype=np.int32)
        place[order] = np.arange(len(order))
        place[-1] = -1  # the -1 of a leaf's children points here
        left, right = place[nodes["left"][order]], place[nodes["right"][order]]
        offsets = np.concatenate([[0], np.cumsum(np.bincount(nodes["tree"]))]).astype(np.int64)
        return IsolationLearner(
            feature=nodes["feature"][order],
            threshold=nodes["threshold"][order],
            left=left,
            right=right,
            count=nodes["count"][order].astype(np.int32),
            tree_offsets=offsets,
            max_samples=max_samples,
            n_features=n_features,
        )
