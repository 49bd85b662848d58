"""A report decides: what it advises follows from its numbers, and its page says that first."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from novin_ml.coreml import export_coreml
from novin_ml.estimators import make_behavior_pipeline, make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.evaluation import build_report, explain, observed_weeks, render_report
from novin_ml.evaluation.report import with_certificate
from novin_ml.evaluation.report._recommendation import recommendation
from novin_ml.evaluation.report.numbers import main_numbers
from novin_ml.features import attach_context, training_rows
from novin_ml.lifecycle import measure_drift
from novin_ml.simulation import simulate_behavior, simulate_deliveries

WEEK = 604_800.0
TIMES = [{"name": "delivery, answer", "median": 210.5, "slow": 390.0}]


@pytest.fixture(scope="module")
def train():
    return simulate_deliveries(1500, random_state=0)


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(1500, random_state=1)


@pytest.fixture(scope="module")
def model(train):
    rows, _ = training_rows(train)
    return make_delivery_pipeline(epochs=15, random_state=0).fit(rows, rows["label"])


@pytest.fixture(scope="module")
def report(model, events):
    return build_report(model, events)


def advised(report, **changes):
    return recommendation(replace(report, **changes))


def test_a_model_that_is_better_in_all_ships(report):
    assert report.recommendation.action == "ship"
    assert report.recommendation == recommendation(report)
    assert report.recommendation.sentence == "Ship it."
    assert report.to_document()["recommendation"]["action"] == "ship"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"data": {"is_training": True}}, "flatter"),
        ({"data": {"is_training": False, "seen": {"flatters": True, "known": True}}}, "flatter"),
        ({"comparison": {"verdict": "worse"}}, "points"),
        ({"comparison": {"verdict": "undecided"}}, "do not show that it is better"),
        ({"certificate": {"passed": False}}, "does not give the answers"),
    ],
)
def test_what_stops_a_model(report, change, why):
    ((name, value),) = change.items()
    found = advised(report, **{name: {**(getattr(report, name) or {}), **value}})
    assert found.action == "do not ship"
    assert found.sentence.startswith("Do not ship it")
    assert why in found.reasons[0]


def test_a_louder_model_ships_at_the_threshold_of_the_rules_alarms(report):
    compared = report.alarming
    loud = replace(compared.false_alarms, per_week=2 * compared.rules_false_alarms.per_week)
    found = advised(report, alarming=replace(compared, false_alarms=loud))
    (at_rules,) = compared.at_rules_alarms
    assert found.action == "ship at this threshold"
    assert found.thresholds == {"delivery": at_rules["threshold"]}
    assert f"delivery from {at_rules['threshold']:.3f} on" in found.sentence
    assert "other homes" in found.risks[0]
    # It finds no more even so.
    useless = replace(compared, false_alarms=loud, gain=0.0)
    assert advised(report, alarming=useless).action == "do not ship"


def test_own_thresholds_must_keep_their_budget(model, events):
    classifier = model[-1]
    before = classifier.decisions_
    try:
        classifier.set_thresholds({"delivery": 0.8})
        found = build_report(model, events)
    finally:
        classifier.decisions_ = before
    assert found.recommendation.thresholds == {"delivery": pytest.approx(0.8)}
    (own,) = found.thresholds["thresholds"]
    rate = own["false_per_home_week"]
    for budget, action in ((rate + 1, "ship at this threshold"), (rate / 2, "do not ship")):
        entries = [{**own, "budget": budget}]
        thresholds = {**found.thresholds, "thresholds": entries}
        assert advised(found, thresholds=thresholds).action == action


def test_a_baseline_is_advised_on_by_its_budget():
    events = simulate_behavior(weeks=8, usual_weeks=5, random_state=0).assign(consent=True)
    first = events["timestamp"] < events["timestamp"].min() + 5 * WEEK
    train = events[first]
    pipeline = make_behavior_pipeline(random_state=0)
    pipeline.fit(train, detector__timestamps=train["timestamp"])
    found = build_report(pipeline, events[~first])
    rate = {**found.rate, "low": found.budget * 2, "high": found.budget * 3}
    assert advised(found, rate=rate).action == "do not ship"
    assert advised(found, rate={**rate, "low": 0.0, "high": found.budget}).action == "ship"
    assert advised(found, state="learning").sentence == "Do not ship it yet."
    assert found.recommendation.sentence in render_report(found)


def test_the_rules_are_a_point_on_every_curve_and_have_a_matrix(model, events, report):
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    truth = rows["clean_label"].astype(str).to_numpy()
    by_rules = DeliveryRules().fit(rows, rows["label"]).predict(rows).astype(str)
    matrix = confusion_matrix(truth, by_rules, labels=report.labels)
    assert report.rules_confusion == matrix.tolist()
    said, is_label = by_rules == "delivery", truth == "delivery"
    found = np.mean(said[is_label])
    (roc,), (precision,), (alarms,) = report.roc, report.precision_recall, report.alarms
    assert roc.rules == (np.mean(said[~is_label]), found)
    assert precision.rules == (found, np.mean(is_label[said]))
    weeks = observed_weeks(rows["home_id"], rows["timestamp"])
    assert alarms.rules == (pytest.approx(np.sum(said & ~is_label) / weeks), found)
    assert alarms.rules[0] == pytest.approx(report.alarming.rules_false_alarms.per_week)
    # In each of the four pictures of a curve.
    assert render_report(report).count(">the rules") >= 4


def test_the_worst_answers_are_the_surest_wrong_ones(model, events, report):
    rows = attach_context(events)
    rows = rows[rows["label"].notna()]
    probability = model.predict_proba(rows)
    of_delivery = probability[:, list(model.classes_).index("delivery")]
    truth = (rows["clean_label"] == "delivery").to_numpy()
    answers = model.predict(rows) == "delivery"
    consents = rows.groupby("home_id")["consent"].transform("all").to_numpy(dtype=bool)
    misses = np.sort(of_delivery[truth & ~answers & consents])[:10]
    loud = np.sort(-of_delivery[~truth & answers & consents])[:10]
    assert len(misses) > 0
    sure = [1 - each.probability for each in report.misses]
    assert sure == pytest.approx(misses.tolist(), abs=1e-6)
    assert [-each.probability for each in report.loud_false_alarms] == pytest.approx(loud.tolist())
    worst = report.misses[0]
    row = rows[(rows["home_id"] == worst.home_id) & (rows["timestamp"] == worst.timestamp)]
    reasons = explain(model, row.iloc[[0]], top=3, label=worst.answer)
    assert [text.removesuffix(" (speaks against it)") for text in worst.reasons] == [
        each.text for each in reasons
    ]
    page = render_report(report)
    assert all(reason in page for reason in worst.reasons if "'" not in reason)
    silent = build_report(model, events.assign(consent=False))
    assert silent.misses == silent.loud_false_alarms == []
    assert "No miss of a home that consents" in render_report(silent)


def test_the_page_begins_with_the_advice_and_folds_the_details(report):
    page = render_report(report)
    places = [page.index(text) for text in ('class="advice', 'class="numbers"', "<nav", "<figure")]
    assert places == sorted(places)
    above = page[: page.index("<section")]
    body = re.sub(r"<style>.*?</style>", "", above, flags=re.DOTALL)
    for hidden in ("novin_ml.", "novin-ml", "SHA-256", "p =", "p &lt;", "p-value", "()"):
        assert hidden not in body
    folded = page[page.index("<details") :]
    assert "SHA-256" in folded
    assert report.comparison["sentence"][1:].split("(")[0] in folded
    links = re.findall(r'<a href="#([\w-]+)"', page)
    assert len(links) >= 12
    assert all(f'id="{link}"' in page for link in links)


def test_page_terminal_and_document_have_the_same_numbers(report):
    page, document = render_report(report), report.to_document()
    assert document["alarming"]["found"]["share"] == report.alarming.found.share
    for what, model, ends, rules, _ in main_numbers(report):
        assert all(each in page for each in (what, model, ends, rules))
    assert f"{100 * document['alarming']['found']['share']:.1f} %" == main_numbers(report)[1][1]


def test_drift_and_times_are_shown_where_they_are_given(model, train, events, report, tmp_path):
    assert {"drift", "device_times"} <= set(report.absent)
    moved = events.assign(confidence=events["confidence"] * 0.3)
    drift = measure_drift(train, moved, n_permutations=199)
    assert drift.verdict == "drift"
    file = tmp_path / "times.jsonl"
    file.write_text("\n".join(map(json.dumps, TIMES)), encoding="utf-8")
    found = build_report(model, events, drift=drift, device_times=file)
    assert found == build_report(model, events, drift=drift.as_dict(), device_times=TIMES)
    assert not {"drift", "device_times"} & set(found.absent)
    assert any("changed since the training" in risk for risk in found.recommendation.risks)
    page = render_report(found)
    assert "0.211 ms" in page or "0.21 ms" in page
    assert drift.drifted[0].name in page
    with pytest.raises(ValueError, match="must be what measure_drift returns"):
        build_report(model, events, drift=3)
    file.write_text('{"name": "x", "median": -1, "slow": 1}', encoding="utf-8")
    for wrong in (file, [], [{"name": "x"}]):
        with pytest.raises(ValueError, match="novin-tool benchmark --json"):
            build_report(model, events, device_times=wrong)


def test_a_certificate_changes_what_is_advised(model, report, tmp_path):
    assert any("no certificate" in risk for risk in report.recommendation.risks)
    export = export_coreml(model, tmp_path / "delivery.mlmodel")
    found = with_certificate(report, export.certificate)
    assert not any("no certificate" in risk for risk in found.recommendation.risks)
    assert f"{export.certificate.model_bytes / 1e6:.2f} MB" in render_report(found)
