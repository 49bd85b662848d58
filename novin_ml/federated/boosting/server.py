"""Boosting over homes: they send sums of gradients by bin, and the server chooses the splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.boosting.booster import booster_of
from novin_ml.federated.boosting.homes import BoostingHome, BoostingTask
from novin_ml.federated.boosting.reach import Answers, BoostingHomesHere, BoostingReach
from novin_ml.federated.boosting.settings import BoostingSettings
from novin_ml.federated.boosting.trees import SCALE, Tree
from novin_ml.federated.homes import LocalHome
from novin_ml.federated.start import untrained_trees
from novin_ml.federated.statistics import FeatureStatistics


@dataclass(frozen=True)
class FederatedTrees:
    """The result of `train_boosting`.

    Attributes
    ----------
    model : classifier or Pipeline
        With the trees.
    refusals : list of Refusal
        The first hundred answers that were not counted.
    n_refused : int
        All of them.
    bytes_of_home : int
        What a home sent in all rounds.
    """

    model: Any
    refusals: list[Refusal]
    n_refused: int
    bytes_of_home: int


def train_boosting(
    estimator: Any,
    homes: Mapping[str, LocalHome | BoostingHome] | BoostingReach,
    statistics: FeatureStatistics,
    classes: np.ndarray,
    settings: BoostingSettings | None = None,
    *,
    feature_names: list[str] | None = None,
) -> FederatedTrees:
    """Train boosting over homes whose rows stay where they are.

    Level by level, homes send sums of gradients and hessians in the bins of each feature; the
    server adds them and chooses the splits. The sums are whole numbers, so that the trees have the
    same bits as those of all rows in one place, in any order of the homes.

    Parameters
    ----------
    estimator : classifier of novin_ml
        With ``algorithm="boosting"``; it stays unfitted.
    homes : mapping of str to LocalHome or BoostingHome, or BoostingReach
        By name, or how they are reached. What a home raises is counted as a refusal.
    statistics : FeatureStatistics
        Of all homes, from `merged_statistics`: the bins come from its quantiles.
    classes : ndarray of shape (n_classes,)
        Labels, sorted.
    settings : BoostingSettings, default=None
        None takes the defaults.
    feature_names : list of str, default=None
        Names of the features.

    Returns
    -------
    result : FederatedTrees
        The model, saved and exported as any boosting, and what was refused.

    Raises
    ------
    InvalidParametersError
        If a setting is out of its range, no home is there, or the estimator is no boosting.

    Notes
    -----
    A home sends 8 bytes for each histogram of a node, feature, bin and sum. Of two siblings one is
    asked for; the other is what is left of their parent. So a round counts the same homes in all of
    its levels: it begins again without a home that stops to answer, or whose answer is refused.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.federated import (
    ...     BoostingSettings, homes_of, merged_statistics, train_boosting,
    ... )
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> y = np.where(X[:, 0] > 0, "pet", "person")
    >>> homes, classes = homes_of(X, y, rng.integers(0, 20, 600))
    >>> statistics, _ = merged_statistics(homes, 4, len(classes))
    >>> result = train_boosting(
    ...     MotionClassifier("boosting"), homes, statistics, classes, BoostingSettings(rounds=10)
    ... )
    >>> bool(result.model.score(X, y) > 0.9)
    True
    """
    settings = settings or BoostingSettings()
    settings.check()
    reach = BoostingHomesHere(homes) if isinstance(homes, Mapping) else homes
    if not reach.names:
        raise InvalidParametersError("The 'homes' parameter must have a home. Got none.")
    model = untrained_trees(estimator, statistics, classes, feature_names)
    edges = edges_of(statistics, settings)
    answers = Answers(reach, settings)
    trees = grow_trees(answers, edges, len(classes))
    grown = with_trees(model, trees, edges)
    return FederatedTrees(grown, answers.refusals, answers.n_refused, answers.n_bytes)


def edges_of(statistics: FeatureStatistics, settings: BoostingSettings) -> np.ndarray:
    """Return the upper ends of the bins but for the last, float32 (n_bins - 1, n_features)."""
    shares = np.linspace(0, 1, settings.bins + 1)[1:-1]
    return np.nan_to_num(statistics.quantiles(shares))


def with_trees(model: Any, trees: list[list[Tree]], edges: np.ndarray) -> Any:
    """Return a model of `untrained_trees` with the trees of a federation."""
    booster = booster_of(model.learner_.booster, trees, edges)
    model.learner_ = replace(model.learner_, booster=booster)
    return model


def grow_trees(
    answers: Answers,
    edges: np.ndarray,
    n_classes: int,
    begun: Sequence[list[Tree]] = (),
    on_round: Callable[[list[list[Tree]]], None] = lambda trees: None,
) -> list[list[Tree]]:
    """Grow the trees of all rounds.

    Parameters
    ----------
    answers : Answers
        How homes are asked.
    edges : ndarray of shape (n_bins - 1, n_features), float32
        Upper ends of the bins, but for the last.
    n_classes : int
    begun : sequence of list of Tree, default=()
        The trees of rounds that are over.
    on_round : callable, default=None
        Called after each round with all trees.

    Returns
    -------
    trees : list of list of Tree
        Those of each round, one a class, of two classes one.
    """
    settings, n_trees = answers.settings, 1 if n_classes == 2 else n_classes
    trees = list(begun)
    while len(trees) < settings.rounds:
        task = BoostingTask(edges, n_classes, trees, [], [])
        names, grown = sorted(answers.reach.names), None
        while grown is None:
            empty = [Tree.empty(settings.depth) for _ in range(n_trees)]
            names, grown = _grow(replace(task, growing=empty), answers, names)
        trees = [*trees, grown]
        on_round(trees)
    return trees


def _grow(
    task: BoostingTask, answers: Answers, names: list[str]
) -> tuple[list[str], list[Tree] | None]:
    """Grow the trees of a round, level by level; None if it must begin again with fewer homes."""
    trees, settings = task.growing, answers.settings
    known: list[dict[int, np.ndarray]] = [{} for _ in trees]
    for level in range(settings.depth):
        first = 2**level - 1
        open_nodes = [
            [n for n in range(first, 2 * first + 1) if n == 0 or tree.feature[(n - 1) // 2] >= 0]
            for tree in trees
        ]
        # Of two siblings the left one, whose number is odd.
        wanted = [np.array([n for n in each if n == 0 or n % 2], np.int64) for each in open_nodes]
        if not sum(map(len, wanted)):
            break
        total, counted = answers.total(replace(task, nodes=wanted), names)
        if level and counted != names:
            return counted, None
        names, found = counted, iter(total)
        for tree, nodes, of_tree, ask in zip(trees, open_nodes, known, wanted, strict=True):
            for node in ask.tolist():
                of_tree[node] = next(found)
            for node in nodes:
                if node not in of_tree:
                    of_tree[node] = of_tree[(node - 1) // 2] - of_tree[node - 1]
                _split(tree, node, of_tree[node], settings)
    return names, trees


def _split(tree: Tree, node: int, histogram: np.ndarray, settings: BoostingSettings) -> None:
    """Split a node where the loss falls most, and give its children their values."""
    sums = histogram.astype(np.float64) / SCALE
    total = sums[0].sum(axis=0)
    if node == 0:
        tree.value[0] = _leaf(total, settings)
    missing, below = sums[:, -1], np.cumsum(sums[:, :-1], axis=1)[:, :-1]
    best, chosen = 1e-6, None
    for missing_left in (False, True):
        left = below + missing[:, np.newaxis] if missing_left else below
        right = total - left
        gain = _score(left, settings) + _score(right, settings) - _score(total, settings)
        allowed = np.minimum(left[..., 1], right[..., 1]) >= max(settings.min_hessian, 1e-6)
        gain = np.where(allowed, gain, -np.inf)
        place = np.unravel_index(int(gain.argmax()), gain.shape) if gain.size else None
        if place is not None and gain[place] > best:
            best, chosen = float(gain[place]), (*place, missing_left, left[place], right[place])
    if chosen is not None:
        feature, place_of, missing_left, left, right = chosen
        tree.feature[node], tree.place[node] = feature, place_of
        tree.missing_left[node] = missing_left
        tree.value[2 * node + 1] = _leaf(left, settings)
        tree.value[2 * node + 2] = _leaf(right, settings)


def _score(sums: np.ndarray, settings: BoostingSettings) -> Any:
    return np.square(sums[..., 0]) / np.maximum(sums[..., 1] + settings.l2, 1e-12)


def _leaf(sums: np.ndarray, settings: BoostingSettings) -> np.float32:
    return np.float32(-settings.rate * sums[0] / max(sums[1] + settings.l2, 1e-12))
