"""A home that takes part in boosting: sums of the gradients of its rows, by bin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.federated.boosting.trees import MISSING, Tree, binned, gradients_of
from novin_ml.federated.homes import LocalHome
from novin_ml.federated.statistics import FeatureStatistics


@dataclass(frozen=True, eq=False)
class BoostingTask:
    """What a server asks homes for.

    Attributes
    ----------
    edges : ndarray of shape (n_bins - 1, n_features), float32
        Upper ends of the bins, but for the last.
    n_classes : int
    trees : list of list of Tree
        The trees of each round so far, one a class.
    growing : list of Tree
        Those of this round.
    nodes : list of ndarray of int
        For each growing tree, the nodes whose histograms are asked for.
    """

    edges: np.ndarray
    n_classes: int
    trees: list[list[Tree]]
    growing: list[Tree]
    nodes: list[np.ndarray]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of an answer: nodes of all trees, features, bins and missing, and two sums."""
        n_bins, n_features = self.edges.shape[0] + 1, self.edges.shape[1]
        return sum(map(len, self.nodes)), n_features, n_bins + 1, 2


class BoostingHome(Protocol):
    """A home that takes part in boosting."""

    def statistics(self, n_classes: int) -> FeatureStatistics:
        """Return what it says of its features, once, before the first round.

        Parameters
        ----------
        n_classes : int
            Number of classes of the federation.

        Returns
        -------
        statistics : FeatureStatistics
            Of its rows.
        """
        ...

    def histograms(self, task: BoostingTask) -> np.ndarray:
        """Return sums of the gradients and hessians of its rows.

        Parameters
        ----------
        task : BoostingTask
            What the server asks for.

        Returns
        -------
        sums : ndarray of shape ``task.shape``, int64
            By node, feature and bin.
        """
        ...


@dataclass(frozen=True, eq=False)
class LocalBoostingHome:
    """A home whose rows are in this process.

    Attributes
    ----------
    home : LocalHome
        Its rows.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import LocalBoostingHome, LocalHome
    >>> X, codes = np.array([[1.0], [3.0]], np.float32), np.array([0, 1])
    >>> LocalBoostingHome(LocalHome("flat", X, codes)).statistics(n_classes=2).mean.tolist()
    [2.0]
    """

    home: LocalHome
    _memory: dict[str, Any] = field(default_factory=dict)

    @substitute(sections=sections_of(BoostingHome.statistics))
    def statistics(self, n_classes: int) -> FeatureStatistics:
        """Return what the home says of its features, once, before the first round.

        {sections}
        """
        return self.home.statistics(n_classes)

    @substitute(sections=sections_of(BoostingHome.histograms))
    def histograms(self, task: BoostingTask) -> np.ndarray:
        """Return sums of the gradients and hessians of the home's rows.

        {sections}
        """
        if "binned" not in self._memory:
            self._memory["binned"] = binned(self.home.X, task.edges)
            n_margins = 1 if task.n_classes == 2 else task.n_classes
            self._memory["margins"] = np.zeros((len(self.home.X), n_margins), np.float32)
            self._memory["rounds"] = 0
        rows, margins = self._memory["binned"], self._memory["margins"]
        for trees in task.trees[self._memory["rounds"] :]:
            for column, tree in enumerate(trees):
                margins[:, column] += tree.value[tree.nodes_of(rows)]
            self._memory["rounds"] += 1
        gradients = gradients_of(margins, self.home.codes)
        n_bins = task.shape[2]
        parts = []
        offsets = np.arange(rows.shape[1]) * n_bins
        places = np.where(rows == MISSING, n_bins - 1, rows) + offsets
        for column, (tree, nodes) in enumerate(zip(task.growing, task.nodes, strict=True)):
            at = tree.nodes_of(rows)
            for node in nodes:
                here = at == node
                sums = [
                    _sums(places[here], gradients[here, column, k], rows.shape[1] * n_bins)
                    for k in (0, 1)
                ]
                parts.append(np.stack(sums, axis=-1).reshape(rows.shape[1], n_bins, 2))
        return np.array(parts, dtype=np.int64).reshape(task.shape)


def _sums(places: np.ndarray, numbers: np.ndarray, size: int) -> np.ndarray:
    """Add whole numbers by place; float64 holds sums of less than 2**53 exactly."""
    weights = np.repeat(numbers.astype(np.float64), places.shape[1])
    return np.bincount(places.ravel(), weights=weights, minlength=size).astype(np.int64)
