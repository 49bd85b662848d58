import numpy as np
import pytest
from sklearn.base import clone

from novin_ml.estimators.rules import DeliveryRules, ends_package_delivery, is_package_drop
from novin_ml.events.synthetic import simulate_deliveries
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import attach_context
from tests.features.builders import at, event_table

NAN = np.nan


@pytest.mark.parametrize(
    ("duration", "energy", "variance", "expected"),
    [
        (6.0, 0.3, 0.02, True),
        (9.99, 0.399, 0.0999, True),
        (10.0, 0.3, 0.02, False),
        (6.0, 0.4, 0.02, False),
        (6.0, 0.3, 0.1, False),
        (1.9, 0.09, 0.02, False),  # stationary comes first
        (1.9, 0.1, 0.02, True),
        (2.0, 0.09, 0.02, True),
        (4.99, 0.299, NAN, True),  # without raw signal
        (1.0, 0.05, NAN, True),
        (5.0, 0.2, NAN, False),
        (4.0, 0.3, NAN, False),
        (NAN, 0.3, 0.02, False),
        (6.0, NAN, 0.02, False),
        (NAN, NAN, NAN, False),
    ],
)
def test_package_drop(duration, energy, variance, expected):
    columns = (np.array([value]) for value in (duration, energy, variance))
    assert is_package_drop(*columns).tolist() == [expected]


@pytest.mark.parametrize(
    ("gap", "silence", "expected"),
    [
        (2.0, 20.0, True),
        (30.0, 20.0, True),
        (1.99, 20.0, False),
        (30.01, 20.0, False),
        (8.0, 19.9, False),
        (8.0, 60.0, True),
        (NAN, 20.0, False),
    ],
)
def test_chain_rule(gap, silence, expected):
    assert ends_package_delivery(np.array([gap]), np.array([silence])).tolist() == [expected]


def predict(*rows):
    events = event_table(*rows)
    return (DeliveryRules().fit(events).predict(events) == "delivery").tolist()


DROP = {"duration": 4.0, "energy": 0.2}
LONG = {"duration": 25.0, "energy": 0.6}


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("Front Door Camera", True),
        ("porch", True),
        ("driveway", True),
        ("garage", False),
        ("lawn", False),
        ("kitchen", False),
        ("street", False),
        (None, False),
    ],
)
def test_package_drop_counts_at_entry_and_outdoor_zones(location, expected):
    assert predict({"location": location, **DROP}) == [expected]


def test_only_motion_is_a_delivery():
    assert predict({"type": "door", "location": "porch", **DROP}) == [False]


def test_signal_stands_in_for_missing_metadata():
    raw = np.full(40, 0.2, dtype=np.float32)
    assert predict({"location": "porch", "raw": raw}) == [True]
    assert predict({"location": "porch", "raw": raw, "energy": 0.9}) == [False]


def test_chain_decides_whatever_the_motion_was():
    doorbell = at(0, type="doorbell", location="garage")
    assert predict(*doorbell, *at(8, location="garage", **LONG)) == [False, True]
    assert predict(*doorbell, *at(31, location="garage", **LONG)) == [False, False]
    assert predict(*doorbell, *at(8, location="lawn", **LONG)) == [False, False]
    chain = (*doorbell, *at(8, 20, location="garage", **LONG))
    assert predict(*chain) == [False, False, False]


def test_rows_may_be_split_once_the_context_is_attached():
    events = attach_context(simulate_deliveries(300, random_state=0))
    rules = DeliveryRules().fit(events)
    expected = rules.predict(events.drop(columns=events.columns[-5:]))
    rows = np.random.default_rng(0).permutation(len(events))[:60]
    np.testing.assert_array_equal(rules.predict(events.iloc[rows]), expected[rows])
    assert set(expected) == {"delivery", "no_delivery"}


def test_conventions():
    events = simulate_deliveries(30, random_state=0)
    rules = clone(DeliveryRules())
    assert rules.fit(events, events["label"]) is rules
    assert rules.classes_.tolist() == ["delivery", "no_delivery"]
    with pytest.raises(InvalidEventError, match="Missing: raw"):
        rules.predict(events.drop(columns="raw"))
