"""Shares of rows with the home as the unit: the range of a share, and a cut for new homes."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, logit, stdtrit

#: With fewer homes no range is stated.
FEWEST_HOMES = 10
# Masses of homes add up to a number only within rounding.
_ROUNDING = 1e-12


def share_band(covered: np.ndarray, home: np.ndarray, confidence: float) -> tuple[float, float]:
    """Return the range of a share of rows of all homes like these, such as coverage or recall.

    Parameters
    ----------
    covered : ndarray of shape (n_rows,), bool
        Whether a row counts, for instance because its set has its right label.
    home : ndarray of shape (n_rows,), int
        Home of each row, counted from 0, without gaps.
    confidence : float
        Two-sided confidence level.

    Returns
    -------
    low, high : float
        NaN with fewer than 10 homes.

    Notes
    -----
    With N_i of N rows and a share miss_i of misses in home i of n, and the share c, the variance
    is V = n / (n - 1) sum (N_i / N)^2 (miss_i - miss)^2, and the range logit(c) +- t sqrt(V) /
    (c (1 - c)), t being Student's quantile of n - 1 degrees of freedom. Without a miss, or without
    a hit, the homes all agree: the range then is that of a share of n homes (Clopper and Pearson).
    """
    n_rows, n_covered = np.bincount(home), np.bincount(home, covered)
    n, c = len(n_rows), float(covered.mean())
    if n < FEWEST_HOMES:
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    if c in (0.0, 1.0):
        least = float(tail ** (1 / n))
        return (least, 1.0) if c else (0.0, 1 - least)
    deviations = n_rows / n_rows.sum() * (n_covered / n_rows - c)
    error = math.sqrt(n / (n - 1) * float(deviations @ deviations))
    reach = float(stdtrit(n - 1, 1 - tail)) * error / (c * (1 - c))
    low, high = expit([logit(c) - reach, logit(c) + reach]).tolist()
    return low, high


def fewest_homes_for(error_rate: float) -> int:
    """Return how many homes a row of a new home needs, 9 at an error rate of 0.1."""
    return math.ceil(1 / error_rate - _ROUNDING) - 1


def cut_for_new_home(of_right: np.ndarray, home: np.ndarray, error_rate: float) -> np.float32:
    """Return the cut of hierarchical conformal prediction.

    Each of n homes has a mass of 1 / (n + 1), shared by its rows, and the new home has the rest,
    which counts as missed. The cut is the highest probability of a right label below which a mass
    of at most `error_rate` lies.

    Parameters
    ----------
    of_right : ndarray of shape (n_rows,), float32
        Probability of the right label of each row.
    home : ndarray of shape (n_rows,), int
        Home of each row, counted from 0, without gaps.
    error_rate : float
        Share of rows of a new home whose set may lack the right label.

    Returns
    -------
    cut : float32
        0 with fewer homes than `fewest_homes_for`.

    References
    ----------
    Y. Lee, R. F. Barber and R. Willett, "Distribution-free inference with hierarchical data",
    arXiv:2306.06342, 2023.
    """
    n_rows = np.bincount(home)
    mass = 1 / ((len(n_rows) + 1) * n_rows[home].astype(np.float64))
    order = np.argsort(of_right, kind="stable")
    values, below = of_right[order], np.cumsum(mass[order]) - mass[order]
    below = below[np.searchsorted(values, values, side="left")]  # of equal ones all or none
    fits = np.flatnonzero(below + 1 / (len(n_rows) + 1) <= error_rate + _ROUNDING)
    return np.float32(values[fits[-1]] if len(fits) else 0)
