"""Stop boosting before the exported model would be too large."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.estimators.learners._size import (
    MAX_NODE_BYTES,
    estimated_tree_bytes,
    interface_bytes,
    tree_bytes,
)
from novin_ml.estimators.learners.training import FitOptions, SizeReport
from novin_ml.plain import plural


class ByteBudget:
    """Stop boosting before the exported model would exceed the budget.

    Trees are counted only when they might exceed it. After a count, the next one waits for as many
    rounds as would still fit if each tree were as large as its depth allows.
    """

    def __init__(
        self, options: FitOptions, params: dict[str, Any], rounds: int, n_features: int
    ) -> None:
        self.max_bytes = options.max_bytes
        self.rounds = rounds
        self.trees_a_round = 1 if options.n_classes == 2 else options.n_classes
        self.n_ensembles = self.trees_a_round if options.trees_apart else 1
        self.reserved = options.reserved_bytes
        self.overhead = interface_bytes(n_features, options.n_classes) + self.reserved
        self.progress = options.progress
        self.sizes = np.zeros(0, dtype=np.int64)
        depth, leaves = params["max_depth"], params.get("max_leaves", 0)
        by_depth = 2.0 ** min(depth, 1000) if depth else np.inf
        most_leaves = min(by_depth, leaves or np.inf)
        self.most_a_round = self.trees_a_round * (2 * most_leaves - 1) * MAX_NODE_BYTES
        self.next_count = self._rounds_left_at_worst()
        if self.max_bytes is not None and self.max_bytes <= self.overhead:
            raise ValueError(
                "The 'max_bytes' parameter must leave room for a tree beside the model's "
                f"{plural(self.overhead, 'byte')} of names, descriptions and other parts. "
                f"Got {self.max_bytes} instead."
            )

    def _rounds_left_at_worst(self) -> float:
        if self.max_bytes is None:
            return np.inf
        counted = len(self.sizes) // self.trees_a_round
        left = self.max_bytes - self.overhead - int(self.sizes.sum())
        return counted + max(1, left // self.most_a_round if np.isfinite(self.most_a_round) else 1)

    def passed(self, booster: Any, rounds_done: int) -> bool:
        """Return whether the rounds so far take more than the budget."""
        if rounds_done < self.next_count:
            return False
        self._count(booster, rounds_done)
        self.next_count = self._rounds_left_at_worst()
        return self.overhead + int(self.sizes.sum()) > (self.max_bytes or np.inf)

    def _count(self, booster: Any, rounds_done: int) -> None:
        counted = len(self.sizes) // self.trees_a_round
        if rounds_done > counted:
            new = tree_bytes(booster[counted:rounds_done], len(self.sizes), self.n_ensembles)
            self.sizes = np.concatenate([self.sizes, new])

    def rounds_that_fit(self, booster: Any) -> int:
        """Return how many of the first rounds stay within the budget, at least one."""
        done = booster.num_boosted_rounds()
        if self.max_bytes is None or (not len(self.sizes) and done < self.next_count):
            return done
        self._count(booster, done)
        total = self.overhead + self.sizes.reshape(-1, self.trees_a_round).sum(axis=1).cumsum()
        fit = int(np.searchsorted(total, self.max_bytes, side="right"))
        if fit == 0:
            raise ValueError(
                "The 'max_bytes' parameter must leave room for one boosting round, "
                f"{plural(int(total[0]), 'byte')} here. Got {self.max_bytes} instead. "
                "Raise it or lower max_depth in learner_params."
            )
        return fit

    def report(self, booster: Any, kept: int, losses: list[float]) -> SizeReport:
        """Return a report of what the budget changed."""
        if len(self.sizes):
            self._count(booster, kept)
            trees = int(self.sizes[: kept * self.trees_a_round].sum())
        else:  # far below the budget: no exact count is needed
            trees = estimated_tree_bytes(booster, kept * self.trees_a_round)
        n_bytes = self.overhead - self.reserved + trees
        done = len(self.sizes) // self.trees_a_round
        bound = bool(
            self.max_bytes is not None
            and kept < self.rounds
            and self.overhead + int(self.sizes.sum()) > self.max_bytes
        )
        if not bound:
            return SizeReport(self.max_bytes, n_bytes, False, "The size budget cost nothing.")
        cost = (
            f"max_bytes={self.max_bytes} stopped boosting after {kept} of "
            f"{plural(self.rounds, 'round')}"
            f" ({plural(n_bytes, 'byte')})"
        )
        if len(losses) >= done > 1:
            recent = losses[max(0, kept - 11) : kept]
            gain = (recent[0] - recent[-1]) / max(len(recent) - 1, 1)
            cost += (
                f"; the held-back log loss was {losses[kept - 1]:.5f} and still falling by "
                f"{max(gain, 0.0):.2g} a round"
            )
        return SizeReport(self.max_bytes, n_bytes, True, cost + ".")
