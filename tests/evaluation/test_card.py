"""The model card says what was measured, and nothing else."""

import json

import pytest

from novin_ml.estimators import (
    make_behavior_pipeline,
    make_delivery_pipeline,
    make_motion_pipeline,
)
from novin_ml.evaluation import build_report, card_metadata, model_card
from novin_ml.features import training_rows
from novin_ml.simulation import simulate_behavior, simulate_deliveries


@pytest.fixture(scope="module")
def report():
    rows, _ = training_rows(simulate_deliveries(800, random_state=0))
    model = make_delivery_pipeline(epochs=8, random_state=0).fit(rows, rows["label"])
    model[-1].set_thresholds({"delivery": 0.75})
    events = simulate_deliveries(900, random_state=1)
    return build_report(model, events.replace({"home_id": {"home_1_0001": "<b>|*x*"}}))


def test_the_card_has_the_numbers_of_the_report(report):
    card = model_card(report)
    false = report.alarming.false_alarms
    assert f"with {false.per_week:.3g} false alarms per home and week" in card
    assert report.comparison["sentence"][1:] in card
    assert f"Right in {100 * report.accuracy.share:.1f} %" in card
    assert f"| with consent | {report.training['n_samples']:,} |" in card
    assert f"{report.n_rows - report.n_without_consent:,} |" in card
    assert "| delivery | 0.75 |" in card
    assert report.training["sha256"][:16] in card
    assert card == model_card(report)


def test_the_limits_are_the_weakest_groups_of_rows_enough(report):
    enough = [group for group in report.by_zone if not group.few]
    weakest = min(enough, key=lambda group: group.accuracy.share)
    escaped = weakest.name.replace("_", "\\_")
    assert f"Weakest zones: {escaped}: {100 * weakest.accuracy.share:.1f} %" in model_card(report)
    assert weakest.name in card_metadata(report)["card_limits"]


def test_names_from_data_mean_nothing_to_markdown():
    hostile = "<b>|*x*"
    rows, _ = training_rows(simulate_deliveries(400, random_state=0))
    events = simulate_deliveries(300, random_state=1)
    events, rows = (each.replace({"label": {"delivery": hostile}}) for each in (events, rows))
    model = make_motion_pipeline(epochs=2, random_state=0)
    model.fit(rows, rows["label"].astype(object))
    card = model_card(build_report(model, events.drop(columns="clean_label")))
    assert "<b>" not in card
    assert "| &lt;b\\>\\|\\*x\\* |" in card
    for line in card.splitlines():
        if line.startswith("| ") and "---" not in line:
            assert line.replace("\\|", "").count("|") in (4, 5, 6)


def test_a_card_names_no_home(report):
    # It goes where the model goes.
    card = model_card(report)
    assert f"of {report.n_homes} homes" in card
    assert not [group.name for group in report.by_home if group.name in card]
    assert "&lt;b" not in card


def test_metadata_is_short_and_names_no_home(report):
    entries = card_metadata(report)
    measured = json.loads(entries["card_measured"])
    assert measured["false_alarms_per_home_week"] == round(report.alarming.false_alarms.per_week, 4)
    assert all(isinstance(text, str) and len(text) <= 300 for text in entries.values())
    assert json.loads(entries["card_measured"])["accuracy"] == round(report.accuracy.share, 4)
    assert "home_1_0" not in " ".join(entries.values())


@pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")
def test_a_baseline_has_a_card():
    events = simulate_behavior(weeks=4, random_state=0).assign(consent=True)
    pipeline = make_behavior_pipeline(random_state=0)
    pipeline.fit(events, detector__timestamps=events["timestamp"])
    report = build_report(pipeline, events)
    assert "the home that it was trained on" in model_card(report)
    assert json.loads(card_metadata(report)["card_measured"])["alarms_per_week"] >= 0
