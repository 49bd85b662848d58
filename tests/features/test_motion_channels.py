"""Motion features of several channels: each is computed as one signal is, once scaled."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_predict

from novin_ml import export_coreml, verify_coreml
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.estimators import make_motion_pipeline
from novin_ml.events import ChannelSignals
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import MOTION_FEATURES, MotionFeatures
from novin_ml.lifecycle import load_estimator, save_estimator
from tests.features.motion_reference import SPECTRAL, reference

NAN = np.nan
NAMES = ("acc_x", "acc_y", "acc_z", "light")
SERIES = (*NAMES, "acc_magnitude")


def some_signals(n=24, seed=0, unit=1.0):
    """Signals of all lengths and rates, some with gaps, one without a sample of light, one none."""
    rng = np.random.default_rng(seed)
    arrays = []
    for number in range(n):
        length = int(rng.choice([1, 2, 7, 31, 64, 65, 300]))
        beat = np.sin(rng.uniform(0.1, 3) * np.arange(length))
        array = unit * (rng.normal(3, 2, (4, 1)) + beat * 5 + rng.normal(size=(4, length)))
        array[rng.random(array.shape) < 0.3 * (number % 3 == 0)] = NAN
        arrays.append(array)
    arrays[3][3] = NAN
    arrays[5] = None
    return ChannelSignals.from_arrays(arrays, NAMES, rng.choice([10, 4, 12.5, 50], n))


def scaled(series, center, scale):
    """As a phone scales: one sample after the other, in float64, then float32."""
    center, scale = float(center), float(scale)
    values = (max(-1e4, min(1e4, (float(x) - center) / scale)) for x in series)
    return [
        np.float32(NAN) if x != x else np.float32(y) for x, y in zip(series, values, strict=True)
    ]


def test_every_column_equals_the_plain_loop_of_its_series():
    signals = some_signals()
    features = MotionFeatures(channels=NAMES).set_output(transform="pandas")
    table = features.fit_transform(signals)
    assert list(table) == [spec.name for spec in features.feature_specs]
    assert (table.dtypes == np.float32).all()
    for row, rate in enumerate(signals.sample_rate):
        series = {name: signals[row][place] for place, name in enumerate(NAMES)}
        squares = [[float(x) * float(x) for x in signals[row][place]] for place in range(3)]
        series["acc_magnitude"] = [
            np.float32(math.sqrt(a + b + c)) for a, b, c in zip(*squares, strict=True)
        ]
        for place, name in enumerate(SERIES):
            own = scaled(series[name], features.center_[place], features.scale_[place])
            expected = reference(own, rate, scaled=True)
            np.testing.assert_array_equal(table["duration"].iloc[row], expected["duration"])
            for spec in MOTION_FEATURES[1:]:
                got = table[f"{name}_{spec.name}"].iloc[row]
                if spec.name in SPECTRAL:
                    assert got == pytest.approx(expected[spec.name], abs=1e-6, nan_ok=True)
                else:
                    np.testing.assert_array_equal(got, expected[spec.name], err_msg=spec.name)


def test_values_are_in_the_ranges_of_the_specs():
    features = MotionFeatures(channels=NAMES)
    table = features.fit_transform(some_signals(200, seed=1))
    for spec, column in zip(features.feature_specs, table.T, strict=True):
        known = column[~np.isnan(column)]
        assert known.min() >= spec.low, spec.name
        assert known.max() <= spec.high, spec.name


def test_the_scale_is_that_of_the_rows_that_fit_was_given():
    signals = some_signals()
    features = MotionFeatures(channels=NAMES).fit(signals)
    for place, name in enumerate(NAMES):
        valid = signals.channel(name).values.astype(np.float64)
        valid = valid[~np.isnan(valid)]
        assert features.center_[place] == np.float32(valid.mean())
        assert features.scale_[place] == np.float32(valid.std())
    magnitude = np.sqrt(np.square(signals.values[:3].astype(np.float64)).sum(axis=0))
    assert features.center_[4] == pytest.approx(np.nanmean(magnitude))
    assert features.scale_[4] == pytest.approx(np.nanstd(magnitude))


@pytest.mark.parametrize("unit", [2.0**-10, 2.0**20])
def test_the_unit_of_a_channel_does_not_matter(unit):
    """In powers of two it is exact."""
    left, right = some_signals(), some_signals(unit=unit)
    np.testing.assert_array_equal(
        MotionFeatures(channels=NAMES).fit_transform(left),
        MotionFeatures(channels=NAMES).fit_transform(right),
    )


@given(st.permutations(range(24)))
def test_a_row_depends_on_its_own_signal_alone(order):
    signals = some_signals()
    features = MotionFeatures(channels=NAMES).fit(signals)
    np.testing.assert_array_equal(
        features.transform(signals[order[:5]]), features.transform(signals)[order[:5]]
    )


def test_channels_are_found_by_their_names():
    signals = some_signals()
    features = MotionFeatures(channels=NAMES).fit(signals)
    more = ChannelSignals(
        np.vstack([signals.values[::-1], signals.values[:1]]),
        signals.offsets,
        signals.table,
        (*NAMES[::-1], "other"),
    )
    np.testing.assert_array_equal(features.transform(more), features.transform(signals))


def test_groups_are_named_or_found():
    def series(channels):
        specs = MotionFeatures(channels=channels).feature_specs
        return [spec.name.removesuffix("_mean") for spec in specs if spec.name.endswith("_mean")]

    assert series(["a_x", "a_y", "b_z", "x", "c_w"]) == [
        *("a_x", "a_y", "b_z", "x", "c_w", "a_magnitude")
    ]
    assert series({"wrist": ["u", "v"], "light": ["w"]}) == ["u", "v", "w", "wrist_magnitude"]


def test_a_constant_channel_and_what_lies_far_off():
    X = np.ones((2, 3, 20))
    features = MotionFeatures(channels=["a", "b", "c"]).fit(X)
    assert features.scale_.tolist() == [1, 1, 1]
    far = features.transform(X * 1e30)
    assert np.isfinite(far).all()
    assert features.transform(X).max() <= 20


def test_intensities_have_their_columns_as_ever():
    signals = [np.float32([0.1, 0.5])]
    assert MotionFeatures().get_params() == {"channels": None}
    assert MotionFeatures().fit_transform(signals).shape == (1, 24)
    assert MotionFeatures().feature_specs == MOTION_FEATURES


SIGNALS = some_signals()
REFUSED = {
    "an unknown channel": (lambda: fitted().transform(SIGNALS.of(NAMES[:2])), r"Missing: acc_z"),
    "another number": (
        lambda: fitted().transform(np.zeros((1, 3, 5))),
        r"Each signal must have 4 channels\. Got one of 3",
    ),
    "one signal": (lambda: fitted().transform(np.zeros((2, 5))), r"2-d array of numbers"),
    "no table": (lambda: fitted().transform("x.npz"), r"signals of several channels\. Got a str"),
    "no channels": (lambda: MotionFeatures().fit(SIGNALS), r"Pass channels=\[\.\.\.\]"),
    "an array of channels": (lambda: MotionFeatures().fit(np.zeros((1, 2, 3))), r"Pass channels="),
    "nothing of a channel": (
        lambda: fitted().fit(SIGNALS[[3]]),
        r"must have samples of 'light', to learn its scale\. Got none",
    ),
    "a name twice": (lambda: fitted(["a", "a"]), r"Got 2 channels 'a'"),
    "a group's name": (lambda: fitted({"a b": ["u", "v"]}), r"groups of channels .* Got 'a b'"),
    "a magnitude's name": (
        lambda: fitted(["a_x", "a_y", "a_magnitude"]),
        r"no magnitude has the name of a channel\. Got 'a_magnitude'",
    ),
    "no consent": (
        lambda: MotionFeatures(NAMES).fit(SIGNALS.assign(consent=[False] * 24), [1] * 24),
        r"trained on signals whose 'consent' is true\. Got 24 of 24 without",
    ),
}


def fitted(channels=NAMES):
    return MotionFeatures(channels=channels).fit(SIGNALS)


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case):
    call, sentence = REFUSED[case]
    with pytest.raises(InvalidEventError, match=sentence):
        call()


def test_channels_of_another_type_are_refused():
    with pytest.raises(ValueError, match=r"'channels' parameter of MotionFeatures must be"):
        MotionFeatures(channels=3).fit(SIGNALS)
    with pytest.raises(NotFittedError):
        clone(fitted()).transform(SIGNALS)


@pytest.fixture(scope="module", name="model")
def trained():
    signals, labels = labelled()
    return make_motion_pipeline(NAMES, epochs=10, random_state=0).fit(signals, labels)


def labelled():
    rng = np.random.default_rng(0)
    labels = np.repeat(["slow", "quick"], 30)
    beat = np.array([[0.3, 2.0][label == "quick"] for label in labels])
    waves = np.sin(beat[:, None, None] * np.arange(60) + rng.uniform(0, 6, (60, 4, 1)))
    signals = 9.81 + 3 * waves + rng.normal(size=(60, 4, 60))
    return ChannelSignals.from_arrays(signals, NAMES), labels


def test_a_pipeline_under_cross_validation_learns_its_scale_in_each_fold(model):
    signals, labels = labelled()
    answers = cross_val_predict(clone(model), signals, labels, cv=3)
    assert (answers == labels).mean() > 0.95


@pytest.mark.parametrize("channels", [NAMES, {"acc": NAMES[:2], "others": NAMES[2:]}])
def test_saved_and_loaded_it_answers_the_same(channels, tmp_path):
    signals, labels = labelled()
    model = make_motion_pipeline(channels, epochs=3, random_state=0).fit(signals, labels)
    loaded = load_estimator(save_estimator(model, tmp_path / "model.novin"))
    np.testing.assert_array_equal(loaded.predict_proba(signals), model.predict_proba(signals))
    np.testing.assert_array_equal(loaded[0].scale_, model[0].scale_)
    assert loaded[0].feature_specs == model[0].feature_specs


def test_the_exported_model_tells_channels_and_scales(model, tmp_path):
    export = export_coreml(model, tmp_path / "watch.mlmodel")
    verify_coreml(export.model)
    entries = CoreMLRuntime(export.model).metadata["user_defined"]
    document = json.loads(entries["novin_ml.feature_channels"])
    assert document["channels"] == list(NAMES)
    assert document["groups"] == [["acc", list(NAMES[:3])]]
    assert np.array_equal(np.float32(document["center"]), model[0].center_)
    assert np.array_equal(np.float32(document["scale"]), model[0].scale_)
