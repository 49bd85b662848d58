"""How many homes it takes to see a difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student


@dataclass(frozen=True)
class SampleSize:
    """How much data it takes to see a difference in accuracy.

    Attributes
    ----------
    difference : float
        The difference that is to be seen, positive: the observed one, or the one asked for.
    n_groups, n_rows : int or None
        Groups (homes; rows where no groups are given), and rows, with which it is seen with the
        chance `power`; None if no difference was observed, so that no number suffices, or nothing
        is known of how much groups vary.
    more_groups, more_rows : int or None
        So many more than there are, at least 0.
    detectable : float
        The difference that is seen with that chance with the groups there are; NaN if nothing is
        known of how much groups vary.
    """

    difference: float
    n_groups: int | None
    n_rows: int | None
    more_groups: int | None
    more_rows: int | None
    detectable: float


def fewest_groups(confidence: float) -> int:
    """Return how many groups can decide: of fewer, all could be for one of two by chance."""
    return math.ceil(1 - math.log2(1 - confidence))


def sample_size(
    gains: NDArray[np.float64],
    sizes: NDArray[np.float64],
    difference: float | None,
    confidence: float,
    power: float,
) -> SampleSize:
    """Compute how many groups it takes.

    Parameters
    ----------
    gains, sizes : ndarray of shape (n_groups,)
        Of each group, the balance of rows on which only one is right, and its rows.
    difference : float or None
        To be seen; None takes the observed one.
    confidence, power : float
        Of the interval, and the chance to see the difference.

    Returns
    -------
    size : SampleSize

    Notes
    -----
    ``G = ((z_a + z_b) s / d)^2 + z_a^2 / 2`` groups, with the normal quantiles ``z_a`` of the
    level (two-sided) and ``z_b`` of the power, and ``s`` the deviation between groups of what a
    group adds to the difference: its balance about ``d n``, over the mean size. It is the formula
    for the mean of pairs with groups for rows, so it has their design effect in it; the second
    term is for Student's quantiles [1]_. If each row is a group, ``s^2`` is the share of rows on
    which only one is right, less ``d^2``, as in Connor's formula for McNemar's test [2]_, from
    which it differs only where ``d^2`` is not small beside that share. No fewer groups are named
    than the exact test needs.

    References
    ----------
    .. [1] W. C. Guenther, "Sample size formulas for normal theory T tests", The American
       Statistician 35, 1981.
    .. [2] R. J. Connor, "Sample size for testing differences in proportions for the paired-sample
       design", Biometrics 43, 1987.
    """
    n_groups, mean_size = len(gains), float(sizes.mean())
    observed = float(gains.sum() / sizes.sum())
    target = abs(observed) if difference is None else float(difference)
    residuals = gains - observed * sizes
    spread = math.sqrt(float(residuals @ residuals) / max(n_groups - 1, 1))
    if spread == 0 or n_groups < 2:
        return SampleSize(target, None, None, None, None, float("nan"))
    alpha = 1 - confidence
    level, reach = norm.ppf(1 - alpha / 2), norm.ppf(power)
    of_mean = spread / mean_size
    detectable = (student.ppf(1 - alpha / 2, n_groups - 1) + reach) * of_mean / math.sqrt(n_groups)
    if target == 0:
        return SampleSize(target, None, None, None, None, float(detectable))
    needed = ((level + reach) * of_mean / target) ** 2 + level**2 / 2
    groups = max(math.ceil(needed), fewest_groups(confidence))
    rows = math.ceil(groups * mean_size - 1e-9)
    return SampleSize(
        difference=target,
        n_groups=groups,
        n_rows=rows,
        more_groups=max(groups - n_groups, 0),
        more_rows=max(rows - int(sizes.sum()), 0),
        detectable=float(detectable),
    )
