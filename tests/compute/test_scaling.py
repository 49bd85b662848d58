"""The scaling law finds the parameters that times were simulated with, and its intervals hold."""

import numpy as np
import pytest
from scipy.stats import binom

from novin_ml.compute import amdahl_speedup, fit_scaling_law


def simulated(rng, serial, noise, cores, rows=None, exponent=1.0):
    cores = np.asarray(cores, dtype=float)
    size = 1.0 if rows is None else (np.asarray(rows) / 1_000.0) ** exponent
    share = serial + (1 - serial) / cores
    return 3.0 * size * share * np.exp(noise * rng.normal(size=len(cores)))


@pytest.mark.parametrize("serial", [0.0, 0.05, 0.3, 0.8, 1.0])
def test_exact_times_give_back_the_serial_fraction(serial):
    cores = np.array([1, 1, 2, 2, 4, 8])
    law = fit_scaling_law(simulated(np.random.default_rng(0), serial, 0, cores), cores)
    assert law.serial_fraction == pytest.approx(serial, abs=2e-3)
    assert law.size_exponent is None
    prediction = law.predict(16)
    assert prediction.seconds == pytest.approx(3.0 / amdahl_speedup(serial, 16), rel=0.01)
    assert prediction.low <= prediction.seconds <= prediction.high


@pytest.mark.parametrize("exponent", [0.6, 1.0, 1.4])
def test_exact_times_give_back_the_size_exponent(exponent):
    rows = np.tile([1_000, 3_000, 10_000], 2)
    cores = np.repeat([1, 2], 3)
    seconds = simulated(np.random.default_rng(0), 0.25, 0, cores, rows, exponent)
    law = fit_scaling_law(seconds, cores, rows)
    assert law.size_exponent == pytest.approx(exponent, abs=1e-3)
    assert law.serial_fraction == pytest.approx(0.25, abs=2e-3)
    expected = 3.0 * 100**exponent / amdahl_speedup(0.25, 4)
    assert law.predict(4, 100_000).seconds == pytest.approx(expected, rel=0.01)


def coverage(draws, draw, **options):
    held = 0
    for seed in range(draws):
        rng = np.random.default_rng(seed)
        serial, noise, cores, asked = draw(rng)
        law = fit_scaling_law(simulated(rng, serial, noise, cores), cores, **options)
        (actual,) = simulated(rng, serial, noise, [asked])
        prediction = law.predict(asked, confidence=0.9)
        held += prediction.low <= actual <= prediction.high
    return held


def assert_nominal(held, draws, level=0.9):
    low, high = binom.interval(0.999, draws, level)
    assert low <= held <= high


def test_intervals_from_one_core_hold_at_their_level():
    # The serial fraction is drawn as the method assumes: anything above what is known.
    held = coverage(
        200,
        lambda rng: (rng.uniform(0.1, 1), 0.03, np.ones(4), 2),
        serial_at_least=0.1,
    )
    assert_nominal(held, 200)


def test_intervals_from_two_core_counts_hold_at_their_level():
    cores = np.repeat([1, 2], 4)
    held = coverage(200, lambda rng: (rng.uniform(0, 1), 0.05, cores, 8))
    assert_nominal(held, 200)


def test_intervals_of_a_further_session_hold_at_their_level():
    """A session is busier or quieter as a whole; pooled runs would claim to know the next."""
    held, pooled = 0, 0
    sessions = np.repeat(np.arange(5), 6)
    rows, cores = np.tile([1_000, 3_000, 10_000], 10), np.tile([1, 1, 1, 2, 2, 2], 5)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        effects = np.exp(0.5 * rng.standard_normal(6))
        seconds = simulated(rng, 0.5, 0.1, cores, rows) * effects[sessions]
        actual = simulated(rng, 0.5, 0.1, [2], [3_000])[0] * effects[5]
        law = fit_scaling_law(seconds, cores, rows, sessions=sessions)
        found = law.predict(2, 3_000, confidence=0.9)
        held += found.low <= actual <= found.high
        found = fit_scaling_law(seconds[:6], cores[:6], rows[:6]).predict(2, 3_000, confidence=0.9)
        pooled += found.low <= actual <= found.high
    assert_nominal(held, 200)
    assert pooled < 120


def test_sessions_that_are_alike_change_little():
    rng = np.random.default_rng(0)
    cores, rows = np.tile([1, 2], 12), np.repeat([1_000, 3_000, 10_000, 30_000], 6)
    seconds = simulated(rng, 0.5, 0.1, cores, rows)
    one = fit_scaling_law(seconds, cores, rows).predict(2, 3_000)
    law = fit_scaling_law(seconds, cores, rows, sessions=np.tile(np.arange(3), 8))
    several = law.predict(2, 3_000)
    assert several.seconds == pytest.approx(one.seconds, rel=1e-6)
    assert several.high / several.low == pytest.approx(one.high / one.low, rel=0.25)
    assert fit_scaling_law(seconds, cores, rows, sessions=7).predict(2, 3_000) == one


def test_one_core_alone_says_nothing_of_the_serial_fraction():
    law = fit_scaling_law([5.0, 5.01, 4.99, 5.0], cores=1, serial_at_least=0.2)
    assert law.serial_fraction == pytest.approx(0.6, abs=0.01)
    assert law.serial_interval == pytest.approx((0.22, 0.98), abs=0.01)
    two = law.predict(2)
    assert two.low == pytest.approx(5 * 0.61, rel=0.02)
    assert two.high == pytest.approx(5 * 0.99, rel=0.02)


