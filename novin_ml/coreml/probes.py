"""Rows on which an exported model is compared with its Python model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.runtime.forest import Forest, TreeGroup, order_keys
from novin_ml.coreml.runtime.tree_nodes import read_forest
from novin_ml.estimators.record import MISSING_SHARE, QUANTILES

FloatRows = NDArray[np.float32]

_LEAST, _MOST = float(np.finfo(np.float32).tiny), float(np.finfo(np.float32).max)
# So many splits of a class are probed one by one.
_ALL_NODES = 2_000
#: So many splits, and so many leaves, of an ensemble are probed whose every node is proved.
SAMPLE = 4_000
# Nodes whose conditions are found at once, so that their arrays stay small.
_NODES_AT_ONCE = 20_000
# Values at which comparisons have their corners. Only trees are given them: a network's answer to
# 3e38 is an overflow, in Python as on the phone.
_SPECIAL = np.array([0, -0.0, 1, -1, 1e-30, -1e-30, 1e6, -1e6, 3e38, -3e38], dtype=np.float32)


def value_table(
    forests: Sequence[Forest],
    n_features: int,
    feature_summary: FloatRows | None,
    box: FloatRows | None = None,
) -> FloatRows:
    """Return quantiles and the share of missing values of each feature, as in a summary.

    From the summary where it knows them; else from the thresholds of the model's trees; else
    numbers in the box, from -3 to 3 by default.
    """
    table = np.empty((QUANTILES + 1, n_features), dtype=np.float32)
    table[:QUANTILES] = np.linspace(-3, 3, QUANTILES, dtype=np.float32)[:, None]
    if box is not None:
        low, high = box.astype(np.float64)
        table[:QUANTILES, : box.shape[1]] = np.linspace(low, high, QUANTILES)
    table[MISSING_SHARE] = 0.05
    for forest in forests:
        for feature in range(n_features):
            bounds = [
                g.bound[_branches(g) & (g.column % n_features == feature)] for g in forest.groups
            ]
            thresholds = from_keys(np.concatenate(bounds)) if bounds else np.zeros(0, np.float32)
            thresholds = thresholds[np.isfinite(thresholds)]
            if len(thresholds):
                table[:QUANTILES, feature] = _around(thresholds)
    if feature_summary is not None:
        known = ~np.isnan(feature_summary[:QUANTILES]).any(axis=0)
        table[:, known] = feature_summary[:, known]
        table[MISSING_SHARE] = feature_summary[MISSING_SHARE]
    return table


def _around(thresholds: FloatRows) -> FloatRows:
    """Return one value for each quantile: thresholds, and a quarter of values beyond them."""
    wide = thresholds.astype(np.float64)
    margin = max(np.ptp(wide), np.abs(wide).max(), _LEAST)
    low, high = np.clip([wide.min() - margin, wide.max() + margin], -_MOST, _MOST)
    beyond = QUANTILES // 8
    middle = np.quantile(wide, np.linspace(0, 1, QUANTILES - 2 * beyond))
    ends = np.full(beyond, low), np.full(beyond, high)
    return np.concatenate([ends[0], middle, ends[1]]).astype(np.float32)


def training_like_rows(table: FloatRows, n_rows: int, rng: np.random.Generator) -> FloatRows:
    """Draw each feature from its quantiles, half of the values between two of them."""
    n_features = table.shape[1]
    place = rng.random((n_rows, n_features)) * (QUANTILES - 1)
    place = np.where(rng.random(place.shape) < 0.5, place, np.round(place))
    rows = np.empty((n_rows, n_features), dtype=np.float32)
    for feature in range(n_features):
        rows[:, feature] = np.interp(
            place[:, feature], np.arange(QUANTILES), table[:QUANTILES, feature]
        )
    rows[rng.random(rows.shape) < table[MISSING_SHARE]] = np.nan
    return rows


def random_rows(
    table: FloatRows, n_rows: int, rng: np.random.Generator, *, special: bool
) -> FloatRows:
    """Draw uniformly from a wider range than each feature's, with special values if wanted."""
    low, high = table[0].astype(np.float64), table[QUANTILES - 1].astype(np.float64)
    margin = np.maximum(high - low, 1e-3)
    low, high = np.maximum(low - margin, -_MOST), np.minimum(high + margin, _MOST)
    rows = rng.uniform(low, high, (n_rows, table.shape[1])).astype(np.float32)
    if special:
        place = rng.random(rows.shape) < 0.02
        rows[place] = rng.choice(_SPECIAL, int(place.sum()))
    return rows


