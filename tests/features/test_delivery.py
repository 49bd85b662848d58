import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from novin_ml.events import ZONES
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import DELIVERY_FEATURES, DeliveryFeatures, attach_context
from novin_ml.simulation import simulate_deliveries
from tests.features.builders import at, event_table

NAMES = [spec.name for spec in DELIVERY_FEATURES]
MONDAY = 1_735_516_800.0  # 30 December 2024, 00:00 UTC


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(400, n_homes=8, random_state=0)


def features_of(events, **parameters):
    return DeliveryFeatures(**parameters).set_output(transform="pandas").fit_transform(events)


def test_shape_dtype_and_ranges(events):
    features = DeliveryFeatures().fit_transform(events)
    assert features.shape == (len(events), 16)
    assert features.dtype == np.float32
    for spec, column in zip(DELIVERY_FEATURES, features.T, strict=True):
        known = column[~np.isnan(column)]
        assert known.min() >= spec.low, spec.name
        assert known.max() <= spec.high, spec.name


@pytest.mark.parametrize(
    ("hours", "offset", "day_phase", "week_phase"),
    [
        (0, 0, 0, 0),
        (6, 0, 0.25, 6 / 168),
        (6, 6 * 3600, 0.5, 12 / 168),
        (0, -6 * 3600, 0.75, 162 / 168),
        (24 * 6 + 12, 0, 0.5, 156 / 168),
    ],
)
def test_time_is_that_of_the_home(hours, offset, day_phase, week_phase):
    row = features_of(event_table(*at(MONDAY + hours * 3600), utc_offset=offset)).iloc[0]
    for name, phase in (("hour", day_phase), ("weekday", week_phase)):
        assert row[f"{name}_sin"] == pytest.approx(np.sin(2 * np.pi * phase), abs=1e-6)
        assert row[f"{name}_cos"] == pytest.approx(np.cos(2 * np.pi * phase), abs=1e-6)


def test_reported_values_come_before_those_of_the_signal():
    raw = np.array([0.2, 0.4], dtype=np.float32)
    events = event_table(
        {"duration": 7.0, "energy": 0.5, "raw": raw},
        {"raw": raw, "sample_rate": 4.0},
        {"duration": 7.0, "energy": 0.5},
    )
    features = features_of(events)
    np.testing.assert_allclose(features["duration"], [7, 0.5, 7])
    np.testing.assert_allclose(features["energy"], [0.5, np.sqrt(0.1), 0.5], rtol=1e-6)
    np.testing.assert_allclose(features["peak"], [0.4, 0.4, np.nan], rtol=1e-6)
    np.testing.assert_allclose(features["variance"], [0.01, 0.01, np.nan], rtol=1e-5)


def test_missing_metadata_is_nan_and_an_unheard_doorbell_is_not():
    row = features_of(event_table(*at(MONDAY))).iloc[0]
    missing = {"duration", "energy", "peak", "variance", "zone_kind", "home_mode", "confidence"}
    assert set(row.index[row.isna()]) == missing
    assert row["zone_risk"] == np.float32(ZONES["unknown"].risk)
    assert row["seconds_since_doorbell"] == row["seconds_since_vehicle"] == 60
    assert row["silence_after"] == 20
    assert row["events_in_window"] == 1


def test_codes_are_in_the_documented_order():
    places = ["street", "porch", "lawn", "garage", "front", "hallway", "kitchen"]
    rows = [{"location": place} for place in places]
    assert features_of(event_table(*rows))["zone_kind"].tolist() == [0, 1, 2, 3, 4, 5, 6]
    modes = [{"home_mode": mode} for mode in ("home", "night", "away", "vacation")]
    assert features_of(event_table(*modes))["home_mode"].tolist() == [0, 1, 2, 3]


def test_codes_do_not_depend_on_the_order_of_categories(events):
    other = events.copy()
    for name in ("zone", "home_mode", "kind"):
        other[name] = events[name].cat.set_categories(events[name].cat.categories[::-1])
    as_objects = events.astype({"zone": object, "home_mode": object, "kind": object})
    expected = features_of(events)
    pd.testing.assert_frame_equal(features_of(other), expected)
    pd.testing.assert_frame_equal(features_of(as_objects), expected)


