"""What homes say of their features before training, and what a server makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from novin_ml.exceptions import UpdateError
from novin_ml.plain import plural

#: Bits of a float32 number that decide its bin: the sign, 8 of the exponent, 5 of the fraction.
_BIN_BITS = 14
_SHIFT = 32 - _BIN_BITS
#: Number of bins of a feature; two that follow each other differ by at most a thirty-second.
N_BINS = 1 << _BIN_BITS


@dataclass(frozen=True, eq=False)
class FeatureStatistics:
    """Counts, means, squares and histograms of features, which add up over homes.

    Attributes
    ----------
    n : ndarray of shape (n_features,), int64
        Number of known values.
    mean : ndarray of shape (n_features,), float64
        Their mean; 0 if there is none.
    squares : ndarray of shape (n_features,), float64
        Sum of squares of their differences from the mean.
    bins : ndarray of shape (n_features, n_bins), int64
        Number of values in each bin. Bins are ranges of float32 numbers, the same for each
        feature and home, so that no home has to name its smallest and largest value.
    n_rows : int
        Number of rows.
    class_counts : ndarray of shape (n_classes,), int64
        Number of rows of each class.

    References
    ----------
    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances", 1979, for sums that lose no digits to a large mean.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import FeatureStatistics
    >>> one = FeatureStatistics.of(np.array([[1.0], [3.0]], dtype=np.float32), np.array([0, 1]), 2)
    >>> two = FeatureStatistics.of(np.array([[8.0]], dtype=np.float32), np.array([1]), 2)
    >>> both = one.merged(two)
    >>> float(both.mean[0]), both.deviation.round(2).tolist(), both.class_counts.tolist()
    (4.0, [2.94], [1, 2])
    """

    n: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    bins: np.ndarray
    n_rows: int
    class_counts: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, codes: np.ndarray, n_classes: int) -> Self:
        """Return the statistics of the rows of one home.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.
        codes : ndarray of shape (n_samples,), int
            Class of each row, counted from 0.
        n_classes : int
            Number of classes of the federation; a home may lack some.

        Returns
        -------
        statistics : FeatureStatistics
            Of its rows.
        """
        known = ~np.isnan(X)
        n = known.sum(axis=0)
        values = np.where(known, X, np.float32(0)).astype(np.float64)
        mean = values.sum(axis=0) / np.maximum(n, 1)
        off = np.where(known, values - mean, 0)
        bins = np.zeros((X.shape[1], N_BINS), dtype=np.int64)
        for column, present, counts in zip(X.T, known.T, bins, strict=True):
            counts += np.bincount(_bins_of(column[present]), minlength=N_BINS)
        return cls(
            n=n.astype(np.int64),
            mean=mean,
            squares=np.square(off).sum(axis=0),
            bins=bins,
            n_rows=len(X),
            class_counts=np.bincount(codes, minlength=n_classes).astype(np.int64),
        )

    def merged(self, other: FeatureStatistics) -> FeatureStatistics:
        """Return the statistics of the rows of both.

        Parameters
        ----------
        other : FeatureStatistics
            Of other homes, with the same features and classes.

        Returns
        -------
        statistics : FeatureStatistics
            Of its rows.
        """
        n = self.n + other.n
        share = other.n / np.maximum(n, 1)
        apart = other.mean - self.mean
        return FeatureStatistics(
            n=n,
            mean=self.mean + apart * share,
            squares=self.squares + other.squares + np.square(apart) * self.n * share,
            bins=self.bins + other.bins,
            n_rows=self.n_rows + other.n_rows,
            class_counts=self.class_counts + other.class_counts,
        )

    def check(self, n_features: int, n_classes: int) -> None:
        """Raise UpdateError unless these can be the statistics of a home.

        Parameters
        ----------
        n_features, n_classes : int
            Of the federation.

        Raises
        ------
        UpdateError
            If shapes are others, a number is not finite or negative, or counts contradict each
            other.
        """
        shapes = [self.n.shape, self.mean.shape, self.squares.shape, self.bins.shape]
        if shapes != [(n_features,)] * 3 + [(n_features, N_BINS)] or (
            self.class_counts.shape != (n_classes,)
        ):
            raise UpdateError(
                "another shape",
                f"have statistics of {plural(n_features, 'feature')} and "
                f"{plural(n_classes, 'class')}",
                "other shapes",
            )
        if not (np.isfinite(self.mean).all() and np.isfinite(self.squares).all()):
            raise UpdateError("not finite", "have finite statistics", "numbers that are not")
        counts = (self.n, self.squares, self.bins, self.class_counts)
        fits = np.array_equal(self.bins.sum(axis=1), self.n) and np.all(self.n <= self.n_rows)
        if (
            any(np.any(each < 0) for each in counts)
            or not fits
            or (self.class_counts.sum() != self.n_rows)
        ):
            raise UpdateError("contradiction", "have counts that add up", "counts that do not")

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviations, float64 (n_features,); 1 where values do not differ."""
        deviation = np.sqrt(self.squares / np.maximum(self.n, 1))
        # As scikit-learn's StandardScaler: what differs by rounding alone is constant.
        noise = 10 * np.finfo(np.float64).eps * np.abs(self.mean)
        deviation[(deviation <= noise) | (1 / np.maximum(deviation, 1e-300) > 3e38)] = 1
        return deviation

    def quantiles(self, shares: np.ndarray) -> np.ndarray:
        """Return quantiles of the features, by the middle of the bin that holds each.

        Parameters
        ----------
        shares : ndarray of shape (n_shares,), float64
            From 0 to 1.

        Returns
        -------
        quantiles : ndarray of shape (n_shares, n_features), float32
            Within a thirty-second of the exact ones; NaN for a feature without known values.
        """
        below = np.cumsum(self.bins, axis=1)
        middles = bin_middles()
        found = np.full((len(shares), len(self.n)), np.nan, dtype=np.float32)
        for feature, (counts, n) in enumerate(zip(below, self.n, strict=True)):
            if n:
                ranks = np.clip(np.ceil(shares * n), 1, n)
                found[:, feature] = middles[np.searchsorted(counts, ranks)]
        return found

    @property
    def medians(self) -> np.ndarray:
        """Medians, float32 (n_features,), by the middle of their bin; 0 where no value is known."""
        return np.nan_to_num(self.quantiles(np.array([0.5]))[0])


