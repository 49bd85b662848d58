"""Exact tests of two classifiers, for independent rows and for groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test of two classifiers on independent rows.

    Attributes
    ----------
    only_a, only_b : int
        Numbers of rows on which only the first, or only the second, is right.
    p_value : float
        Two-sided p-value from the binomial distribution; 1 if there are no such rows.
    """

    only_a: int
    only_b: int
    p_value: float


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """Test whether two classifiers are equally often right, by McNemar's exact test.

    The test is two-sided. Under the null hypothesis, each of the ``only_a + only_b`` rows is
    equally likely to be right for either classifier. It assumes independent rows. Rows of one home
    are not independent: if two models serve homes differently, the test finds differences far too
    often. Use `group_swap_test` for homes.

    Parameters
    ----------
    only_a, only_b : int
        Rows on which only the first, or only the second, is right.

    Returns
    -------
    test : McNemar
        The counts and their p-value.

    References
    ----------
    Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
    percentages", Psychometrika 12, 1947.

    Examples
    --------
    >>> from novin_ml.evaluation import mcnemar
    >>> round(mcnemar(9, 1).p_value, 4)
    0.0215
    """
    n = int(only_a) + int(only_b)
    p_value = float(binomtest(int(only_a), n).pvalue) if n else 1.0
    return McNemar(int(only_a), int(only_b), p_value)


def group_swap_test(gains: ArrayLike) -> float:
    """Test whether two classifiers are equally often right, from the balance of each group.

    If both are equally good, the balance of each home could as well have the other sign. The test
    considers all ways to swap the two classifiers, home by home. The p-value is the share of them
    whose sum is at least as far from 0 as the observed one. The test is exact for any number of
    homes, however similar the rows of a home are. If each row is a group, it is McNemar's exact
    test.

    Parameters
    ----------
    gains : array-like of shape (n_groups,)
        Whole numbers. For each group: the number of rows on which only the first is right, minus
        the number of rows on which only the second is.

    Returns
    -------
    p_value : float
        Two-sided p-value; 1 if all gains are 0.

    Notes
    -----
    The distribution of the sum is computed, not drawn: its characteristic function is a product of
    cosines, and the discrete Fourier transform inverts it.

    References
    ----------
    R. A. Fisher, "The Design of Experiments", 1935, section 21.

    Examples
    --------
    >>> from novin_ml.evaluation import group_swap_test
    >>> group_swap_test([3, 2, 2, 1, 4, 1])  # 2 of 64 ways: as it is, and all swapped
    0.03125
    """
    values = np.asarray(gains, dtype=np.float64)
    sizes, counts = np.unique(np.abs(values[values != 0]).astype(np.int64), return_counts=True)
    reach = int(sizes @ counts)
    if reach == 0:
        return 1.0
    n = 2 * reach + 1
    step = np.arange(reach + 1)  # the other half is the mirror image
    transform = np.ones(reach + 1)
    for size, count in zip(sizes, counts, strict=True):
        # Compute the angle as a fraction of a turn first: the product is exact in whole numbers.
        transform *= np.cos(2 * np.pi * ((step * size) % n) / n) ** int(count)
    chance = np.fft.irfft(transform, n)[: reach + 1]
    at_least = np.abs(values.sum()) <= step
    p_value = float(2 * chance[at_least & (step > 0)].sum() + chance[0] * at_least[0])
    return min(1.0, max(0.0, round(p_value, 14)))  # the error of the transform is below that
