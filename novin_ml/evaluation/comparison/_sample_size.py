"""The number of homes required to detect a difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student


@dataclass(frozen=True)
class SampleSize:
    """The amount of data required to detect a difference in accuracy.

    Attributes
    ----------
    difference : float
        Difference to detect, positive: the observed one, or the requested one.
    n_groups, n_rows : int or None
        Numbers of groups (homes, or rows without groups) and of rows that detect it with
        probability `power`. None if no difference was observed, so that no number suffices, or if
        the variation between groups is unknown.
    more_groups, more_rows : int or None
        Numbers of groups and rows that are still missing, at least 0.
    detectable : float
        Difference that the given groups detect with probability `power`; NaN if the variation
        between groups is unknown.
    """

    difference: float
    n_groups: int | None
    n_rows: int | None
    more_groups: int | None
    more_rows: int | None
    detectable: float


def fewest_groups(confidence: float) -> int:
    """Return the smallest number of groups whose unanimity is significant.

    Parameters
    ----------
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    n_groups : int
        Number of groups.
    """
    return math.ceil(1 - math.log2(1 - confidence))


def sample_size(
    gains: NDArray[np.float64],
    sizes: NDArray[np.float64],
    difference: float | None,
    confidence: float,
    power: float,
) -> SampleSize:
    """Compute the number of groups required.

    Parameters
    ----------
    gains, sizes : ndarray of shape (n_groups,)
        For each group: the balance of rows on which only one is right, and the number of rows.
    difference : float or None
        Difference to detect; None takes the observed one.
    confidence, power : float
        Confidence level of the interval, and probability to detect the difference.

    Returns
    -------
    size : SampleSize

    Notes
    -----
    The number of groups is ``G = ((z_a + z_b) s / d)^2 + z_a^2 / 2``. ``z_a`` and ``z_b`` are the
    normal quantiles of the level (two-sided) and of the power. ``s`` is the standard deviation
    between groups of a group's contribution to the difference: the deviation of its balance from
    ``d n``, divided by the mean size. This is the formula for the mean of pairs, applied to groups
    instead of rows, so it includes the design effect. The second term accounts for Student's
    quantiles [1]_. If each row is a group, ``s^2`` is the share of rows on which only one is right,
    minus ``d^2``, as in Connor's formula for McNemar's test [2]_. The two formulas differ only if
    ``d^2`` is not small compared with that share. The result is at least the number of groups that
    the exact test needs.

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