def _bins_of(values: np.ndarray) -> np.ndarray:
    """Return the bin of each float32 number, in the order of the numbers."""
    bits = np.ascontiguousarray(values + np.float32(0), dtype=np.float32).view(np.uint32)
    negative = bits >> np.uint32(31) == 1
    ordered = np.where(negative, ~bits, bits | np.uint32(1 << 31))
    return (ordered >> np.uint32(_SHIFT)).astype(np.intp)


def bin_middles() -> np.ndarray:
    """Return the middle number of each bin, float32 (n_bins,); 0 for the bins about 0.

    Returns
    -------
    middles : ndarray of shape (n_bins,), float32
        Of the bins that hold infinity and what is no number, the largest finite number.
    """
    ordered = (np.arange(N_BINS, dtype=np.uint32) << np.uint32(_SHIFT)) | np.uint32(
        1 << (_SHIFT - 1)
    )
    negative = ordered >> np.uint32(31) == 0
    bits = np.where(negative, ~ordered, ordered & np.uint32(0x7FFFFFFF))
    middles = bits.astype(np.uint32).view(np.float32)
    largest = float(np.finfo(np.float32).max)
    sizes = np.nan_to_num(np.abs(middles), nan=largest, posinf=largest)
    middles = np.where(negative, -sizes, sizes).astype(np.float32)
    near_zero = np.abs(middles) < np.finfo(np.float32).tiny * 2
    return np.where(near_zero, np.float32(0), middles)
