import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

from novin_ml.events import Signals
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import MOTION_FEATURES, MotionFeatures
from tests.features.builders import event_table
from tests.features.motion_reference import NAMES, SPECTRAL, reference

NAN = np.nan
SECONDS = np.arange(200) / 10


def features_of(signals, sample_rate=10.0):
    table = Signals.from_arrays(signals, sample_rate)
    return MotionFeatures().set_output(transform="pandas").fit_transform(table)


def one(signal, sample_rate=10.0):
    return features_of([np.float32(signal)], sample_rate).iloc[0]


def some_signals(n=60, seed=0):
    """Signals of all lengths and rates, one in three with gaps."""
    rng = np.random.default_rng(seed)
    signals = []
    for number in range(n):
        length = int(rng.choice([1, 2, 3, 7, 31, 32, 64, 65, 200, 700]))
        beat = 0.5 + 0.4 * np.sin(rng.uniform(0.1, 3) * np.arange(length))
        signal = np.round(np.clip(beat + 0.2 * rng.standard_normal(length), 0, 1), 3)
        signal[rng.random(length) < 0.3 * (number % 3 == 0)] = NAN
        signals.append(signal.astype(np.float32))
    return Signals.from_arrays(signals, rng.choice([10, 10, 4, 12.5, 50], n))


def test_specs_are_twenty_four_described_columns():
    assert tuple(spec.name for spec in MOTION_FEATURES) == NAMES
    assert len(set(NAMES)) == 24
    assert all(spec.meaning and spec.unit and "\n" not in spec.meaning for spec in MOTION_FEATURES)
    assert MotionFeatures().feature_specs == MOTION_FEATURES


def test_every_formula_equals_its_plain_loop():
    signals = some_signals()
    got = MotionFeatures().fit_transform(signals)
    assert got.dtype == np.float32
    for row, (signal, rate) in enumerate(zip(signals, signals.sample_rate, strict=True)):
        expected = reference(signal, rate)
        for column, name in enumerate(NAMES):
            if name in SPECTRAL:
                assert got[row, column] == pytest.approx(expected[name], abs=1e-6, nan_ok=True)
            else:
                np.testing.assert_array_equal(got[row, column], expected[name], err_msg=name)


def test_values_are_in_the_ranges_of_the_specs():
    features = MotionFeatures().fit_transform(some_signals(300, seed=1))
    for spec, column in zip(MOTION_FEATURES, features.T, strict=True):
        known = column[~np.isnan(column)]
        assert known.min() >= spec.low, spec.name
        assert known.max() <= spec.high, spec.name


def test_a_ramp():
    row = one(np.linspace(0, 1, 101))
    assert row["duration"] == np.float32(10.1)
    assert row[["mean", "median"]].tolist() == pytest.approx([0.5, 0.5])
    assert row[["quartile_1", "quartile_3", "peak"]].tolist() == pytest.approx([0.25, 0.75, 1])
    assert row[["slope", "jerk"]].tolist() == pytest.approx([0.1, 0.1])
    assert row["rise_time"] == np.float32(7.5)  # from .13 to .88
    assert row["fall_time"] == 0
    assert row["active_fraction"] == pytest.approx(50 / 101)
    assert row[["bursts", "longest_burst", "mean_crossings"]].tolist() == pytest.approx([1, 5, 0.1])


@pytest.mark.parametrize("hertz", [0.5, 1.0, 2.0, 2.5])
def test_a_rhythm_is_found_by_its_period_and_its_frequency(hertz):
    row = one(0.5 + 0.3 * np.sin(2 * np.pi * hertz * SECONDS))
    assert row["period"] == pytest.approx(1 / hertz, abs=0.051)
    assert row["periodicity"] > 0.8
    assert row["spectral_centroid"] == pytest.approx(hertz, abs=0.35)
    assert row["share_slow" if hertz < 0.86 else "share_steps"] > 0.8


def test_noise_has_no_rhythm():
    signals = np.random.default_rng(0).random((50, 200))
    assert features_of(list(signals))["periodicity"].median() < 0.25


