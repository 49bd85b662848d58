"""Random draws that many modules need."""

from __future__ import annotations

import numpy as np


def chance(rng: np.random.Generator, n: int, p: float | np.ndarray) -> np.ndarray:
    """Draw `n` times whether something happens that has this chance.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    n : int
        Number of draws.
    p : float or ndarray of shape (n,)
        Chance, of all draws or of each.

    Returns
    -------
    happens : ndarray of shape (n,), bool
    """
    return rng.random(n) < p


def lognormal(
    rng: np.random.Generator, n: int, median: float | np.ndarray, spread: float | np.ndarray
) -> np.ndarray:
    """Draw `n` log-normal numbers.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    n : int
        Number of draws.
    median : float or ndarray of shape (n,)
        Median, of all draws or of each.
    spread : float or ndarray of shape (n,)
        Standard deviation of the logarithm.

    Returns
    -------
    numbers : ndarray of shape (n,)
    """
    return median * np.exp(spread * rng.standard_normal(n))