def test_a_second_core_count_narrows_the_interval():
    alone = fit_scaling_law([5.0, 5.05, 4.95], cores=1).predict(8)
    both = fit_scaling_law([5.0, 5.05, 4.95, 3.0, 3.05, 2.95], [1, 1, 1, 2, 2, 2]).predict(8)
    assert both.high / both.low < alone.high / alone.low / 2


def test_what_is_known_to_be_serial_stays_serial():
    law = fit_scaling_law([2.0, 2.1, 2.0], cores=1, serial_at_least=1.0)
    assert law.serial_fraction == 1
    assert law.predict(16).seconds == pytest.approx(2.03, rel=0.02)


def test_times_that_rise_with_cores_are_called_serial():
    law = fit_scaling_law([1.0, 1.02, 1.4, 1.5], [1, 1, 2, 2])
    assert law.serial_fraction > 0.5
    assert law.noise > 0.1


def test_times_that_rise_with_cores_have_a_cost_of_threads():
    """Two threads 2.6 times as slow, as measured where threads slept between short parts."""
    rng = np.random.default_rng(0)
    cores = np.repeat([1, 2, 4], 6)
    exact = 1.5 * (0.1 + 0.9 / cores + 1.9 * (cores - 1))
    seconds = exact * np.exp(rng.normal(0, 0.03, len(cores)))
    law = fit_scaling_law(seconds, cores, thread_cost=True)
    low, high = law.thread_cost_interval
    assert low < 1.9 < high < 3 * low
    assert law.thread_cost == pytest.approx(1.9, rel=0.2)
    assert law.noise < 0.06 < fit_scaling_law(seconds, cores).noise
    for n in (1, 2, 4):
        found = law.predict(n)
        runs = seconds[cores == n]
        assert (runs > found.low).mean() > 0.8
        assert (runs < found.high).mean() > 0.8
    eight = law.predict(8)
    assert eight.low < 1.5 * (0.1 + 0.9 / 8 + 1.9 * 7) < eight.high


def test_where_cores_help_a_cost_of_threads_is_small():
    cores = np.repeat([1, 2, 4, 8], 3)
    seconds = 10 * (0.2 + 0.8 / cores)
    law = fit_scaling_law(seconds, cores, thread_cost=True)
    assert law.thread_cost_interval[1] < 0.01
    assert law.serial_fraction == pytest.approx(0.2, abs=0.02)
    assert fit_scaling_law(seconds, cores).thread_cost == 0.0


def test_a_higher_confidence_is_a_wider_interval():
    law = fit_scaling_law([5.0, 5.3, 2.6, 2.8], [1, 1, 2, 2])
    narrow, wide = law.predict(4, confidence=0.5), law.predict(4, confidence=0.99)
    assert wide.low < narrow.low < narrow.seconds < narrow.high < wide.high
    assert narrow.seconds == wide.seconds


def test_speedup():
    assert amdahl_speedup(0, 16) == 16
    assert amdahl_speedup(1, 16) == 1
    assert amdahl_speedup(0.5, 1) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: fit_scaling_law([1.0, -1.0], 1), "'seconds' parameter must be a list of finite"),
        (lambda: fit_scaling_law([1.0, np.nan], 1), "'seconds' parameter must be a list of finite"),
        (lambda: fit_scaling_law([1.0], 1), "must have at least 2 runs. Got 1"),
        (lambda: fit_scaling_law([], 1), "must have at least 2 runs. Got 0"),
        (lambda: fit_scaling_law([1.0, 1.0], [1, 0.5]), "'cores' parameter must have one finite"),
        (lambda: fit_scaling_law([1.0, 1.0], [1, 2, 3]), "'cores' parameter must have one finite"),
        (
            lambda: fit_scaling_law([1.0, 1.0], 1, sessions=[0, -1]),
            "'sessions' parameter must have one finite number at least 0",
        ),
        (
            lambda: fit_scaling_law([1.0, 1.0], 1, sessions=[0]),
            "'sessions' parameter must have one finite number",
        ),
        (lambda: fit_scaling_law([1.0, 1.0, 1.0], 1, [9, 9, 9]), "two different numbers"),
        (lambda: fit_scaling_law([1.0, 1.0, 1.0], 1, [0, 9, 9]), "number above 0 for each"),
        (lambda: fit_scaling_law([1.0, 1.0], 1, [9, 8]), "must have at least 3 runs. Got 2"),
        (
            lambda: fit_scaling_law([1.0, 1.0], 1, serial_at_least=1.2),
            r"must be a float in the range \[0.0, 1.0\]",
        ),
        (
            lambda: fit_scaling_law([1.0, 1.0], 1).predict(0),
            "'cores' parameter of ScalingLaw.predict must be",
        ),
        (lambda: fit_scaling_law([1.0, 1.0], 1).predict(2, rows=5), "given exactly if the law"),
        (
            lambda: fit_scaling_law([1.0, 1.0, 2.0], 1, [1, 1, 2]).predict(2),
            "given exactly if the law",
        ),
        (
            lambda: fit_scaling_law([1.0, 1.0, 2.0], 1, [1, 1, 2]).predict(2, rows=0),
            "'rows' parameter of ScalingLaw.predict must be a float in the range",
        ),
        (
            lambda: fit_scaling_law([1.0, 1.0], 1).predict(2, confidence=1),
            "'confidence' parameter of ScalingLaw.predict must be",
        ),
        (lambda: amdahl_speedup(-0.1, 2), "'serial_fraction' parameter of amdahl_speedup must be"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
