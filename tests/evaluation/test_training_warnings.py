"""Whatever measures a model, or chooses its thresholds, warns of training data and of no other."""

import warnings

import numpy as np
import pandas as pd
import pytest

from novin_ml import DeliveryClassifier
from novin_ml.estimators import make_behavior_pipeline, make_chain_pipeline
from novin_ml.estimators.rules import ChainRules
from novin_ml.evaluation import (
    build_report,
    compare,
    compare_many,
    conformalize,
    evaluate,
    measure_coverage,
    measure_thresholds,
    model_card,
    render_report,
    split_by_home,
    tune_threshold,
)
from novin_ml.evaluation.truth import best_truth
from novin_ml.events import training_events
from novin_ml.exceptions import TrainingDataWarning
from novin_ml.simulation import simulate_behavior, simulate_chains

TRAIN, TEST = split_by_home(simulate_chains(3000, random_state=0), 0.5, random_state=0)


@pytest.fixture(scope="module", name="model")
def fitted():
    rows, _ = training_events(TRAIN)
    model = make_chain_pipeline(epochs=3, random_state=0).fit(rows, rows["label"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrainingDataWarning)
        tune_threshold(model, TRAIN, 10.0)
        conformalize(model, TRAIN)
    return model


DOORS = {
    "evaluate": lambda model, rows: evaluate(model, ChainRules(), rows),
    "compare": lambda model, rows: compare(model, ChainRules(), rows),
    "compare_many": lambda model, rows: compare_many({"a": model, "b": ChainRules()}, rows),
    "tune_threshold": lambda model, rows: tune_threshold(model, rows, 10.0),
    "measure_thresholds": measure_thresholds,
    "conformalize": conformalize,
    "measure_coverage": measure_coverage,
    "build_report": build_report,
}


@pytest.mark.parametrize("door", DOORS)
def test_each_door_warns_once_of_training_data_only(door, model):
    with pytest.warns(TrainingDataWarning, match=r"trained on .* rows and on .*other homes") as got:
        DOORS[door](model, TRAIN)
    assert [each.filename for each in got] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error", TrainingDataWarning)
        DOORS[door](model, TEST)


def test_features_without_events_are_known_too():
    X = np.random.default_rng(0).normal(size=(800, 3)).astype(np.float32)
    y = X[:, 0] > 0
    model = DeliveryClassifier(epochs=2, random_state=0).fit(X[:400], y[:400])
    conformalize(model, X[400:], y[400:])
    for measure in (conformalize, measure_coverage):
        with pytest.warns(TrainingDataWarning, match=r"trained on 400 of the 400 rows here"):
            measure(model, X[:400], y[:400])
    with pytest.warns(TrainingDataWarning):
        compare(model, model, X[200:], labels=y[200:])


def test_the_page_and_the_card_say_it(model):
    with pytest.warns(TrainingDataWarning):
        seen = build_report(model, TRAIN[: len(TRAIN) // 2])
    held = build_report(model, TEST)
    for made in (render_report, model_card):
        assert "homes here, which flatter it" in made(seen)
        assert f"none of the {len(TEST):,} rows" in made(held)
    assert 'class="warning"' in render_report(seen)
    assert 'class="warning"' not in render_report(held)
    assert held.data["seen"]["n_homes_seen"] == 0


def test_a_baseline_warns_of_events_that_it_remembers():
    log = simulate_behavior(1, weeks=4, random_state=0).assign(consent=True)
    first = log["timestamp"] < log["timestamp"].min() + 14 * 86_400
    model = make_behavior_pipeline(n_estimators=5, random_state=0)
    model.fit(log[first], detector__timestamps=log["timestamp"][first])
    with pytest.warns(TrainingDataWarning, match="Leave them out"):
        build_report(model, log)
    with warnings.catch_warnings():
        warnings.simplefilter("error", TrainingDataWarning)
        build_report(model, log[~first])


def test_numbers_say_which_labels_they_are_of(model):
    clean = evaluate(model, ChainRules(), TEST, quiet_label="no_pattern")
    assert clean.truth == "clean_label"
    page, card = render_report(report := build_report(model, TEST)), model_card(report)
    assert "All numbers are of clean labels" in page
    assert "All numbers are of clean labels" in card
    # One set of numbers: those of the terminal and of its JSON.
    assert report.confusion == clean.confusion
    assert report.alarming.false_alarms.per_week == pytest.approx(
        clean.alarms.model.false_per_home_week
    )
    assert report.accuracy.share == pytest.approx(clean.model_clean.accuracy)
    assert report.other_labels.truth == "label"
    assert report.other_labels.accuracy == pytest.approx(clean.model.accuracy)
    given = f"{100 * clean.model.accuracy:.1f} %"
    assert f"By annotators&#x27; labels the model is right in {given}" in page
    named = build_report(model, TEST, truth="label")
    assert "All numbers are of annotators&#x27; labels" in render_report(named)
    assert named.other_labels.truth == "clean_label"
    assert named.other_labels.alarming.false_alarms == report.alarming.false_alarms
    # Labels of other words have no clean ones.
    words = TEST["label"].replace({"no_pattern": "quiet"})
    assert best_truth(TEST) == "clean_label"
    assert best_truth(pd.DataFrame({"label": words, "clean_label": "no_pattern"})) == "label"
    assert measure_thresholds(model, TEST, truth="clean_label").truth == "clean_label"
    assert conformalize(model, TEST).truth == "label"
    assert compare(model, ChainRules(), TEST).to_dict()["truth"] == "label"
