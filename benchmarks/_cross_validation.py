"""Cross-validated answers, and how far a score of them is to be trusted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from benchmarks._datasets import Dataset

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
Metric = Callable[[np.ndarray, np.ndarray], float]
_Z = 1.959964  # of a 95 % interval
_RESAMPLES = 1_000


class Score(NamedTuple):
    """A score with the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ({self.low:.3f} to {self.high:.3f})"


def answers(model: Any, data: Dataset, folds: Folds) -> np.ndarray:
    """Answer each row by a model that was trained without its fold."""
    # Of labels as codes: bare xgboost takes no strings.
    classes, codes = np.unique(data.y, return_inverse=True)
    answer = np.full(len(codes), -1)
    for train, test in folds:
        fitted = clone(model).fit(data.X.iloc[train], codes[train])
        answer[test] = fitted.predict(data.X.iloc[test])
    if (answer < 0).any():
        raise ValueError("The folds must test every row.")
    return classes[answer]


def share(right: np.ndarray) -> Score:
    """Return the share of independent rows that are right, with Wilson's interval.

    References
    ----------
    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
    """
    n, p = len(right), float(np.mean(right))
    middle = p + _Z**2 / (2 * n)
    reach = _Z * np.sqrt(p * (1 - p) / n + _Z**2 / (4 * n**2))
    return Score(p, *((middle + sign * reach) / (1 + _Z**2 / n) for sign in (-1, 1)))


def over_groups(metric: Metric, y: np.ndarray, answer: np.ndarray, groups: np.ndarray) -> Score:
    """Score rows that come in groups; the interval is of a bootstrap that draws whole groups."""
    rows_of = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        rows = np.concatenate([rows_of[i] for i in rng.integers(len(rows_of), size=len(rows_of))])
        drawn.append(metric(y[rows], answer[rows]))
    return Score(metric(y, answer), *np.quantile(drawn, (0.025, 0.975)))
