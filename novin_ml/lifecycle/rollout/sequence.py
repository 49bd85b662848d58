"""The boundary of a confidence sequence: valid at all times, without an end."""

from __future__ import annotations

import numpy as np


def boundary(n_effective: float, alpha: float, tuned_for: float) -> float:
    """Return by how many standard errors a mean must be away from 0, however often one looks.

    Parameters
    ----------
    n_effective : float
        Number of homes of a single mean with the same variance: for the difference of two means
        ``1 / (1 / n_control + 1 / n_candidate)``.
    alpha : float
        Two-sided error of all looks together.
    tuned_for : float
        Effective number of homes at which the boundary is lowest.

    Returns
    -------
    boundary : float
        Of the absolute value of z. It grows with the logarithm of the number, so slowly that the
        interval shrinks to a point.

    References
    ----------
    Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and
    asymptotic confidence sequences", Annals of Statistics 2024, theorem 2.2.
    """
    much = -2 * np.log(alpha)
    size = n_effective * (much + np.log(much + 1)) / tuned_for
    return float(np.sqrt(2 * (size + 1) / size * np.log(np.sqrt(size + 1) / alpha)))
