"""Boosting over homes: they send sums of gradients by bin, and the server chooses the splits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from novin_ml.exceptions import InvalidParametersError, UpdateError
from novin_ml.federated.aggregation import Refusal
from novin_ml.federated.boosting.booster import booster_of
from novin_ml.federated.boosting.homes import BoostingHome, BoostingTask, LocalBoostingHome
from novin_ml.federated.boosting.settings import BoostingSettings
from novin_ml.federated.boosting.trees import SCALE, Tree
from novin_ml.federated.homes import LocalHome
from novin_ml.federated.start import untrained_trees
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.plain import plural


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


class _Answers:
    """What homes answered in a level, added up."""

    def __init__(self, homes: Mapping[str, BoostingHome], settings: BoostingSettings) -> None:
        self._homes, self._settings = homes, settings
        self.refusals: list[Refusal] = []
        self.n_refused = 0
        self.n_bytes = 0

    def total(self, task: BoostingTask, names: Iterable[str]) -> np.ndarray:
        """Return the sum of all answers that count."""
        total = np.zeros(task.shape, dtype=np.int64)
        self.n_bytes += 8 * total.size
        for name in names:
            try:
                total += self._checked(self._homes[name].histograms(task), task)
            except Exception as error:  # whatever fails at a home stays at that home
                reason = error.reason if isinstance(error, UpdateError) else "an error"
                self.n_refused += 1
                if len(self.refusals) < 100:
                    self.refusals.append(Refusal(name, reason, str(error)))
        return total

    def _checked(self, answer: Any, task: BoostingTask) -> np.ndarray:
        if not isinstance(answer, np.ndarray) or answer.dtype != np.int64:
            raise UpdateError("not whole", "be whole numbers, int64", type(answer).__name__)
        if answer.shape != task.shape:
            raise UpdateError("another shape", f"have shape {task.shape}", f"{answer.shape}")
        most = self._settings.max_examples * SCALE
        sizes = np.abs(answer).max(initial=0)
        if sizes > most or answer[..., 1].min(initial=0) < 0:
            raise UpdateError(
                "too large",
                f"be of {plural(self._settings.max_examples, 'row')} at most, with hessians of 0 "
                "or more",
                f"a sum of {int(sizes):,}",
            )
        sums = answer.sum(axis=2)  # each feature has the same rows
        if (sums != sums[:, :1]).any():
            raise UpdateError("contradiction", "have one sum for all features", "several")
        return answer


def train_boosting(
    estimator: Any,
    homes: Mapping[str, LocalHome | BoostingHome],
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
    homes : mapping of str to LocalHome or BoostingHome
        By name. What a home raises is counted as a refusal.
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
    asked for; the other is what is left of their parent.

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
    if not homes:
        raise InvalidParametersError("The 'homes' parameter must have a home. Got none.")
    model = untrained_trees(estimator, statistics, classes, feature_names)
    shares = np.linspace(0, 1, settings.bins + 1)[1:-1]
    edges = np.nan_to_num(statistics.quantiles(shares))
    those = {
        name: LocalBoostingHome(home) if isinstance(home, LocalHome) else home
        for name, home in homes.items()
    }
    answers = _Answers(those, settings)
    n_trees = 1 if len(classes) == 2 else len(classes)
    trees: list[list[Tree]] = []
    for _ in range(settings.rounds):
        grown = [Tree.empty(settings.depth) for _ in range(n_trees)]
        task = BoostingTask(edges, len(classes), trees, grown, [])
        trees = [*trees, _grow(task, answers, sorted(those), settings)]
    booster = booster_of(model.learner_.booster, trees, edges)
    model.learner_ = replace(model.learner_, booster=booster)
    return FederatedTrees(model, answers.refusals, answers.n_refused, answers.n_bytes)


def _grow(
    task: BoostingTask, answers: _Answers, names: list[str], settings: BoostingSettings
) -> list[Tree]:
    """Grow the trees of a round, level by level."""
    trees = task.growing
    known: list[dict[int, np.ndarray]] = [{} for _ in trees]
    for level in range(settings.depth):
        first = 2**level - 1
        open_nodes = [
            [n for n in range(first, 2 * first + 1) if n == 0 or tree.feature[(n - 1) // 2] >= 0]
            for tree in trees
        ]
        # Of two siblings the left one, whose number is odd.
        wanted = [np.array([n for n in each if n == 0 or n % 2], np.int64) for each in open_nodes]
        asked = replace(task, nodes=wanted)
        found = iter(answers.total(asked, names)) if sum(map(len, wanted)) else iter(())
        for tree, nodes, of_tree, ask in zip(trees, open_nodes, known, wanted, strict=True):
            for node in ask.tolist():
                of_tree[node] = next(found)
            for node in nodes:
                if node not in of_tree:
                    of_tree[node] = of_tree[(node - 1) // 2] - of_tree[node - 1]
                _split(tree, node, of_tree[node], settings)
    return trees


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
