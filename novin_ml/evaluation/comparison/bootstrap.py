"""A bootstrap of whole groups, computed from sums over groups without copying rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from scipy.stats import t as student

from novin_ml.evaluation._labels import label_texts
from novin_ml.plain import plural

FloatArray = NDArray[np.float64]

#: If there are more groups than this, they are first merged at random into this many parts.
MAX_PARTS = 2_000
_CHUNK = 250  # resamples drawn at once: 250 x 2,000 counts are 4 MB


def group_codes(groups: ArrayLike | None, n_rows: int) -> tuple[NDArray[np.int64], int]:
    """Return the code of the group of each row, and the number of groups.

    Without groups, each row is its own group. Raise ValueError if a row has no group.
    """
    if groups is None:
        return np.arange(n_rows), n_rows
    if n_missing := int(pd.isna(np.asarray(groups, dtype=object)).sum()):
        raise ValueError(
            f"groups must have one for each row. Got {plural(n_missing, 'row')} without. Leave "
            "these rows out, or give each a group."
        )
    found, codes = np.unique(label_texts(groups), return_inverse=True)
    return codes.astype(np.int64), len(found)


def sums_by_group(codes: NDArray[np.int64], n_groups: int, *columns: ArrayLike) -> FloatArray:
    """Return the sums of columns over each group, of shape (n_groups, n_columns)."""
    sums = [np.bincount(codes, np.asarray(c, np.float64), n_groups) for c in columns]
    return np.column_stack(sums)


def resampled_sums(sums: FloatArray, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return sums over groups drawn with replacement, one for each resample.

    Parameters
    ----------
    sums : ndarray of shape (n_groups, n_columns)
        From `sums_by_group`.
    n_resamples : int
        Number of resamples.
    rng : Generator
        Draws the groups.

    Returns
    -------
    drawn : ndarray of shape (n_resamples, n_columns)

    Notes
    -----
    Each resample draws as many groups as there are. More than `MAX_PARTS` groups are first merged
    at random into that many parts of equal numbers of groups, and parts are drawn instead, which
    bounds the work. The variance of a sum stays the same on average. The relative variance of that
    estimate, one in 2,000, is negligible ("random groups", Wolter, "Introduction to Variance
    Estimation", 2007, chapter 2).
    """
    if len(sums) > MAX_PARTS:
        part = rng.permutation(len(sums)) % MAX_PARTS
        sums = sums_by_group(part, MAX_PARTS, *sums.T)
    n = len(sums)
    drawn = np.empty((n_resamples, sums.shape[1]))
    for first in range(0, n_resamples, _CHUNK):
        rows = min(_CHUNK, n_resamples - first)
        cell = rng.integers(n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(cell.ravel(), minlength=rows * n).reshape(rows, n)
        drawn[first : first + rows] = counts.astype(np.float64) @ sums
    return drawn


def expanded_percentiles(
    values: FloatArray, n_groups: int, confidence: float
) -> tuple[float, float]:
    """Return the ends of the expanded percentile interval of bootstrap values.

    With few groups, plain percentiles lie too close together: they correspond to a normal
    distribution instead of Student's, and to a variance that is too small by the factor
    ``(n - 1) / n``. Therefore the percentiles at ``norm.cdf(sqrt(n / (n - 1)) * t)`` are used.

    References
    ----------
    T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69,
    2015, section 5.
    """
    tail = (1 - confidence) / 2
    widened = np.sqrt(n_groups / (n_groups - 1)) * student.ppf(tail, n_groups - 1)
    share = float(norm.cdf(widened))
    # By the same quantile on either side: exchanged models get the mirrored interval, to the bit.
    return float(np.quantile(values, share)), 0.0 - float(np.quantile(-values, share))