def test_bursts():
    row = one([0, 0.9, 0.8, 0, 0.1, 1, 0, 0, 0.6, 0.7, 0.6, 0])
    assert row["bursts"] == 3
    assert row["longest_burst"] == np.float32(0.3)
    assert row["active_fraction"] == 0.5


@pytest.mark.parametrize("signal", [[0.3], [0.1] * 977, [0.7, NAN, 0.7], [NAN, 0.7], [0.0] * 64])
def test_constant_signals(signal):
    row = one(signal)
    value = np.float32(np.nanmax(signal))
    same = ["energy", "mean", "peak", "quartile_1", "median", "quartile_3"]
    assert row[same].tolist() == pytest.approx([value] * 6)
    none = ["variance", "skew", "kurtosis", "rise_time", "fall_time", "mean_crossings", "jerk"]
    none += ["slope", "periodicity", "period", *SPECTRAL]
    assert (row[none] == 0).all()
    active = float(value > 0)
    assert row["active_fraction"] == row["bursts"] == active
    assert row["longest_burst"] == pytest.approx(active * len(signal) / 10)


def test_a_step_between_two_frames_has_no_power():
    row = one([0.2] * 64 + [0.7] * 64)
    assert row["variance"] > 0
    assert (row[list(SPECTRAL)] == 0).all()


def test_negative_zero_is_zero_whatever_stands_beside_a_signal():
    zeros = np.float32([-0.0] * 3)
    alone = MotionFeatures().transform(Signals.from_arrays([zeros]))
    beside = MotionFeatures().transform(Signals.from_arrays([zeros, np.float32([0.5] * 9)]))
    assert not np.signbit(alone).any()
    assert not np.signbit(beside[0]).any()


def test_gaps_alone_have_a_duration_only():
    row = one([NAN] * 5, 2.0)
    assert row["duration"] == 2.5
    assert row.drop("duration").isna().all()


def test_gaps_are_left_out_or_bridged():
    row = one([NAN, 0.2, NAN, 0.6, NAN, NAN])
    assert row["duration"] == np.float32(0.6)
    assert row["mean"] == pytest.approx(0.4)
    assert row["median"] == pytest.approx(0.4)
    # In time: .2 .2 .4 .6 .6 .6
    assert row["jerk"] == pytest.approx(10 * 0.4 / 5)
    assert row["active_fraction"] == pytest.approx(4 / 6)


def test_other_rates_are_averaged_to_10_hz_or_bridged():
    slow = one([0.2, 0.6, 0.2], 5.0)
    assert slow["duration"] == np.float32(0.6)
    assert slow["mean"] == pytest.approx(1 / 3)
    assert slow["jerk"] == pytest.approx(10 * 0.8 / 4)  # .2 .4 .6 .4 .2
    fast = one([0.1, 0.3, 0.5, 0.7, NAN, 0.8], 20.0)
    assert fast["duration"] == np.float32(0.3)
    assert fast["peak"] == np.float32(0.8)
    assert fast["quartile_1"] == pytest.approx(0.4)  # of .2 .6 .8


def test_ten_minutes_count():
    signal = np.full(6_500, 0.2, np.float32)
    signal[6_000:] = 0.9
    row = one(signal)
    assert row["duration"] == 650
    assert row["peak"] == np.float32(0.2)
    assert row["longest_burst"] == 600
    assert one(np.full(50, 0.2), 0.01)["longest_burst"] == 600


def test_no_signal_is_nan_throughout():
    features = features_of([None, np.float32([0.4]), NAN, []])
    assert features.iloc[[0, 2, 3]].isna().all(axis=None)
    assert features.iloc[1].notna().all()
    assert MotionFeatures().fit_transform(Signals.from_arrays([])).shape == (0, 24)
    assert MotionFeatures().transform([]).shape == (0, 24)


