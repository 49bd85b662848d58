"""The first-order Markov model of the answers to successive chains."""

import copy
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone

from novin_ml import export_coreml, verify_coreml
from novin_ml.coreml import CoreMLRuntime
from novin_ml.estimators import (
    ChainStream,
    EventChainClassifier,
    MarkovSmoothing,
    make_chain_pipeline,
)
from novin_ml.events import chains_from_events
from novin_ml.exceptions import SavedModelError
from novin_ml.features import CHAIN_FEATURES
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.lifecycle.saving.estimators import ESTIMATOR_KIND
from novin_ml.store import read_folder, write_folder
from tests.features.builders import event_table

LABELS = ("asleep", "awake", "away")


def drawn(n_chains, seed=0):
    """Return labels of which each mostly stays, the probabilities of a weak classifier, homes."""
    rng = np.random.default_rng(seed)
    moves = np.array([[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.0, 0.2, 0.8]])
    codes = [1]
    for _ in range(n_chains - 1):
        codes.append(rng.choice(3, p=moves[codes[-1]]))
    seen = rng.normal(np.eye(3)[codes], 0.8)
    powers = np.exp(2 * seen)
    proba = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return np.array(LABELS)[codes], proba, np.repeat(["a", "b"], n_chains // 2)


def test_transitions_are_counted_within_homes_in_the_order_of_time():
    y = ["asleep", "awake", "awake", "away", "asleep"]
    home, start = ["a", "a", "b", "a", "b"], [0, 1, 5, 2, 4]
    smoothing = MarkovSmoothing().fit(y, home, start)
    # a: asleep, awake, away; b: asleep, awake.
    counts = np.array([[0, 2, 0], [0, 0, 1], [0, 0, 0]]) + 0.5
    assert_allclose(smoothing.transitions_, counts / counts.sum(axis=1, keepdims=True))
    assert_allclose(smoothing.class_prior_, np.array([2.5, 2.5, 1.5]) / 6.5)


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_answers_are_the_forward_filter(weight):
    y, proba, home = drawn(60)
    start = np.arange(60.0)
    smoothing = MarkovSmoothing(weight).fit(y, home, start)
    mixed = (1 - weight) * smoothing.class_prior_ + weight * smoothing.transitions_
    expected = []
    for row in range(60):
        likelihood = proba[row].astype(float) / smoothing.class_prior_
        if row and home[row] == home[row - 1]:
            belief = likelihood * (expected[-1] @ mixed)
        else:
            belief = likelihood * smoothing.class_prior_
        expected.append(belief / belief.sum())
    found = smoothing.transform(proba, home, start)
    assert found.dtype == np.float32
    assert_allclose(found, expected, atol=2e-6)
    order = np.random.default_rng(1).permutation(60)
    assert_array_equal(smoothing.transform(proba[order], home[order], start[order]), found[order])
    if weight == 0:
        assert_allclose(found, proba, atol=1e-6)


def test_a_memory_finds_more_where_labels_stay():
    y, proba, home = drawn(1000)
    start = np.arange(1000.0)
    smoothing = MarkovSmoothing(1.0).fit(y, home, start)
    y, proba, home = drawn(1000, seed=1)
    right = [
        np.mean(np.array(LABELS)[each.argmax(axis=1)] == y)
        for each in (proba, smoothing.transform(proba, home, start))
    ]
    assert right[1] > right[0] + 0.05


def test_a_document_holds_all_of_it():
    y, proba, home = drawn(60)
    smoothing = MarkovSmoothing(0.25).fit(y, home, np.arange(60.0))
    document = json.loads(json.dumps(smoothing.to_document()))
    again = MarkovSmoothing.from_document(document)
    assert_array_equal(
        again.transform(proba, home, np.arange(60.0)),
        smoothing.transform(proba, home, np.arange(60.0)),
    )
    for broken in (
        {}, document | {"labels": ["a"]}, document | {"weight": 2}, document | {"transitions": 1},
    ):  # fmt: skip
        with pytest.raises(ValueError, match="must be what to_document returned"):
            MarkovSmoothing.from_document(broken)


def test_a_stream_smooths_as_the_batch_does():
    rng = np.random.default_rng(0)
    times = 1e6 + np.cumsum(rng.choice([5.0, 30.0, 500.0], 120))
    rows = [{"timestamp": time, "type": str(rng.choice(["motion", "door"]))} for time in times]
    table = event_table(*rows)
    chains = chains_from_events(table)
    chains = chains.assign(observed_until=chains.timestamp[chains.offsets[1:] - 1], consent=True)
    labels = np.where(chains.lengths > 2, "many", "few")
    model = make_chain_pipeline(epochs=5, random_state=0).fit(chains, labels)
    smoothing = MarkovSmoothing(0.7).fit(labels, chains["home_id"], chains["start"])
    batch = smoothing.transform(model.predict_proba(chains), chains["home_id"], chains["start"])
    stream = ChainStream(model, smoothing=smoothing)
    own = ChainStream(model)
    model[-1].set_smoothing(smoothing)  # a stream of the model smooths by it from now on
    assert_array_equal([own.predict_stream(row) for row in rows][-1], batch[-1])
    answers = np.array([stream.predict_stream(row) for row in rows])
    assert_array_equal(answers[chains.offsets[1:] - 1], batch)
    other = MarkovSmoothing().fit(["x", "y"], ["a", "a"], [0, 1])
    with pytest.raises(ValueError, match=r"'smoothing' parameter must be of the model's labels"):
        ChainStream(model, smoothing=other)
    with pytest.raises(ValueError, match=r"must have 2 columns"):
        smoothing.transform(np.ones((4, 3)), ["a"] * 4, range(4))


@pytest.fixture(scope="module")
def smoothed():
    """Return a classifier with a smoothing, and the columns that it takes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, len(CHAIN_FEATURES))).astype(np.float32)
    y = np.repeat(LABELS, 30)
    model = EventChainClassifier(epochs=2, random_state=0).fit(X, y)
    smoothing = MarkovSmoothing(0.7).fit(y, ["a"] * 90, range(90))
    return model.set_smoothing(smoothing), X, y


def test_a_smoothing_is_saved_and_exported_with_its_model(smoothed, tmp_path):
    model, X, _ = smoothed
    smoothing = model.decisions_.smoothing
    loaded = load_estimator(save_estimator(model, tmp_path / "model.novin"))
    assert loaded.decisions_.smoothing.to_document() == smoothing.to_document()
    assert_array_equal(loaded.decisions_.smoothing.factors_, smoothing.factors_)
    path = export_coreml(model, tmp_path / "model.mlmodel").model
    assert verify_coreml(path, estimator=model).passed
    told = json.loads(CoreMLRuntime(path).metadata["user_defined"]["novin_ml.smoothing"])
    assert told == smoothing.to_document()
    # The model itself answers each chain alone.
    assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_a_smoothing_can_be_taken_away_and_training_removes_it(smoothed):
    model, X, y = smoothed
    assert clone(model).fit(X, y).decisions_.smoothing is None
    copied = copy.copy(model).set_smoothing(None)
    assert "smoothing" not in copied.decisions_.to_document()
    assert not copied.decisions_
    with pytest.raises(TypeError, match=r"must be a fitted MarkovSmoothing, or None. Got 0.5"):
        model.set_smoothing(0.5)
    with pytest.raises(ValueError, match=r"must be of the model's labels"):
        model.set_smoothing(MarkovSmoothing().fit(["x", "y"], ["a", "a"], [0, 1]))


def test_a_saved_smoothing_of_other_labels_is_refused(smoothed, tmp_path):
    files = read_folder(save_estimator(smoothed[0], tmp_path / "model"), ESTIMATOR_KIND)
    document = json.loads(files["estimator.json"])
    document["decisions"]["smoothing"]["labels"][0] = "adrift"
    files["estimator.json"] = json.dumps(document).encode()
    folder = write_folder(files, tmp_path / "changed", ESTIMATOR_KIND)
    with pytest.raises(SavedModelError, match="must describe a fitted estimator"):
        load_estimator(folder)
