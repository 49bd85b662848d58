"""Means of what homes send."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import CheckedUpdate, FedAdam, FedAvg, MeanOfUpdates
from novin_ml.federated.averaging import Krum, TrimmedMean

LIMITS = {"max_norm": 4.0, "max_examples": 1000}


def of(change, n=10):
    return CheckedUpdate(np.array(change, dtype=np.float32), n, 0.0, False, False)


def mean_of(updates, kind=MeanOfUpdates, **options):
    mean = kind(len(updates[0].change), **LIMITS, **options)
    for update in updates:
        mean.add(update)
    return mean.change()


@given(
    st.lists(st.tuples(st.floats(-4, 4, width=32), st.integers(1, 1000)), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
    st.integers(1, 5),
)
def test_mean_has_the_same_bits_in_any_order_and_any_shards(values, random, n_shards):
    updates = [of([value, value / 3], n) for value, n in values]
    once = mean_of(updates)
    random.shuffle(updates)
    shards = [MeanOfUpdates(2, **LIMITS) for _ in range(n_shards)]
    for update in updates:
        random.choice(shards).add(update)
    first, *others = random.sample(shards, n_shards)
    for other in others:
        first.merge(other)
    assert first.change().tobytes() == once.tobytes()
    exact = np.average([value for value, _ in values], weights=[n for _, n in values])
    np.testing.assert_allclose(once[0], exact, atol=1e-6)


def test_floating_point_sums_would_differ():
    """What fixed point is for: these three numbers have two sums in float32."""
    values = [np.float32(0.1), np.float32(0.7), np.float32(-0.3)]
    sums = {float(a + b + c) for a, b, c in permutations(values)}
    assert len(sums) > 1
    means = {mean_of([of([each]) for each in order]).tobytes() for order in permutations(values)}
    assert len(means) == 1


@pytest.mark.parametrize("max_updates", [40, 4096, 1_000_000])
def test_the_sum_is_of_the_nearest_integers_whatever_its_room(max_updates):
    """Large products are rounded by rint, smaller ones in one pass: both as integers say."""
    rng = np.random.default_rng(max_updates)
    mean = MeanOfUpdates(500, **LIMITS, max_updates=max_updates)
    expected = [0] * 500
    for number in range(30):
        n = int(rng.integers(1, 1001))
        change = rng.uniform(-4, 4, 500).astype(np.float32)
        # Ties, the ends of the range, zeros of both signs, and the smallest numbers.
        halves = (2 * rng.integers(-50, 50, 100) + 1) / 2 * 2.0**-mean.scale_bits
        change[:100] = halves.astype(np.float32)
        change[100:106] = [4, -4, 0.0, -0.0, 1e-45, -1e-45]
        mean.add(of(change, n))
        products = change.astype(np.float64) * (n * 2.0**mean.scale_bits)
        expected = [a + round(b) for a, b in zip(expected, products.tolist(), strict=True)]
        if number % 7 == 0:  # looking at it changes nothing
            mean.change()
    assert mean._integers.tolist() == expected
    other = MeanOfUpdates(500, **LIMITS, max_updates=max_updates)
    other.add(of(np.full(500, -1.5), 3))
    mean.merge(other)
    added = round(-1.5 * 3 * 2.0**mean.scale_bits)
    assert mean._integers.tolist() == [each + added for each in expected]


def test_a_change_adds_the_nearest_integer():
    mean = MeanOfUpdates(2, max_norm=4.0, max_examples=1000)
    step = 2.0**-mean.scale_bits
    mean.add(of([0.6 * step, -0.6 * step], 1))
    np.testing.assert_array_equal(mean.total, [step, -step])


def test_largest_sum_fits():
    mean = MeanOfUpdates(1, max_norm=4.0, max_examples=1000, max_updates=50)
    for _ in range(50):
        mean.add(of([4.0], 1000))
    assert mean.change().tolist() == [4.0]
    with pytest.raises(InvalidParametersError, match=r"50 updates at most \(max_updates\).*51"):
        mean.add(of([1.0]))
    with pytest.raises(InvalidParametersError, match="Got 100"):
        mean.merge(mean)
    # One bit more would not have: the scale leaves none that could be used.
    assert 4.0 * 1000 * 50 * 2.0**mean.scale_bits > 2**61


def test_refusals_of_the_sum():
    with pytest.raises(InvalidParametersError, match="64 bits"):
        MeanOfUpdates(1, max_norm=1e-9, max_examples=10**6, max_updates=10**12)
    mean = MeanOfUpdates(1, **LIMITS)
    with pytest.raises(InvalidParametersError, match="1,000 rows at most"):
        mean.add(of([1.0], 1001))
    with pytest.raises(InvalidParametersError, match="one scale"):
        mean.merge(MeanOfUpdates(1, max_norm=0.1, max_examples=1000))


def test_nothing_counted_changes_nothing():
    for kind in (MeanOfUpdates, TrimmedMean, Krum):
        assert kind(2, **LIMITS).change().tolist() == [0, 0]


@pytest.mark.parametrize("kind", [TrimmedMean, Krum])
def test_hostile_updates_are_left_out(kind):
    rng = np.random.default_rng(0)
    honest = [of(rng.normal(0.5, 0.1, 6)) for _ in range(27)]
    hostile = [of(np.full(6, -1.5), 1000) for _ in range(3)]
    found = mean_of([*hostile, *honest], kind, trim=0.1)
    of_honest = np.mean([update.change for update in honest], axis=0)
    assert np.abs(found - of_honest).max() < 0.06
    assert np.abs(mean_of([*hostile, *honest]) - of_honest).max() > 1


def test_trimmed_mean_is_scipys():
    from scipy.stats import trim_mean

    rng = np.random.default_rng(1)
    changes = rng.normal(size=(40, 5)).astype(np.float32)
    found = mean_of([of(change) for change in changes], TrimmedMean, trim=0.1)
    np.testing.assert_allclose(found, trim_mean(changes.astype(float), 0.1), atol=1e-6)


def test_krum_by_hand():
    """Of five updates, two far ones are left out (trim 0.4 is one: n - f - 2 neighbours count)."""
    changes = [[0.0], [0.1], [0.2], [3.0], [0.15]]
    found = mean_of([of(each) for each in changes], Krum, trim=0.2)
    np.testing.assert_allclose(found, [(0.0 + 0.1 + 0.2 + 0.15) / 4], atol=1e-6)


def test_shards_hold_two_hundred():
    mean = TrimmedMean(1, **LIMITS, trim=0.1)
    for number in range(401):
        mean.add(of([number / 401], 1))
        assert len(mean._held) < 200
    assert mean.change()[0] == pytest.approx(0.5, abs=0.01)


def test_server_steps():
    values, change = np.array([1.0, 2.0], dtype=np.float32), np.array([0.5, -0.5], dtype=np.float32)
    assert FedAvg()(values, change)[0].tolist() == [1.5, 1.5]
    step = FedAdam(learning_rate=0.1, beta_1=0.9, beta_2=0.99, tau=1e-3)
    new, after = step(values, change)
    # Reddi et al. 2021, algorithm 2, by hand.
    mean, square = 0.1 * change, 0.99 * 1e-6 + 0.01 * 0.25
    np.testing.assert_allclose(new, values + 0.1 * mean / (np.sqrt(square) + 1e-3), rtol=1e-6)
    again, _ = step.with_arrays(after.to_arrays())(new, change)
    assert again.tobytes() == after(new, change)[0].tobytes()
    assert again.tobytes() != step(new, change)[0].tobytes()
