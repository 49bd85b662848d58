"""The answer of boosted trees to one row, from flat arrays.

xgboost takes a tenth of a millisecond or two to be asked, whatever the trees. Here one row is
compared with the thresholds of all nodes at once, and no tree is walked: each comparison that sends
the row to the right removes the leaves on the left, and of the leaves that remain in a tree the
first is the row's.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from novin_ml.estimators.learners.booster_file import (
    Trees,
    margin_intercepts,
    margins_of,
    model_of,
    rows_among,
)

#: Leaves of a tree are the bits of an integer.
_MOST_LEAVES = 64
#: With more places for nodes than these, xgboost is about as fast.
_MOST_PLACES = 100_000
_N_CHECKED = 64
#: Beyond this, xgboost's sigmoid is flat.
_LARGEST_POWER = 88.7
# A power of two as float64 has its logarithm behind so many bits, and so much more.
_EXPONENT_AT, _EXPONENT_OF_ONE = 52, 1023


def one_row_of(booster: Any, *, n_features: int, n_classes: int) -> OneRow | None:
    """Return a booster's trees, prepared for one row; None if xgboost must answer.

    Rows among the thresholds, some values missing, are answered both ways. Unless all bits are the
    same, as a version of xgboost may add in another order, the answer is None; also where a tree
    has more than 64 leaves, or where there are too many nodes for this to be faster.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained.
    n_features, n_classes : int
        Columns that it takes, and classes that it tells apart.
    """
    try:
        model = model_of(booster, n_features=n_features, n_classes=n_classes)
    except ValueError:
        return None
    trees, intercepts = model.trees, margin_intercepts(model.intercepts, n_classes)
    n_groups = len(intercepts)
    layout = _Layout(trees)
    in_turn = np.arange(len(trees.roots)) % n_groups
    if (
        layout.most_leaves > _MOST_LEAVES
        or layout.n_places > _MOST_PLACES
        or not np.array_equal(trees.groups, in_turn)
    ):
        return None
    rows = rows_among(trees.splits, n_features, _N_CHECKED)
    expected = margins_of(booster, rows)
    for start in _neighbours(intercepts) if n_classes == 2 else [intercepts]:
        found = OneRow(trees, layout, start)
        answers = [found.margins(rows[i : i + 1])[0] for i in range(_N_CHECKED)]
        if np.array_equal(answers, expected):
            exponential = _float32_exponential()
            if exponential is not None and _are_linked_by(exponential, found, booster, rows):
                found.exponential = exponential
            return found
    return None


def _are_linked_by(
    exponential: Callable[[float], float], found: OneRow, booster: Any, rows: np.ndarray
) -> bool:
    expected = booster.inplace_predict(rows, validate_features=False).reshape(len(rows), -1)
    margins = [found.margins(rows[i : i + 1]) for i in range(len(rows))]
    return np.array_equal(np.concatenate([_link(each, exponential) for each in margins]), expected)


def _float32_exponential() -> Callable[[float], float] | None:
    """Return the C library's exponential of float32; numpy's is rounded otherwise."""
    try:
        function = ctypes.CDLL(None).expf
    except (AttributeError, OSError, TypeError):  # a system without it, such as Windows
        return None
    function.argtypes, function.restype = [ctypes.c_float], ctypes.c_float
    return cast(Callable[[float], float], function)


def _link(margins: np.ndarray, exponential: Callable[[float], float]) -> np.ndarray:
    """Return the probabilities of one row in the order of xgboost's operations."""
    one = np.float32(1)
    if margins.shape[1] == 1:
        power = np.float32(exponential(min(-margins.item(), _LARGEST_POWER)))
        return np.full_like(margins, one / (power + one + np.float32(1e-16)))
    powers = [exponential(each) for each in (margins[0] - margins.max()).tolist()]
    return np.array([powers], dtype=np.float32) / np.float32(sum(powers))


def _neighbours(intercepts: np.ndarray) -> list[np.ndarray]:
    """Return the logarithm of the odds, and the numbers next to it: it may be rounded otherwise."""
    below, above = (np.nextafter(intercepts, np.float32(end)) for end in (-np.inf, np.inf))
    return [intercepts, below, above]


