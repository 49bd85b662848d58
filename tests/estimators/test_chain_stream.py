"""One home, event by event."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline

from novin_ml.estimators import ChainStream, make_chain_pipeline
from novin_ml.events import chains_from_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import ChainFeatures
from tests.features.builders import event_table
from tests.features.chain_builders import random_chains

TYPES = ("motion", "doorbell", "door", "glassbreak", "pet")


@pytest.fixture(scope="module")
def model():
    chains = random_chains(300, longest=12)
    labels = np.where(chains.lengths > 5, "many", "few")
    return make_chain_pipeline(epochs=8, random_state=0, n_jobs=1).fit(chains, labels)


def event(time, type_="motion", **fields):
    return {"type": type_, "timestamp": time} | fields


def test_a_long_burst_is_answered_as_the_batch_answers_it(model):
    rng = np.random.default_rng(0)
    stream = ChainStream(model)
    sent = []
    for number in range(230):
        # Whole seconds, so that many are simultaneous; one in five comes late.
        time = 1_000.0 + number // 4 - (number > 30) * int(rng.integers(0, 10)) * (number % 5 == 0)
        type_ = str(rng.choice(TYPES))
        confidence = None if number % 3 == 0 else float(rng.random())
        answer = stream.predict_stream(event(time, type_, confidence=confidence))
        sent.append({"timestamp": time, "type": type_, "confidence": confidence or np.nan})
        if number % 9 == 0 or number > 220:
            batch = chains_from_events(event_table(*sent))
            assert len(batch) == 1
            batch = batch.assign(observed_until=batch.timestamp[-1])
            assert_array_equal(answer, model.predict_proba(batch)[0])
    assert stream.chain.lengths.tolist() == [100]
    assert stream.chain["n_left_out"].tolist() == [130]
    assert stream.chain["start"].tolist() == [1_000.0]


def test_a_window_ends_with_its_last_millisecond(model):
    stream = ChainStream(model, window=10.0)
    for time, length in [(5.0, 1), (15.0, 2), (15.0004, 3), (15.002, 1), (25.002, 2), (25.1, 1)]:
        stream.predict_stream(event(time))
        assert stream.chain.lengths.tolist() == [length]


def test_a_late_event_takes_its_place(model):
    stream = ChainStream(model)
    for time in (0.0, 20.0, 10.0):
        stream.predict_stream(event(time))
    assert stream.chain.timestamp.tolist() == [0.0, 10.0, 20.0]
    assert stream.chain["observed_until"].tolist() == [20.0]


def test_silence_counts_as_watched(model):
    stream = ChainStream(model, silence=7.5)
    stream.predict_stream(event(3.0))
    batch = chains_from_events(event_table({"timestamp": 3.0}), silence=7.5)
    assert batch["observed_until"].tolist() == [10.5]
    assert_array_equal(stream.predict_silence(), model.predict_proba(batch)[0])


def test_offset_mode_and_place_are_read_as_from_a_file(model):
    stream = ChainStream(model, timezone="Europe/Berlin")
    stream.predict_stream(
        event("2024-07-01T12:00:00", metadata={"location": "patio", "home_mode": "away"})
    )
    stream.predict_stream(event("2024-07-01T12:00:05", metadata={"location": "Garage left"}))
    chain = stream.chain
    assert chain["utc_offset"].tolist() == [7200.0]
    assert chain["home_mode"].tolist() == ["away"]
    assert chain["home_id"].tolist() == ["unknown_home"]
    assert chain[0]["zone"].tolist() == ["porch", "garage"]
    assert chain.timestamp[0] == 1_719_828_000.0
    assert chain["consent"].tolist() == [False]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"type": "motion"}, "The timestamp of an event must be seconds since 1970"),
        (event(30.0, confidence=1.5), "The confidence of an event must be a number from 0 to 1"),
        (event(30.0, confidence=float("nan")), "The confidence of an event must be"),
        (event(30.0, metadata=[1]), "The metadata of an event must be a JSON object"),
        (event(30.0, metadata={"home_mode": "party"}), "The metadata.home_mode of an event must"),
        (event(30.0, "m" * 101), "The type of an event must be"),
        ({"events": [event(30.0)]}, "a request, which holds several"),
        ("motion", "must be an event: a JSON object"),
        (event(30.0, home_id="b"), "must be of one home. Got one of 'b' after those of 'a'"),
        (event(9.0), "must not be older than the first event of the current chain, at 10.0"),
    ],
)
def test_a_refused_event_changes_nothing(model, sent, message):
    stream = ChainStream(model)
    stream.predict_stream(event(10.0, home_id="a"))
    before = stream.chain
    if isinstance(sent, dict) and "home_id" not in sent and "events" not in sent:
        sent = sent | {"home_id": "a"}
    with pytest.raises(InvalidEventError, match=message):
        stream.predict_stream(sent)
    assert stream.chain.table.equals(before.table)
    assert_array_equal(stream.chain.timestamp, before.timestamp)


@pytest.mark.parametrize(
    "params",
    [{"window": 0}, {"silence": -1.0}, {"max_events": 101}, {"timezone": "Mars/Base"}],
)
def test_parameters_are_checked(model, params):
    with pytest.raises(ValueError, match=next(iter(params))):
        ChainStream(model, **params)


def test_what_is_no_model_is_refused():
    with pytest.raises(ValueError, match="model"):
        ChainStream("model.mlmodel")


def test_a_chain_needs_an_event(model):
    with pytest.raises(InvalidEventError, match="must have an event"):
        ChainStream(model).predict_silence()


def test_any_model_of_chains_will_do():
    chains = random_chains(100)
    model = make_pipeline(ChainFeatures(), RandomForestClassifier(5, random_state=0))
    model.fit(chains, chains.lengths > 5)
    stream = ChainStream(model)
    for time in (0.0, 1.0, 2.0):
        answer = stream.predict_stream(event(time))
        assert_array_equal(answer, model.predict_proba(stream.chain)[0])