def missing_rows(table: FloatRows, n_rows: int, rng: np.random.Generator) -> FloatRows:
    """Return rows with half of their values missing, with one missing, and with none left."""
    n_features = table.shape[1]
    rows = training_like_rows(table, n_rows, rng)
    rows[rng.random(rows.shape) < 0.5] = np.nan
    single = training_like_rows(table, n_features, rng)
    np.fill_diagonal(single, np.nan)
    nothing = np.full((1, n_features), np.nan, dtype=np.float32)
    return np.concatenate([rows, single, nothing])


def threshold_rows(
    forests: Sequence[Forest],
    table: FloatRows,
    rng: np.random.Generator,
    *,
    allows_missing: bool,
    most: int | None = None,
) -> FloatRows:
    """Return rows at every threshold: at the value, one ulp off, and missing.

    A row is built to reach a node with that threshold: the splits above the node bound its other
    features. So the comparison that is probed is one that is made. Each node is probed; of classes
    with more than 2,000 splits, one node of each distinct (feature, threshold); with `most`, at
    most so many of these, drawn at random.
    """
    parts = [np.empty((0, table.shape[1]), dtype=np.float32)]
    n_groups = sum(len(forest.groups) for forest in forests)
    for forest in forests:
        for group in forest.groups:
            rows = _group_rows(group, table, rng, None if most is None else most // n_groups + 1)
            parts.append(rows if allows_missing else np.nan_to_num(rows, nan=0.0))
    return np.concatenate(parts)


def of_inputs(
    forests: Sequence[Forest], places: Sequence[list[int | None] | None], n_features: int
) -> tuple[list[Forest], int]:
    """Return ensembles of a pipeline's stages as ensembles of its inputs, and how many columns.

    What a stage reads besides inputs is a column behind them. Ensembles without places are left
    out, as are those behind the last place.
    """
    n_others = max([0, *(own.count(None) for own in places if own is not None)])
    n_columns, made = n_features + n_others, []
    for forest, own in zip(forests, places, strict=False):
        if own is None:
            continue
        others = iter(range(n_features, n_columns))
        column = np.array([next(others) if place is None else place for place in own])
        groups = tuple(
            replace(g, column=column[g.column % len(own)] + n_columns * (g.column // len(own)))
            for g in forest.groups
        )
        made.append(replace(forest, groups=groups))
    return made, n_columns


def tree_ensembles(spec: Any, n_features: int) -> Iterator[Forest]:
    """Yield the tree ensembles of a spec whose inputs are the model's features."""
    kind = spec.WhichOneof("Type")
    if kind in ("treeEnsembleClassifier", "treeEnsembleRegressor"):
        yield read_forest(getattr(spec, kind).treeEnsemble, n_features)
    elif kind.startswith("pipeline"):
        pipeline = spec.pipeline if kind == "pipeline" else getattr(spec, kind).pipeline
        for stage in pipeline.models:
            yield from tree_ensembles(stage, n_features)


def from_keys(keys: NDArray[np.int32]) -> FloatRows:
    """Return the numbers whose `order_keys` these are; neighbours differ by one ulp."""
    bits = np.where(keys < 0, keys ^ np.int32(0x7FFFFFFF), keys)
    return bits.astype(np.int32).view(np.float32)


def _branches(group: TreeGroup) -> NDArray[np.bool_]:
    children = group.children.reshape(-1, 2)
    return children[:, 0] != np.arange(len(children))


def leaf_rows(
    forests: Sequence[Forest],
    table: FloatRows,
    rng: np.random.Generator,
    *,
    allows_missing: bool,
    most: int | None = None,
) -> tuple[FloatRows, int]:
    """Return a row for each leaf that no row reached yet, and the number of unreachable leaves.

    The splits above a leaf allow an interval of each feature, or a missing value. A leaf is
    unreachable if an interval has no finite float32 number, and missing values go another way or
    are not allowed.

    Parameters
    ----------
    forests : sequence of Forest
        Watched ones; see `Forest.watched`.
    table : ndarray of shape (34, n_features), float32
        From `value_table`.
    rng : numpy.random.Generator
    allows_missing : bool
        Whether the model has an answer when a feature is missing.
    most : int, default=None
        Rows for at most so many leaves, drawn at random.
    """
    parts, n_unreachable = [np.empty((0, table.shape[1]), dtype=np.float32)], 0
    for forest in forests:
        for group in forest.groups:
            reached = np.zeros(len(group.column), bool) if group.reached is None else group.reached
            leaves = np.flatnonzero(~_branches(group) & ~reached)
            possible = np.ones(len(leaves), dtype=bool)
            if most is not None and len(leaves) > most:
                for start in range(0, len(leaves), _NODES_AT_ONCE):
                    some = slice(start, start + _NODES_AT_ONCE)
                    boxes = _boxes(group, leaves[some], table.shape[1])
                    possible[some] = boxes.are_possible(allows_missing)
                n_unreachable += int(np.sum(~possible))
                leaves = np.sort(rng.choice(leaves[possible], min(most, possible.sum()), False))
            boxes = _boxes(group, leaves, table.shape[1])
            possible = boxes.are_possible(allows_missing)
            n_unreachable += int(np.sum(~possible))
            parts.append(boxes.taking(possible).rows(table, rng))
    return np.concatenate(parts), n_unreachable


class _Boxes(NamedTuple):
    """Conditions to reach nodes: bounds of the key of each feature, or a missing value."""

    least: NDArray[np.int64]  # (n_nodes, n_features)
    most: NDArray[np.int64]
    missing: NDArray[np.bool_]  # whether a missing value comes there

    def are_possible(self, allows_missing: bool) -> NDArray[np.bool_]:
        ways = self.least <= self.most
        if allows_missing:
            ways |= self.missing
        return np.asarray(ways.all(axis=1))

    def taking(self, places: NDArray[np.bool_]) -> _Boxes:
        return _Boxes(self.least[places], self.most[places], self.missing[places])

    def rows(self, table: FloatRows, rng: np.random.Generator) -> FloatRows:
        """Return a row in each box, as similar to the training data as possible."""
        base = training_like_rows(table, len(self.least), rng)
        keys = order_keys(np.nan_to_num(base, nan=0.0)).astype(np.int64)
        keys = np.minimum(np.maximum(keys, self.least), self.most)
        by_number = self.least <= self.most
        missing = self.missing & (np.isnan(base) | ~by_number)
        return np.where(missing, np.nan, from_keys(keys.astype(np.int32))).astype(np.float32)


def _boxes(group: TreeGroup, nodes: NDArray[np.intp], n_features: int) -> _Boxes:
    children = group.children.reshape(-1, 2)
    branch = np.flatnonzero(_branches(group))
    feature = group.column % n_features
    missing_side = group.column // n_features
    parent = np.full(len(children), -1, dtype=np.intp)
    side = np.zeros(len(children), dtype=np.intp)
    for went in (0, 1):
        parent[children[branch, went]] = branch
        side[children[branch, went]] = went

    # A row goes to side 1 of a node exactly if its key is below the node's bound.
    # Finite numbers only: estimators refuse to answer to infinity.
    ends = order_keys(np.array([-_MOST, _MOST], np.float32))
    least = np.full((len(nodes), n_features), ends[0], dtype=np.int64)
    most = np.full((len(nodes), n_features), ends[1], dtype=np.int64)
    missing = np.ones((len(nodes), n_features), dtype=bool)
    row, node = np.arange(len(nodes)), nodes
    while len(row):
        above = parent[node]
        climbing = above >= 0
        row, node, above = row[climbing], node[climbing], above[climbing]
        at = (row, feature[above])
        bound = group.bound[above].astype(np.int64)
        below = side[node] == 1
        most[at] = np.where(below, np.minimum(most[at], bound - 1), most[at])
        least[at] = np.where(below, least[at], np.maximum(least[at], bound))
        missing[at] &= side[node] == missing_side[above]
        node = above
    # No number has the key -1, which would be that of -0.0: both zeros have 0.
    least[least == -1] = 0
    most[most == -1] = -2
    return _Boxes(least, most, missing)


def _group_rows(
    group: TreeGroup, table: FloatRows, rng: np.random.Generator, most: int | None
) -> FloatRows:
    n_features = table.shape[1]
    branch = np.flatnonzero(_branches(group))
    if not len(branch):
        return np.empty((0, n_features), dtype=np.float32)
    feature = group.column % n_features
    chosen = branch
    if len(branch) > _ALL_NODES:
        # One node of each distinct (feature, bound).
        pairs = feature[branch].astype(np.int64) << 32 | (
            group.bound[branch].astype(np.int64) + 2**31
        )
        chosen = branch[np.unique(pairs, return_index=True)[1]]
    if most is not None and len(chosen) > most:
        chosen = np.sort(rng.choice(chosen, most, replace=False))
    within = _boxes(group, chosen, n_features).rows(table, rng)
    own = (np.arange(len(chosen)), feature[chosen])
    ends = order_keys(np.array([-_MOST, _MOST], np.float32))
    rows = []
    # `x < t` turns at t and `x <= t` one ulp above it: four keys hold both and their neighbours.
    for step in (-2, -1, 0, 1):
        probe = within.copy()
        key = np.clip(group.bound[chosen].astype(np.int64) + step, *ends)
        probe[own] = from_keys(key.astype(np.int32))
        rows.append(probe)
    missing = within.copy()
    missing[own] = np.nan
    return np.concatenate([*rows, missing])