class OneRow:
    """Boosted trees, prepared for the margins of one row.

    Parameters
    ----------
    trees : Trees
        Each of at most 64 leaves, the classes in turns.
    layout : _Layout
        Where their nodes and leaves go.
    intercepts : ndarray of shape (n_groups,), float32
        Where the margin of each class starts.

    Attributes
    ----------
    exponential : callable or None
        The one that xgboost's probabilities are made with; None if it is not known.

    References
    ----------
    Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive ensembles of
    regression trees", SIGIR 2015.
    """

    def __init__(self, trees: Trees, layout: _Layout, intercepts: np.ndarray) -> None:
        # A slot that has no node compares nothing: no number is at least NaN.
        shape = layout.shape
        self._feature = np.zeros(shape, dtype=np.intp)
        self._threshold = np.full(shape, np.nan, dtype=np.float32)
        self._missing_right = np.zeros(shape, dtype=bool)
        self._removed = np.zeros(shape, dtype=np.uint64)
        inner = layout.inner
        place = (layout.slot, layout.tree)
        self._feature[place] = trees.feature[inner]
        self._threshold[place] = trees.value[inner]
        self._missing_right[place] = trees.default_left[inner] == 0
        self._removed[place] = layout.left_leaves
        self._leaf_value = layout.leaf_value
        self._first_value = _MOST_LEAVES * np.arange(shape[1]) - _EXPONENT_OF_ONE
        self._intercepts = intercepts
        self.exponential: Callable[[float], float] | None = None

    def margins(self, X: np.ndarray) -> np.ndarray:
        """Return the margins of one row.

        Parameters
        ----------
        X : ndarray of shape (1, n_features), float32
            NaN where a value is missing.

        Returns
        -------
        margins : ndarray of shape (1, n_groups), float32
        """
        value = X[0].take(self._feature)
        goes_right = value >= self._threshold
        missing = np.isnan(X[0])
        if missing.any():
            goes_right |= missing.take(self._feature) & self._missing_right
        removed = np.bitwise_or.reduce(self._removed * goes_right, axis=0)
        first = (~removed & (removed + np.uint64(1))).astype(np.float64)
        place = (first.view(np.int64) >> _EXPONENT_AT) + self._first_value
        leaves = self._leaf_value.take(place)
        n_groups = len(self._intercepts)
        terms = np.empty((1 + len(leaves) // n_groups, n_groups), dtype=np.float32)
        terms[0] = self._intercepts
        terms[1:] = leaves.reshape(-1, n_groups)
        # numpy's sum adds in pairs; xgboost adds one tree after the other.
        return np.add.accumulate(terms, axis=0)[-1:]

    def shares(self, X: np.ndarray) -> np.ndarray | None:
        """Return the probabilities of one row as xgboost makes them of margins.

        Parameters
        ----------
        X : ndarray of shape (1, n_features), float32
            NaN where a value is missing.

        Returns
        -------
        shares : ndarray of shape (1, n_groups), float32, or None
            Of one group, that of the second class; None if xgboost must be asked.
        """
        if self.exponential is None:
            return None
        return _link(self.margins(X), self.exponential)


class _Layout:
    """Which leaves each inner node has on its left, as bits; the first leaf is the lowest bit."""

    def __init__(self, trees: Trees) -> None:
        n_trees = len(trees.roots)
        start = np.repeat(trees.roots, trees.sizes)
        tree_of = np.repeat(np.arange(n_trees), trees.sizes)
        is_inner = trees.is_inner
        left, right = trees.left + start, trees.right + start
        levels = [trees.roots]
        while len(levels[-1]):
            inner = levels[-1][is_inner[levels[-1]]]
            levels.append(np.concatenate([left[inner], right[inner]]))
        n_leaves = (~is_inner).astype(np.int64)
        for nodes in levels[::-1]:
            inner = nodes[is_inner[nodes]]
            n_leaves[inner] = n_leaves[left[inner]] + n_leaves[right[inner]]
        first = np.zeros(len(n_leaves), dtype=np.int64)
        for nodes in levels:
            inner = nodes[is_inner[nodes]]
            first[left[inner]] = first[inner]
            first[right[inner]] = first[inner] + n_leaves[left[inner]]
        #: Without what pruning has cut off.
        reached = np.concatenate(levels)
        inner = np.sort(reached[is_inner[reached]])
        leaf = reached[~is_inner[reached]]
        self.most_leaves = int(n_leaves[trees.roots].max())
        self.inner = inner
        self.tree = tree_of[inner]
        n_inner = np.bincount(self.tree, minlength=n_trees)
        self.slot = np.arange(len(inner)) - (np.cumsum(n_inner) - n_inner)[self.tree]
        self.shape = (max(1, int(n_inner.max())), n_trees)
        self.n_places = self.shape[0] * self.shape[1]
        if self.most_leaves > _MOST_LEAVES:
            return
        n_left = n_leaves[left[inner]].astype(np.uint64)
        ones = (np.uint64(1) << n_left) - np.uint64(1)  # a left side has 63 leaves at most
        self.left_leaves = ones << first[inner].astype(np.uint64)
        self.leaf_value = np.zeros(_MOST_LEAVES * n_trees, dtype=np.float32)
        self.leaf_value[_MOST_LEAVES * tree_of[leaf] + first[leaf]] = trees.value[leaf]