def test_attached_context_is_used(events):
    attached = attach_context(events)
    expected = DeliveryFeatures().fit_transform(events)
    rows = np.random.default_rng(0).permutation(len(events))[:50]
    np.testing.assert_array_equal(
        DeliveryFeatures().fit_transform(attached.iloc[rows]), expected[rows]
    )


def test_attached_context_of_another_window_or_silence_is_refused(events):
    attached = attach_context(events, window=30, silence=0.1)
    expected = DeliveryFeatures(window=30, silence=0.1).fit_transform(events)
    transformer = DeliveryFeatures(window=30, silence=0.1)
    np.testing.assert_array_equal(transformer.fit_transform(attached), expected)
    with pytest.raises(ValueError, match=r"'window' parameter must .* 30 s.*Got 60 s"):
        DeliveryFeatures(silence=0.1).transform(attached)
    with pytest.raises(ValueError, match=r"'silence' parameter must .* 0.1 s.*Got 20 s"):
        DeliveryFeatures(window=30).transform(attached)
    with pytest.raises(ValueError, match="'silence' parameter"):
        transformer.transform(pd.concat([attached, attach_context(events, window=30)]))


def test_window_and_silence_are_used():
    events = event_table(*at(0, type="doorbell"), *at(40, 45))
    assert features_of(events)["seconds_since_doorbell"].tolist() == [0, 40, 45]
    features = features_of(events, window=30, silence=3)
    assert features["seconds_since_doorbell"].tolist() == [0, 30, 30]
    assert features["silence_after"].tolist() == [3, 3, 3]
    assert features["events_in_window"].tolist() == [1, 1, 2]


def test_output_can_be_a_data_frame_with_the_index_of_the_events(events):
    some = events.iloc[5:50:3]
    features = features_of(some)
    assert list(features.columns) == NAMES
    assert features.index.equals(some.index)
    assert (features.dtypes == np.float32).all()


def test_follows_the_conventions_of_transformers(events):
    transformer = DeliveryFeatures(window=30)
    assert transformer.get_params() == {"window": 30, "silence": 20.0}
    assert clone(transformer).window == 30
    before = events.copy()
    assert transformer.fit(events) is transformer
    state = dict(vars(transformer))
    transformer.transform(events)
    assert vars(transformer).keys() == state.keys()
    pd.testing.assert_frame_equal(events, before)
    assert list(transformer.get_feature_names_out()) == NAMES
    assert transformer.n_features_in_ == len(transformer.feature_names_in_)
    assert set(transformer.feature_names_in_) <= set(events.columns)


def test_nothing_is_learnt_so_fitting_is_optional(events):
    np.testing.assert_array_equal(
        DeliveryFeatures().transform(events), DeliveryFeatures().fit(events[:3]).transform(events)
    )


def test_works_in_a_pipeline(events):
    attached = attach_context(events)
    labelled = attached[attached["label"].notna() & attached["consent"]]
    model = make_pipeline(
        DeliveryFeatures(), SimpleImputer(), LogisticRegression(solver="newton-cholesky")
    )
    model.fit(labelled, labelled["label"])
    assert model.score(labelled, labelled["clean_label"]) > 0.8
    assert list(model[:1].get_feature_names_out()) == NAMES


@pytest.mark.parametrize("parameter", ["window", "silence"])
@pytest.mark.parametrize("value", [0, -3.0, "long", None])
def test_parameters_are_checked_at_fit(events, parameter, value):
    with pytest.raises(ValueError, match=f"The '{parameter}' parameter of DeliveryFeatures must"):
        DeliveryFeatures(**{parameter: value}).fit(events)


def test_missing_columns_are_named_in_one_error(events):
    with pytest.raises(InvalidEventError, match=r"Missing: zone, raw\."):
        DeliveryFeatures().transform(events.drop(columns=["raw", "zone"]))
    with pytest.raises(InvalidEventError, match="Got ndarray instead"):
        DeliveryFeatures().fit(np.zeros((2, 3)))


def test_no_events(events):
    assert DeliveryFeatures().fit_transform(events.iloc[:0]).shape == (0, 16)
