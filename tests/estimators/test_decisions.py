"""Decisions are comparisons in float32, kept beside the model and changed without another fit."""

import json

import numpy as np
import pytest
from sklearn.base import clone

from novin_ml.estimators.decisions import (
    Abstention,
    AlarmThreshold,
    Decisions,
    alarm_codes,
)
from tests.estimators.tables import ALGORITHMS, classifier, table


def ulp(x, steps):
    x = np.float32(x)
    for _ in range(abs(steps)):
        x = np.nextafter(x, np.float32(np.inf if steps > 0 else -np.inf))
    return x


@pytest.fixture(params=ALGORITHMS, scope="module")
def model(request):
    return classifier(request.param).fit(*table(n_classes=3))


X = table(200, seed=1)[0]


def test_a_fitted_classifier_decides_nothing_yet(model):
    model = clone(model).fit(*table(n_classes=3))
    assert model.decisions_ == Decisions()
    assert not model.decisions_
    with pytest.raises(ValueError, match="must have thresholds to tell alarms"):
        model.alarms(X)
    for method in (model.predict_set, model.abstains):
        with pytest.raises(ValueError, match="must have a cut"):
            method(X)


def test_an_alarm_is_the_most_probable_label_that_reaches_its_threshold(model):
    model.set_thresholds({0: 0.3, 2: 0.6})
    expected = []
    for row in model.predict_proba(X):
        reached = [k for k, least in [(0, 0.3), (2, 0.6)] if row[k] >= np.float32(least)]
        expected.append(max(reached, key=lambda k: (row[k], -k)) if reached else None)
    answers = model.alarms(X)
    assert answers.tolist() == expected
    assert {*expected} == {0, 2, None}
    assert 1 not in answers


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_threshold_at_a_probability_is_reached_and_one_ulp_above_is_not(model, steps):
    p = model.predict_proba(X)[:, 2]
    row = int(np.argsort(p)[len(p) // 2])
    model.set_thresholds({2: ulp(p[row], steps)})
    assert (model.alarms(X)[row] == 2) is (steps <= 0)
    assert np.sum(model.alarms(X) == 2) == np.sum(p >= ulp(p[row], steps))


def test_equally_probable_labels_are_the_first():
    p = np.array([[0.4, 0.2, 0.4], [0.2, 0.4, 0.4], [0.1, 0.1, 0.8]], dtype=np.float32)
    never = np.float32(np.inf)
    np.testing.assert_array_equal(alarm_codes(p, np.float32([0.3, 0.3, 0.3])), [0, 1, 2])
    np.testing.assert_array_equal(alarm_codes(p, np.float32([never, 0.5, 0.3])), [2, 2, 2])
    np.testing.assert_array_equal(alarm_codes(p, np.float32([never, 0.3, 0.9])), [-1, 1, -1])


def test_predict_stays_the_most_probable_label(model):
    before = model.predict(X)
    model.set_thresholds({0: 0.01}).set_abstention(Abstention(0.1, 0.2, 0.9, 100))
    np.testing.assert_array_equal(model.predict(X), before)


def test_thresholds_change_without_another_fit_and_fit_forgets_them():
    X, y = table()
    model = classifier().fit(X, y)
    before = model.predict_proba(X)
    few = np.sum(model.set_thresholds({1: 0.9}).alarms(X) == 1)
    many = np.sum(model.set_thresholds({1: 0.2}).alarms(X) == 1)
    assert 0 < few < many
    np.testing.assert_array_equal(model.predict_proba(X), before)
    assert (model.set_thresholds({1: ulp(1, 1)}).alarms(X) == None).all()  # noqa: E711
    assert not model.set_thresholds({}).decisions_
    model.set_thresholds({1: 0.5}).set_abstention(Abstention(0.1, 0.2, 0.9, 100))
    assert not model.fit(X, y).decisions_


def test_sets_and_abstention_are_one_comparison_each(model):
    p = model.predict_proba(X)
    for cut in (np.float32(0), np.float32(0.2), p[3, 1], ulp(p[3, 1], 1)):
        model.set_abstention(Abstention(0.1, cut, np.float32(0.85), 100))
        np.testing.assert_array_equal(model.predict_set(X), p >= cut)
        np.testing.assert_array_equal(model.abstains(X), p.max(axis=1) < np.float32(0.85))
    model.set_abstention(Abstention(0.1, 0, p.max(), 100))
    assert model.abstains(X).sum() == len(X) - np.sum(p.max(axis=1) == p.max())


@pytest.mark.parametrize(
    ("labels", "names"),
    [(["no", "Päckchen"], None), ([3, -1], None), ([False, True], {False: "False", True: "True"})],
)
def test_round_trip_through_json_bit_for_bit(labels, names):
    X, y = table()
    model = classifier().fit(X, np.array(labels)[y])
    label = model.classes_[1]
    model.set_thresholds(
        {
            label: AlarmThreshold(label, 0.1, 2.0, 0.95, 3, 7.5, 0.4, 1.03, 40, 0.9, 0.8, 0.97),
            model.classes_[0]: np.float32(1) / 3,
        }
    )
    model.set_abstention(Abstention(0.1, np.float32(1) / 7, np.float32(6) / 7, 321))
    document = json.loads(json.dumps(model.decisions_.to_document()))
    again = Decisions.from_document(document, model.classes_.tolist())
    assert again == model.decisions_
    assert [type(key) for key in again.thresholds] == [type(model.classes_.tolist()[0])] * 2
    assert again.thresholds[label].threshold.dtype == np.float32
    assert Decisions.from_document(None, labels) == Decisions()
    entries = again.metadata(names or {label: label for label in labels})
    assert all(isinstance(value, str) for value in entries.values())
    exported = json.loads(entries["thresholds"])
    assert exported[str(label)] == float(np.float32(0.1))
    for kind in (np.float32, np.float64):
        assert kind(entries["abstain_below"]) == again.abstention.abstain_below
        assert kind(entries["conformal_cut"]) == again.abstention.cut
    evidence = json.loads(entries["threshold_evidence"])
    assert evidence[str(label)]["false_per_home_week_upper"] == 1.03
    assert evidence[str(model.classes_[0])] == {}


def test_damaged_documents_are_refused():
    decisions = Decisions({"a": AlarmThreshold("a", 0.5)}, Abstention(0.1, 0.2, 0.9, 5))
    good = json.loads(json.dumps(decisions.to_document()))
    assert Decisions.from_document(good, ["a", "b"]) == decisions
    with pytest.raises(ValueError, match="thresholds"):
        Decisions.from_document(good, ["b", "c"])
    for part, name, value in [
        ("abstention", "cut", "0.2"),
        ("abstention", "cut", 0.95),
        ("abstention", "abstain_below", float("nan")),
        ("abstention", "error_rate", 1),
        ("abstention", "n_rows", None),
        ("abstention", "n_rows", 2.5),
        ("thresholds", "threshold", -0.1),
        ("thresholds", "threshold", float("inf")),
        ("thresholds", "threshold", None),
        ("thresholds", "threshold", True),
        ("thresholds", "recall", [1]),
        ("thresholds", "unknown", 1.0),
    ]:
        bad = json.loads(json.dumps(good))
        place = bad[part] if part == "abstention" else bad[part][0]
        place[name] = value
        with pytest.raises((ValueError, TypeError, KeyError)):
            Decisions.from_document(bad, ["a", "b"])


@pytest.mark.parametrize("threshold", [-0.1, float("nan"), float("inf"), 1e39, "0.5", None, [0.5]])
def test_a_threshold_is_a_number_from_0_on(model, threshold):
    before = model.set_thresholds({0: 0.5}).decisions_
    with pytest.raises(ValueError, match="The threshold of 0 must be a number from 0 on"):
        model.set_thresholds({0: threshold})
    assert model.decisions_ == before


@pytest.mark.parametrize("abstention", [0.9, {"cut": 0.5}, "never"])
def test_an_abstention_is_what_was_chosen(model, abstention):
    with pytest.raises(TypeError, match="must be what novin_ml"):
        model.set_abstention(abstention)
    assert model.set_abstention(None).decisions_.abstention is None


def test_an_unknown_label_is_refused(model):
    with pytest.raises(ValueError, match=r"must have labels of \[0, 1, 2\]. Got 'fire'"):
        model.set_thresholds({"fire": 0.5})
