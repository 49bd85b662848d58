"""A bootstrap that draws whole groups, as sums over groups: no row is copied."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from scipy.stats import t as student

from novin_ml.evaluation._labels import label_texts

FloatArray = NDArray[np.float64]

#: More groups than that are put together at random into that many before they are drawn.
MAX_PARTS = 2_000
_CHUNK = 250  # resamples at once: 250 x 2,000 counts are 4 MB


def group_codes(groups: ArrayLike | None, n_rows: int) -> tuple[NDArray[np.int64], int]:
    """Return the number of the group of each row, and how many groups there are.

    Without groups, each row is its own. ValueError if a row has none.
    """
    if groups is None:
        return np.arange(n_rows), n_rows
    if n_missing := int(pd.isna(np.asarray(groups, dtype=object)).sum()):
        raise ValueError(
            f"groups must have one for each row. Got {n_missing} rows without. Leave these rows "
            "out, or give each a group."
        )
    found, codes = np.unique(label_texts(groups), return_inverse=True)
    return codes.astype(np.int64), len(found)


def sums_by_group(codes: NDArray[np.int64], n_groups: int, *columns: ArrayLike) -> FloatArray:
    """Return the sums of columns over each group, of shape (n_groups, n_columns)."""
    sums = [np.bincount(codes, np.asarray(c, np.float64), n_groups) for c in columns]
    return np.column_stack(sums)


def resampled_sums(sums: FloatArray, n_resamples: int, rng: np.random.Generator) -> FloatArray:
    """Return the sums over as many groups as there are, drawn with replacement, again and again.

    Parameters
    ----------
    sums : ndarray of shape (n_groups, n_columns)
        From `sums_by_group`.
    n_resamples : int
        How often to draw.
    rng : Generator
        Draws.

    Returns
    -------
    drawn : ndarray of shape (n_resamples, n_columns)

    Notes
    -----
    More than `MAX_PARTS` groups are put together at random into that many parts of the same number
    of groups, and parts are drawn: the variance of a sum stays the same on average, and that of the
    estimate itself, one in 2,000, is too small to see ("random groups", Wolter, "Introduction to
    Variance Estimation", 2007, chapter 2). So the work is bounded.
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

    Percentiles of few groups lie too close together: they are those of a normal distribution where
    Student's is due, and of a variance that is too small by ``(n - 1) / n``. So the percentiles of
    ``norm.cdf(sqrt(n / (n - 1)) * t)`` are taken instead.

    References
    ----------
    T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69,
    2015, section 5.
    """
    tail = (1 - confidence) / 2
    widened = np.sqrt(n_groups / (n_groups - 1)) * student.ppf(tail, n_groups - 1)
    share = float(norm.cdf(widened))
    low, high = np.quantile(values, (share, 1 - share))
    return float(low), float(high)
