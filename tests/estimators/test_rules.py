import numpy as np
import pytest
from sklearn.base import clone

from novin_ml.estimators.rules import (
    DeliveryRules,
    MotionRules,
    ends_package_delivery,
    motion_activity,
)
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import attach_context
from novin_ml.features.context import CONTEXT_COLUMNS
from novin_ml.simulation import simulate_deliveries, simulate_motions
from tests.features.builders import at, event_table

NAN = np.nan
SIX = ("loitering", "package_drop", "pet", "running", "vehicle", "walking")


def below(value):
    return np.nextafter(np.float32(value), np.float32(-np.inf))


def above(value):
    return np.nextafter(np.float32(value), np.float32(np.inf))


def activity(duration, energy, peak, variance):
    columns = (np.array([value], np.float32) for value in (duration, energy, peak, variance))
    return motion_activity(*columns).item()


# At each threshold: one unit in the last place below, the threshold itself, one above.
WITH_RAW = [
    # what changes, at, the others (duration, energy, peak, variance), answers
    ("energy", 0.1, (1.0, ..., 0.3, 0.2), ["stationary", "pet", "pet"]),
    ("duration", 2.0, (..., 0.05, 0.3, 0.2), ["stationary", "pet", "pet"]),
    ("duration", 10.0, (..., 0.35, 0.7, 0.02), ["package_drop", "walking", "walking"]),
    ("energy", 0.4, (6.0, ..., 0.7, 0.02), ["package_drop", "walking", "walking"]),
    ("variance", 0.1, (6.0, 0.35, 0.7, ...), ["package_drop", "walking", "walking"]),
    ("duration", 15.0, (..., 0.45, 0.7, 0.2), ["pet", "walking", "walking"]),
    ("energy", 0.5, (12.0, ..., 0.7, 0.2), ["pet", "walking", "walking"]),
    ("variance", 0.15, (12.0, 0.45, 0.7, ...), ["walking", "walking", "pet"]),
    ("duration", 30.0, (..., 0.5, 0.7, 0.02), ["walking", "walking", "loitering"]),
    ("energy", 0.3, (40.0, ..., 0.7, 0.02), ["unknown", "unknown", "loitering"]),
    ("energy", 0.6, (40.0, ..., 0.7, 0.02), ["loitering", "walking", "walking"]),
    ("variance", 0.12, (40.0, 0.5, 0.7, ...), ["loitering", "walking", "walking"]),
    ("energy", 0.7, (20.0, ..., 0.75, 0.02), ["walking", "unknown", "running"]),
    ("peak", 0.8, (20.0, 0.5, ..., 0.02), ["walking", "walking", "running"]),
    ("energy", 0.3, (20.0, ..., 0.7, 0.02), ["unknown", "unknown", "walking"]),
    ("duration", 5.0, (..., 0.45, 0.7, 0.02), ["unknown", "unknown", "walking"]),
    # The rule for vehicles is never reached.
    ("energy", 0.85, (20.0, ..., 0.9, 0.02), ["running"] * 3),
    ("duration", 5.0, (..., 0.9, 0.9, 0.02), ["running"] * 3),
]
WITHOUT_RAW = [
    ("duration", 5.0, (..., 0.2, NAN, NAN), ["package_drop", "walking", "walking"]),
    ("energy", 0.3, (3.0, ..., NAN, NAN), ["package_drop", "walking", "walking"]),
    ("duration", 30.0, (..., 0.4, NAN, NAN), ["walking", "walking", "loitering"]),
    ("energy", 0.5, (40.0, ..., NAN, NAN), ["loitering", "walking", "walking"]),
    ("energy", 0.7, (20.0, ..., NAN, NAN), ["walking", "walking", "running"]),
]


@pytest.mark.parametrize(("name", "threshold", "others", "answers"), WITH_RAW + WITHOUT_RAW)
def test_motion_rules_at_each_threshold(name, threshold, others, answers):
    assert others[("duration", "energy", "peak", "variance").index(name)] is ...
    values = (below(threshold), threshold, above(threshold))
    assert [activity(*(v if o is ... else o for o in others)) for v in values] == answers


@pytest.mark.parametrize(
    ("motion", "answer"),
    [
        ((1.0, 0.05, 0.3, 0.02), "stationary"),  # before package_drop
        ((1.0, 0.05, NAN, NAN), "package_drop"),  # without raw nothing is stationary
        ((40.0, 0.5, 0.9, 0.02), "loitering"),  # before running
        ((6.0, 0.3, 0.9, 0.02), "package_drop"),
        ((4.0, 0.45, 0.7, 0.02), "unknown"),
        ((NAN, 0.3, 0.2, 0.02), "unknown"),
        ((6.0, NAN, 0.9, 0.02), "running"),
        ((6.0, NAN, NAN, NAN), "walking"),
        ((NAN, 0.9, NAN, NAN), "running"),
        ((NAN, NAN, NAN, NAN), "unknown"),
    ],
)
def test_first_motion_rule_wins(motion, answer):
    assert activity(*motion) == answer


def test_vehicle_is_never_the_answer():
    rng = np.random.default_rng(0)
    columns = rng.random((4, 50_000)) * [[60], [1], [1], [0.25]]
    assert set(motion_activity(*columns)) == set(MotionRules().fit(event_table({})).classes_) - {
        "vehicle"
    }


def test_motion_rules_take_from_the_signal_what_was_not_reported():
    raw = np.full(40, 0.2, dtype=np.float32)
    events = event_table(
        {"raw": raw},
        {"raw": raw, "energy": 0.9},
        {"raw": raw, "sample_rate": 2.0},
        {"raw": np.full(40, NAN, dtype=np.float32), "energy": 0.9},
        {"duration": 40.0, "energy": 0.2},
        {"type": "doorbell"},
    )
    expected = ["package_drop", "running", "unknown", "running", "loitering", "unknown"]
    rules = MotionRules().fit(events)
    assert rules.predict(events).tolist() == expected
    assert rules.predict(events.iloc[[4, 1]]).tolist() == ["loitering", "running"]
    assert rules.predict(events.iloc[:0]).tolist() == []


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
    expected = rules.predict(events.drop(columns=list(CONTEXT_COLUMNS)))
    rows = np.random.default_rng(0).permutation(len(events))[:60]
    np.testing.assert_array_equal(rules.predict(events.iloc[rows]), expected[rows])
    assert set(expected) == {"delivery", "no_delivery"}
    longer = attach_context(events, window=5, silence=90)
    np.testing.assert_array_equal(rules.predict(longer), expected)
    with pytest.raises(ValueError, match=r"silence of at least 20 s. Got 19 s"):
        rules.predict(attach_context(events, silence=19))


def test_conventions():
    events = simulate_deliveries(30, random_state=0)
    rules = clone(DeliveryRules())
    assert rules.fit(events, events["label"]) is rules
    assert rules.classes_.tolist() == ["delivery", "no_delivery"]
    with pytest.raises(InvalidEventError, match="Missing: raw"):
        rules.predict(events.drop(columns="raw"))


def test_conventions_of_motion_rules():
    events = simulate_motions(30, random_state=0)
    rules = clone(MotionRules())
    assert rules.fit(events, events["label"]) is rules
    assert rules.classes_.tolist() == sorted([*SIX, "stationary", "unknown"])
    assert set(rules.predict(events)) <= set(rules.classes_)
    with pytest.raises(InvalidEventError, match="Missing: energy"):
        rules.predict(events.drop(columns="energy"))
