import dataclasses
import math

import pytest

from novin_ml.features import DELIVERY_FEATURES, DeliveryFeatures, FeatureSpec
from novin_ml.features.spec import specs_for


def test_spec_is_frozen_and_comparable():
    spec = FeatureSpec("duration", "s", 0.0, math.inf, "length")
    assert spec == FeatureSpec("duration", "s", 0.0, math.inf, "length")
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.name = "other"


@pytest.mark.parametrize("name", ["", "two words", "1st", "größe"])
def test_name_must_be_an_ascii_identifier(name):
    with pytest.raises(ValueError, match="must be an ASCII identifier"):
        FeatureSpec(name, "1", 0.0, 1.0, "")


@pytest.mark.parametrize(("low", "high"), [(1.0, 0.0), (math.nan, 1.0)])
def test_range_must_hold_something(low, high):
    with pytest.raises(ValueError, match="low <= high"):
        FeatureSpec("x", "1", low, high, "")


def test_delivery_features_are_sixteen_described_columns():
    names = [spec.name for spec in DELIVERY_FEATURES]
    assert len(set(names)) == len(names) == 16
    assert all(spec.meaning and spec.unit for spec in DELIVERY_FEATURES)
    assert DeliveryFeatures().feature_specs == DELIVERY_FEATURES


def test_specs_follow_the_parameters():
    specs = {spec.name: spec for spec in DeliveryFeatures(window=30, silence=5).feature_specs}
    assert specs["seconds_since_doorbell"].high == 30
    assert specs["silence_after"].high == 5
    assert "30 s" in specs["seconds_since_doorbell"].meaning


def test_specs_for_prefers_the_known_and_keeps_names_apart():
    known = FeatureSpec("age", "years", 0.0, 150.0, "age")
    specs = specs_for(["age", "a b", "a-b"], [known])
    assert specs[0] is known
    assert len({spec.name for spec in specs}) == 3
