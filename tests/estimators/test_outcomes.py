"""Whether answers stand: kinds of event that a model was not trained on, and "don't know"."""

import json

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml
from novin_ml.estimators import make_delivery_pipeline, make_motion_pipeline, outcomes
from novin_ml.estimators.decisions import Abstention
from novin_ml.events import training_events
from novin_ml.features import training_rows
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_deliveries, simulate_motions


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(400, random_state=0)


@pytest.fixture(scope="module")
def model(events):
    rows, _ = training_rows(events)
    return make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])


def test_a_delivery_model_answers_to_the_kinds_that_it_was_trained_on(model, events):
    assert model[0].trained_kinds_ == ("motion",)
    found = outcomes(model, events)
    is_motion = (events["kind"] == "motion").to_numpy()
    assert set(found[is_motion]) == {"answered"}
    assert set(found[~is_motion]) == {"not applicable"}
    assert 0 < is_motion.sum() < len(events)


def test_what_is_not_probable_enough_is_unknown(model, events):
    motions = events[events["kind"] == "motion"]
    probabilities = np.float32([[0.5, 0.5], [0.8, 0.2], [np.nextafter(np.float32(0.7), 0), 0.3]])
    model[-1].set_abstention(Abstention(0.1, np.float32(0.3), np.float32(0.7), 100))
    try:
        found = outcomes(model, motions[:3], probabilities)
        assert found.tolist() == ["unknown", "answered", "unknown"]
        others = events[events["kind"] != "motion"][:3]
        assert set(outcomes(model, others, probabilities)) == {"not applicable"}
    finally:
        model[-1].set_abstention(None)


def test_the_kinds_are_saved_and_exported(model, events, tmp_path):
    save_estimator(model, tmp_path / "model")
    loaded = load_estimator(tmp_path / "model")
    assert loaded[0].trained_kinds_ == ("motion",)
    assert outcomes(loaded, events).tolist() == outcomes(model, events).tolist()
    export = export_coreml(model, tmp_path / "delivery.mlmodel")
    entries = CoreMLRuntime(export.model).metadata["user_defined"]
    assert json.loads(entries["novin_ml.trained_kinds"]) == ["motion"]


def test_a_model_that_does_not_tell_answers_to_all(model, events, tmp_path):
    """Such as one of an earlier release."""
    save_estimator(model, tmp_path / "model")
    file = tmp_path / "model" / "estimator.json"
    document = json.loads(file.read_text())
    assert document["features"].pop("trained_kinds") == ["motion"]
    model[0].trained_kinds_, known = None, model[0].trained_kinds_
    try:
        assert set(outcomes(model, events)) == {"answered"}
    finally:
        model[0].trained_kinds_ = known


def test_a_model_of_feature_rows_answers_to_all():
    motions, _ = training_events(simulate_motions(200, random_state=0))
    pipeline = make_motion_pipeline(epochs=2, random_state=0).fit(motions, motions["label"])
    X = pipeline[:-1].transform(motions[:4])
    assert outcomes(pipeline[-1], X).tolist() == ["answered"] * 4
