"""The chains of a phone, and their features, equal Python's bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.estimators import ChainStream
from novin_ml.events import chains_from_events, read_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import CHAIN_FEATURES, ChainFeatures
from tests.coreml.swift.bits import ask, assert_same, float32, requests
from tests.properties.strategies import evening_times, sent_events

#: Sines and cosines of the local time.
CLOCK = ("hour_sin", "hour_cos", "weekday_sin", "weekday_cos")
N = len(CHAIN_FEATURES)

logs = st.lists(
    sent_events(evening_times, st.sampled_from(("a", "b", "\u00e9", "e\u0301"))),
    min_size=20,
    max_size=40,
)
windows = st.fixed_dictionaries(
    {},
    optional={
        "windows": st.sampled_from(("separate", "trailing")),
        "window": st.sampled_from((60.0, 5.0, 0.29))
        | st.integers(1, 90_000).map(lambda s: s / 1e3),
        "silence": st.sampled_from((20.0, 5.0, 0.5)),
        "max_events": st.sampled_from((100, 1, 3)),
    },
)


def check(tool, folder, events, **options):
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    chains = chains_from_events(read_events(path, strict=True), **options)
    got = ask(tool, "chains", requests=requests(events), **options)["chains"]
    assert [chain["home_id"] for chain in got] == chains["home_id"].tolist()
    assert [chain["timestamps"] for chain in got] == [
        chain["timestamp"].tolist() for chain in chains
    ]
    for name in ("start", "observed_until", "consent", "n_left_out"):
        assert [chain[name] for chain in got] == chains[name].tolist(), name
    features = float32([chain["features"] for chain in got], N)
    assert_same(features, ChainFeatures().transform(chains), CHAIN_FEATURES, CLOCK)


# At least 2,000 events.
@settings(max_examples=max(100, settings().max_examples))
@given(logs, windows)
def test_logs_have_the_chains_and_features_of_python(novin_tool, tmp_path, events, options):
    check(novin_tool, tmp_path, events, **options)


def at(*times, type="motion", **fields):
    return [{"type": type, "timestamp": time} | fields for time in times]


def random_log(n, span, seed=0):
    rng = np.random.default_rng(seed)
    types = ("motion", "motion", "doorbell", "door", "window", "glassbreak", "pet")
    places = ("porch", "porch", "front_door", "kitchen")
    return [
        {
            "type": str(rng.choice(types)),
            "timestamp": 1.7e9 + float(rng.integers(0, span + 1)) / 1000,
            "confidence": float(rng.random()),
            "metadata": {"location": str(rng.choice(places))},
        }
        for _ in range(n)
    ]


LOGS = {
    "nothing": [],
    "one event": at(5.0),
    "simultaneous": [
        event
        for type in ("pet", "motion", "door")
        for confidence in (None, 0.5, 0.1)
        for event in at(7.0, 7.0, type=type, confidence=confidence)
    ],
    "last of a window": at(5.0, 65.0, 65.0004, 65.0006, 65.001),
    "before 1970 on the local clock": at(0.0, 1.0, utc_offset=-64_800.0),
    "a negative zero of confidence": at(0.0, 1.0, confidence=-0.0),
    "more than a chain holds": random_log(300, 50_000),
}


@pytest.mark.parametrize("mode", ["separate", "trailing"])
@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
def test_edges(novin_tool, tmp_path, log, mode):
    check(novin_tool, tmp_path, log, windows=mode)


@pytest.mark.parametrize("n_events", [1, 2, 100])
def test_chains_of_a_day(novin_tool, tmp_path, n_events):
    check(novin_tool, tmp_path, random_log(n_events, 86_400_000), window=86_400.0)
    check(novin_tool, tmp_path, at(0.0, 86_400.0), window=86_400.0)


def test_a_chain_longer_than_a_day_is_refused(novin_tool):
    answer = ask(novin_tool, "chains", requests=requests(at(0.0, 86_401.0)), window=90_000.0)
    assert answer["error"].startswith("A chain whose features are computed must last a day at most")


class FeaturesAsAnswers(ChainFeatures):
    """Answers to a chain with its features."""

    def predict_proba(self, chains):
        return self.transform(chains)


@given(
    st.lists(sent_events(evening_times, st.sampled_from("aaaab")), min_size=20, max_size=40),
    st.sampled_from((100, 3)),
)
def test_a_stream_answers_as_python_does(novin_tool, events, max_events):
    stream = ChainStream(FeaturesAsAnswers(), max_events=max_events, silence=7.5)
    options = {"stream": True, "max_events": max_events, "silence": 7.5}
    steps = ask(novin_tool, "chains", requests=requests(events), **options)["stream"]
    expected, got = [], []
    for event, step in zip(events, steps, strict=True):
        try:
            expected += [stream.predict_stream(event), stream.predict_silence()]
        except InvalidEventError as error:
            words = str(error).split(".")[0].split(", at")[0]  # the rule
            assert step["error"].startswith(words)
        else:
            got += [step["features"], step["after_silence"]]
    assert_same(float32(got, N), np.array(expected), CHAIN_FEATURES, CLOCK)
