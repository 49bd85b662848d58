"""Tests of many measures by exchanging homes: exact for few, at the level without a drift."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import ttest_1samp, ttest_ind

from novin_ml.lifecycle.drift._permutation import compare_groups, compare_pairs


def step_down(t, permuted):
    """Return corrected p-values measure by measure, largest t first."""
    p, left, floor = np.empty(len(t)), sorted(range(len(t)), key=lambda j: -abs(t[j])), 0.0
    while left:
        best = left[0]
        floor = max(floor, np.mean([max(row[left]) >= abs(t[best]) - 1e-9 for row in permuted]))
        p[best] = floor
        left = left[1:]
    return p


def test_all_exchanges_of_few_pairs():
    rng = np.random.default_rng(0)
    before, after = rng.normal(size=(2, 7, 4))
    after[:, 1] += 2
    after[2, 3] = np.nan
    found = compare_pairs(before, after, 1999, rng)
    change = after - before
    assert found.t == pytest.approx(ttest_1samp(change, 0, nan_policy="omit").statistic.data)
    every = [
        np.abs(ttest_1samp(change * np.array(s)[:, None], 0, nan_policy="omit").statistic.data)
        for s in product((1, -1), repeat=7)
    ]
    assert found.p_adjusted == pytest.approx(step_down(found.t, np.array(every)))
    assert found.n_homes.tolist() == [[7, 7]] * 3 + [[6, 6]]
    assert found.p_least == pytest.approx([2 / 128] * 3 + [2 / 64])


def test_all_exchanges_of_two_small_groups():
    rng = np.random.default_rng(1)
    reference, current = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    current[:, 0] += 3
    current[1, 2] = np.nan
    found = compare_groups(reference, current, 1999, rng)
    values = np.concatenate([reference, current])

    def t_of(members):
        others = np.setdiff1d(np.arange(9), members)
        test = ttest_ind(values[members], values[others], equal_var=False, nan_policy="omit")
        return np.asarray(test.statistic, dtype=float)

    assert found.t == pytest.approx(t_of(np.arange(5, 9)))
    every = np.abs([t_of(np.array(members)) for members in combinations(range(9), 4)])
    assert found.p_adjusted == pytest.approx(step_down(found.t, every))


@pytest.mark.parametrize("draw", ["normal", "skewed", "unequal variances"])
@pytest.mark.parametrize("compare", [compare_pairs, compare_groups])
def test_the_level_holds_for_any_of_many_measures(compare, draw):
    rng = np.random.default_rng(2)
    n_draws, cries = 300, 0
    n_homes = 40 if draw == "unequal variances" else 15  # there the level holds for many homes
    for _ in range(n_draws):
        common = rng.normal(size=(2, n_homes, 1))
        before, after = 0.7 * rng.normal(size=(2, n_homes, 12)) + common  # measures hang together
        if draw == "skewed":
            before, after = np.exp(before), np.exp(after)
        elif draw == "unequal variances":
            after *= 3
        cries += compare(before, after, 199, rng).p_adjusted.min() <= 0.05
    assert cries / n_draws <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / n_draws)


def test_a_measure_that_all_homes_share_is_found_among_many():
    rng = np.random.default_rng(3)
    before, after = rng.normal(size=(2, 20, 40))
    before[:, 7], after[:, 7] = 10.0, 20.0
    for compare in (compare_pairs, compare_groups):
        found = compare(before, after, 199, rng)
        assert np.flatnonzero(found.p_adjusted <= 0.05).tolist() == [7]
        assert found.p_adjusted[7] == 1 / 200
