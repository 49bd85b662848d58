"""What homes say of their features before training."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from novin_ml.exceptions import UpdateError
from novin_ml.federated import FeatureStatistics, homes_of, merged_statistics
from novin_ml.federated.statistics import N_BINS, _bins_of, bin_middles

NUMBERS = st.floats(-1e6, 1e6, width=32) | st.just(np.nan)


@given(
    hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=NUMBERS),
    st.integers(0, 8),
)
def test_merged_parts_are_the_statistics_of_all_rows(X, cut):
    codes = np.arange(len(X)) % 2
    whole = FeatureStatistics.of(X, codes, 2)
    parts = [FeatureStatistics.of(X[:cut], codes[:cut], 2)]
    parts.append(FeatureStatistics.of(X[cut:], codes[cut:], 2))
    for merged in (parts[0].merged(parts[1]), parts[1].merged(parts[0])):
        np.testing.assert_array_equal(merged.n, whole.n)
        np.testing.assert_array_equal(merged.bins, whole.bins)
        np.testing.assert_array_equal(merged.class_counts, whole.class_counts)
        np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-6, atol=1e-3)
        merged.check(X.shape[1], 2)


def test_a_large_mean_loses_no_digits():
    """Sums of squares of the values themselves would: 1e8 squared leaves no digit for 1."""
    rng = np.random.default_rng(0)
    X = (1e6 + rng.normal(size=(500, 1))).astype(np.float32)
    merged = FeatureStatistics.of(X[:1], np.zeros(1, dtype=int), 1)
    for start in range(1, 500, 7):
        part = X[start : start + 7]
        merged = merged.merged(FeatureStatistics.of(part, np.zeros(len(part), dtype=int), 1))
    np.testing.assert_allclose(merged.deviation, X.astype(float).std(axis=0), rtol=1e-9)


def test_medians_and_quantiles_are_within_their_bin():
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=999), rng.lognormal(3, 2, 999), -rng.gamma(2, 9, 999)])
    statistics = FeatureStatistics.of(X.astype(np.float32), np.zeros(999, dtype=int), 1)
    exact = np.median(X, axis=0)
    np.testing.assert_allclose(statistics.medians, exact, rtol=1 / 32, atol=1e-3)
    shares = np.array([0, 0.25, 1])
    np.testing.assert_allclose(
        statistics.quantiles(shares),
        np.quantile(X, shares, axis=0, method="inverted_cdf"),
        rtol=1 / 32,
        atol=1e-3,
    )


def test_bins_keep_the_order_of_numbers():
    middles = bin_middles()
    finite = np.abs(middles) < 3e38
    assert np.all(middles[1:] >= middles[:-1])
    assert middles.shape == (N_BINS,)
    positive = finite & (np.abs(middles) > 1e-37)
    np.testing.assert_array_equal(_bins_of(middles[positive]), np.flatnonzero(positive))
    assert len(np.unique(_bins_of(np.array([0.0, -0.0], dtype=np.float32)))) == 1


def test_a_column_without_values_and_one_that_is_constant():
    X = np.array([[np.nan, 7.0], [np.nan, 7.0]], dtype=np.float32)
    statistics = FeatureStatistics.of(X, np.array([0, 1]), 2)
    assert statistics.medians.tolist() == [0.0, pytest.approx(7, rel=1 / 32)]
    assert statistics.deviation.tolist() == [1, 1]
    assert statistics.mean.tolist() == [0, 7]


def wrong_ones(right):
    yield replace(right, mean=right.mean * np.nan), "not finite"
    yield replace(right, squares=-1 - right.squares), "contradiction"
    yield replace(right, n=right.n + 1), "contradiction"
    yield replace(right, n_rows=right.n_rows - 1), "contradiction"
    yield replace(right, class_counts=-right.class_counts), "contradiction"
    yield replace(right, bins=right.bins[:, :-1]), "another shape"
    yield replace(right, mean=right.mean[:-1]), "another shape"


def test_statistics_are_checked_before_they_count(rows):
    X, y, home = rows
    homes, classes = homes_of(X, y, home)
    first, *others = homes
    right = homes[first].statistics(len(classes))
    right.check(X.shape[1], len(classes))
    for wrong, reason in wrong_ones(right):

        class Liar:
            def statistics(self, n_classes, wrong=wrong):
                return wrong

        merged, refused = merged_statistics({**homes, first: Liar()}, X.shape[1], len(classes))
        assert [(each.source, each.reason) for each in refused] == [(first, reason)]
        without = merged_statistics({n: homes[n] for n in others}, X.shape[1], len(classes))[0]
        np.testing.assert_array_equal(merged.mean, without.mean)
    with pytest.raises(UpdateError, match="none of 1 home"):
        merged_statistics({first: Liar()}, X.shape[1], len(classes))
