"""The contribution of each factor to a classifier's score of a row: the numbers behind the reasons.

A score is the margin of a label minus the mean margin of the other labels. For two classes this is
the log odds. For more classes it leaves out a constant in all margins, which does not change the
softmax.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.estimators.learners import BoostingLearner, Learner
from novin_ml.estimators.record import MISSING_SHARE, QUANTILES
from novin_ml.optional import import_optional

# Number of rows that a model scores at once.
_BATCH = 8_192

Score = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Contributions:
    """The contributions that add up to a score.

    Attributes
    ----------
    base, score : float
        The expected score if nothing about the row is known, and the score of the row.
    values : ndarray of shape (n_factors,)
        Contributions, which add up to ``score - base``.
    std_errors : ndarray of shape (n_factors,)
        Standard errors of `values` from sampling; 0 if they are exact.
    """

    base: float
    score: float
    values: np.ndarray
    std_errors: np.ndarray


def against_others(margins: np.ndarray, label: int) -> np.ndarray:
    """Return the margin of a label minus the mean of the others, along the last axis.

    Parameters
    ----------
    margins : ndarray of shape (..., 1) or (..., n_classes)
        A single margin is that of the second of two classes against the first.
    label : int
        Position of the label.
    """
    n_classes = margins.shape[-1]
    if n_classes == 1:
        return margins[..., 0] if label == 1 else -margins[..., 0]
    of_label = margins[..., label]
    return of_label - (margins.sum(axis=-1) - of_label) / (n_classes - 1)


def tree_contributions(
    learner: BoostingLearner, X: np.ndarray, label: int, factors: list[tuple[int, ...]]
) -> Contributions:
    """Return exact Shapley values of the trees' calibrated score of a row, shape (1, n_features).

    They are the values of path-dependent TreeSHAP: unknown features are averaged over the training
    rows that reached each branch.
    """
    xgboost = import_optional("xgboost", extra="train", purpose="An explanation by trees")
    matrix = xgboost.DMatrix(X, missing=np.nan, nthread=1)
    shares = learner.booster.predict(matrix, pred_contribs=True).astype(np.float64)
    shares = shares.reshape(-1, shares.shape[-1]).T  # features and base in rows, margins in columns
    shares *= float(learner.calibration.scale)
    shares[-1] += float(learner.calibration.shift)
    if learner.calibration.of_class:
        shares[-1] += np.array(learner.calibration.of_class, dtype=np.float64)
    of_score = against_others(shares, label)
    values = np.array([of_score[list(columns)].sum() for columns in factors])
    return Contributions(
        base=float(of_score[-1]),
        score=float(of_score.sum()),
        values=values,
        std_errors=np.zeros(len(values)),
    )


def anomaly_contributions(
    learner: Any, X: np.ndarray, factors: list[tuple[int, ...]]
) -> Contributions:
    """Return how much each factor makes a row unusual: see `shares` of the learner.

    Parameters
    ----------
    learner : IsolationLearner or AutoencoderLearner
    X : ndarray of shape (1, n_features)
    factors : list of tuple of int
        Columns of each factor.
    """
    shares = learner.shares(X)[0]
    values = np.array([shares[list(columns)].sum() for columns in factors])
    return Contributions(0.0, float(values.sum()), values, np.zeros(len(values)))


def score_function(learner: Learner, label: int) -> Score:
    """Return the function from feature rows to scores, in float64."""

    def score(X: np.ndarray) -> np.ndarray:
        parts = (X[at : at + _BATCH] for at in range(0, len(X), _BATCH))
        margins = np.concatenate([learner.margins(part) for part in parts])
        return against_others(margins.astype(np.float64), label)

    return score


def draw_background(
    summary: np.ndarray,
    circles: list[tuple[int, int]],
    n_rows: int,
    rng: np.random.RandomState,
) -> np.ndarray:
    """Draw rows from a classifier's feature summary, each column on its own.

    Values are quantiles of the training rows, so that codes stay codes. They are missing as often
    as in training. Pairs of sine and cosine are projected back onto the circle.

    Parameters
    ----------
    summary : ndarray of shape (34, n_features)
    circles : list of tuple of int
        Columns of sine and cosine.
    n_rows : int
    rng : RandomState
    """
    n_features = summary.shape[1]
    place = np.rint(rng.uniform(0, QUANTILES - 1, (n_rows, n_features))).astype(np.intp)
    rows = summary[place, np.arange(n_features)]
    rows[rng.uniform(size=rows.shape) < summary[MISSING_SHARE]] = np.nan
    for sine, cosine in circles:
        length = np.hypot(rows[:, sine], rows[:, cosine])
        pair = rows[:, [sine, cosine]] / np.where(length > 0, length, np.nan)[:, np.newaxis]
        rows[:, [sine, cosine]] = pair
    return rows.astype(np.float32)


def sampled_contributions(
    score: Score,
    X: np.ndarray,
    factors: list[tuple[int, ...]],
    background: np.ndarray,
    rng: np.random.RandomState,
) -> Contributions:
    """Estimate the Shapley values of a row's score from random orders of its factors.

    A background row is turned into the row, one factor after the other, in a random order and in
    the reverse order. The value of a factor is the mean change of the score when it is replaced. In
    each order, the changes add up to the difference of both scores; so their means do too.

    Parameters
    ----------
    score : callable
        From rows to scores.
    X : ndarray of shape (1, n_features)
    factors : list of tuple of int
        Columns of each factor.
    background : ndarray of shape (n_orders, n_features)
        One row for each order and its reverse; at least two.
    rng : RandomState
    """
    n_orders, n_factors = len(background), len(factors)
    factor_of = np.empty(X.shape[1], dtype=np.intp)
    for i, columns in enumerate(factors):
        factor_of[list(columns)] = i
    order = np.argsort(rng.uniform(size=(n_orders, n_factors)), axis=1)
    order = np.stack([order, order[:, ::-1]], axis=1).reshape(-1, n_factors)
    rank = np.argsort(order, axis=1)
    # Step s has the row's values of the first s factors of the order.
    known = rank[:, np.newaxis, factor_of] < np.arange(n_factors + 1)[:, np.newaxis]
    rows = np.where(known, X, np.repeat(background, 2, axis=0)[:, np.newaxis])
    scores = score(rows.reshape(-1, X.shape[1])).reshape(len(order), -1)
    changes = np.empty((len(order), n_factors))
    np.put_along_axis(changes, order, np.diff(scores, axis=1), axis=1)
    pairs = changes.reshape(n_orders, 2, n_factors).mean(axis=1)
    return Contributions(
        base=float(scores[:, 0].mean()),
        score=float(scores[:, -1].mean()),
        values=pairs.mean(axis=0),
        std_errors=pairs.std(axis=0, ddof=1) / np.sqrt(n_orders),
    )