def test_reported_values_stand_where_there_is_no_signal():
    raw = np.float32([0.2, 0.4])
    events = event_table(
        {"duration": 7.0, "energy": 0.5},
        {"duration": 7.0, "energy": 0.5, "raw": raw, "sample_rate": 4.0},
        {"duration": 7.0, "energy": 0.5, "raw": np.float32([NAN, NAN])},
        {},
    )
    features = MotionFeatures().fit_transform(events)
    np.testing.assert_allclose(features[:, 0], [7, 0.5, 0.2, NAN])
    np.testing.assert_allclose(features[:, 1], [0.5, np.sqrt(0.1), 0.5, NAN], rtol=1e-6)
    assert np.isnan(features[[0, 2, 3], 2:]).all()
    assert not np.isnan(features[1]).any()


def test_all_kinds_of_input_are_one():
    rng = np.random.default_rng(0)
    array = rng.random((5, 40), dtype=np.float32)
    events = event_table(*({"raw": row} for row in array))
    expected = MotionFeatures().fit_transform(array)
    for same in (list(array), tuple(map(list, array)), Signals.from_arrays(array), events):
        np.testing.assert_array_equal(MotionFeatures().fit_transform(same), expected)


def test_a_row_depends_on_its_own_signal_alone_beyond_one_block():
    rng = np.random.default_rng(0)
    lengths = np.append(rng.integers(1, 300, 1_500), [6_000, 5_000])
    values = rng.random(lengths.sum(), dtype=np.float32)
    values[rng.random(len(values)) < 0.001] = NAN
    rates = rng.choice(np.float32([10, 10, 10, 7]), len(lengths))
    signals = Signals(values, np.append(0, np.cumsum(lengths)), rates)
    together = MotionFeatures().fit_transform(signals)
    order = rng.permutation(len(signals))
    np.testing.assert_array_equal(MotionFeatures().fit_transform(signals[order]), together[order])
    for row in (0, 1, 700, 1_500, 1_501):
        alone = MotionFeatures().fit_transform(signals[[row]])
        np.testing.assert_array_equal(alone, together[[row]])


def test_output_can_be_a_data_frame_with_the_index_of_the_events():
    events = event_table(*({"raw": np.float32([0.1, value])} for value in (0.2, 0.3, 0.4)))
    some = events.iloc[::2]
    features = MotionFeatures().set_output(transform="pandas").fit_transform(some)
    assert tuple(features.columns) == NAMES
    assert features.index.equals(some.index)
    assert (features.dtypes == np.float32).all()


def test_follows_the_conventions_of_transformers():
    events = event_table({"raw": np.float32([0.1, 0.4])}, {"duration": 3.0})
    transformer = MotionFeatures()
    assert clone(transformer).get_params() == {"channels": None}
    before = events.copy()
    assert transformer.fit(events) is transformer
    state = dict(vars(transformer))
    transformer.transform(events)
    assert vars(transformer).keys() == state.keys()
    pd.testing.assert_frame_equal(events, before)
    assert tuple(transformer.get_feature_names_out()) == NAMES
    assert list(transformer.feature_names_in_) == ["duration", "energy", "raw", "sample_rate"]
    assert transformer.n_features_in_ == 4


def test_works_in_a_pipeline_under_cross_validation():
    rng = np.random.default_rng(0)
    hertz = np.repeat([0.7, 2.0], 20)
    signals = [
        0.5 + 0.3 * np.sin(2 * np.pi * (f * SECONDS[: rng.integers(50, 200)] + rng.random()))
        for f in hertz
    ]
    model = make_pipeline(MotionFeatures(), RandomForestClassifier(20, random_state=0))
    table = Signals.from_arrays(signals)
    assert cross_val_score(model, table, hertz > 1, cv=4).min() == 1


def test_what_is_no_signal_is_refused():
    with pytest.raises(InvalidEventError, match=r"Missing: raw\."):
        MotionFeatures().transform(event_table({}).drop(columns="raw"))
    with pytest.raises(InvalidEventError, match="Got str instead"):
        MotionFeatures().fit("signals.npz")
    with pytest.raises(InvalidEventError, match=r"intensities from 0.*Got -0\.5"):
        MotionFeatures().transform([np.float32([0.1, -0.5])])


def test_a_sample_rate_near_zero_is_taken():
    table = Signals.from_arrays([[0.5, 0.25]], sample_rate=1e-30)
    assert np.isfinite(MotionFeatures().fit_transform(table)[0, 1])
