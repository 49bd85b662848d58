"""Laws of the motion features: what must not matter does not, and what must follow follows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.events import Signals
from novin_ml.features import MOTION_FEATURES, MotionFeatures
from tests.features.motion_reference import NAMES, SPECTRAL, reference
from tests.properties.strategies import (
    gappy_signals,
    sample_rates,
    samples,
    signal_tables,
    whole_signals,
)

#: Columns that do not depend on the order of the samples.
UNORDERED = ("energy", "mean", "variance", "peak", "norm", "quartile_1", "median", "quartile_3")
UNORDERED += ("skew", "kurtosis")
LINEAR = ("energy", "mean", "peak", "norm", "quartile_1", "median", "quartile_3", "jerk", "slope")


def features(signals):
    return MotionFeatures().fit_transform(signals)


def by_name(signal, sample_rate=10.0):
    table = Signals.from_arrays([signal], sample_rate)
    return dict(zip(NAMES, features(table)[0], strict=True))


def same(left, right, names):
    for name in names:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@given(signal_tables, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(signals, random):
    rows = list(range(len(signals)))
    random.shuffle(rows)
    np.testing.assert_array_equal(features(signals[rows]), features(signals)[rows])


@given(signal_tables, signal_tables)
def test_tables_can_be_joined(left, right):
    np.testing.assert_array_equal(
        features(Signals.concatenate([left, right])),
        np.concatenate([features(left), features(right)]),
    )


@given(signal_tables)
def test_a_signal_alone_is_the_same_signal_in_a_batch(signals):
    together = features(signals)
    alone = [features(signals[[row]]) for row in range(len(signals))]
    np.testing.assert_array_equal(np.concatenate(alone), together)


@given(whole_signals | gappy_signals, sample_rates)
def test_every_column_is_its_plain_loop(signal, rate):
    got, expected = by_name(signal, rate), reference(signal, rate)
    same(got, expected, [name for name in NAMES if name not in SPECTRAL])
    for name in SPECTRAL:
        np.testing.assert_allclose(got[name], expected[name], atol=1e-5, err_msg=name)


@given(signal_tables)
def test_columns_keep_to_their_ranges(signals):
    for spec, column in zip(MOTION_FEATURES, features(signals).T, strict=True):
        known = column[~np.isnan(column)]
        assert ((known >= spec.low) & (known <= spec.high)).all(), spec.name


@given(signal_tables, st.integers(0, 20))
def test_twice_as_far_away(signals, halvings):
    scale = np.float32(0.5**halvings)
    near = dict(zip(NAMES, features(signals).T, strict=True))
    scaled = Signals(signals.values * scale, signals.offsets, signals.sample_rate)
    far = dict(zip(NAMES, features(scaled).T, strict=True))
    for name in NAMES:
        factor = scale if name in LINEAR else scale * scale if name == "variance" else 1
        np.testing.assert_array_equal(far[name], near[name] * np.float32(factor), err_msg=name)


@given(whole_signals)
def test_backwards(signal):
    forth, back = by_name(signal), by_name(signal[::-1])
    assert back["rise_time"] == forth["fall_time"]
    assert back["fall_time"] == forth["rise_time"]
    np.testing.assert_allclose(back["slope"], -forth["slope"], atol=1e-6)
    exact = ("duration", "energy", "mean", "peak", "norm", "quartile_1", "median", "quartile_3")
    same(back, forth, (*exact, "active_fraction", "bursts", "longest_burst", "mean_crossings"))
    same(back, forth, ("jerk",))
    np.testing.assert_allclose(back["variance"], forth["variance"], rtol=1e-6)


@given(st.lists(samples, min_size=1, max_size=100), st.integers(1, 40), st.integers(1, 40))
def test_later_in_a_silence(signal, before, after):
    early = by_name([0.0] * before + signal + [0.0] * after)
    late = by_name([0.0] * after + signal + [0.0] * before)
    moved = ("slope", "period", "periodicity", "variance", "skew", "kurtosis", *SPECTRAL)
    same(late, early, [name for name in NAMES if name not in moved])
    np.testing.assert_allclose(late["variance"], early["variance"], rtol=1e-6)
    np.testing.assert_allclose(late["skew"], early["skew"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(late["kurtosis"], early["kurtosis"], rtol=1e-5)


@given(whole_signals.filter(any), st.integers(1, 40), st.integers(0, 40))
def test_silence_around_a_signal(signal, before, after):
    alone, padded = by_name(signal), by_name([0.0] * before + signal + [0.0] * after)
    same(padded, alone, ("peak", "norm", "rise_time", "fall_time", "bursts", "longest_burst"))


@given(gappy_signals)
def test_gaps_are_left_out_where_the_order_does_not_matter(signal):
    same(by_name(signal), by_name([value for value in signal if value == value]), UNORDERED)


@given(gappy_signals, st.sampled_from((2, 3, 7)))
def test_a_sensor_that_sends_each_sample_twice_or_more(signal, times):
    np.testing.assert_array_equal(
        features(Signals.from_arrays([np.repeat(signal, times)], 10.0 * times)),
        features(Signals.from_arrays([signal], 10.0)),
    )


@given(whole_signals, st.sampled_from((5.0, 2.5, 1.25)))
def test_a_slow_sensor_is_as_fast_where_the_order_does_not_matter(signal, rate):
    same(by_name(signal, rate), by_name(signal), UNORDERED)
