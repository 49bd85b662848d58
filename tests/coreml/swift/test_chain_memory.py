"""Columns of sensors, of zones and of what was before on a phone, equal Python's bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.estimators import ChainStream
from novin_ml.events import chains_from_events, events_from_json, sensor_names
from novin_ml.features import ChainFeatures
from tests.coreml.swift.bits import ask, assert_same, float32, requests
from tests.coreml.swift.test_chains import CLOCK
from tests.properties.strategies import sensor_logs

OTHERS = ("kettle at attic", "e\u0301")  # never there
ZONES = ("kitchen", "garage")


class FeaturesAsAnswers(ChainFeatures):
    """Answers to a chain with its features."""

    def predict_proba(self, chains):
        return self.transform(chains)


def wanted(events, memory):
    table = events_from_json(json.dumps(events), strict=True)
    sensors = [*sensor_names(table)[:4], *OTHERS]
    return {"sensors": sensors, "zones": ZONES, "memory": memory}


def check_batch(tool, events, memory, **options):
    columns = wanted(events, memory)
    features = ChainFeatures(**columns)
    chains = chains_from_events(events_from_json(json.dumps(events), strict=True), **options)
    answer = ask(tool, "chains", requests=requests(events), **columns, **options)
    got = float32([chain["features"] for chain in answer["chains"]], len(features.feature_specs))
    assert_same(got, features.transform(chains), features.feature_specs, CLOCK)


def check_stream(tool, events, memory, max_events):
    columns = wanted(events, memory)
    features = FeaturesAsAnswers(**columns)
    stream = ChainStream(features, max_events=max_events)
    steps = ask(
        tool, "chains", requests=requests(events), stream=True, max_events=max_events, **columns
    )["stream"]
    expected, got = [], []
    for event, step in zip(events, steps, strict=True):
        expected += [stream.predict_stream(event), stream.predict_silence()]
        got += [step["features"], step["after_silence"]]
    specs = features.feature_specs
    assert_same(float32(got, len(specs)), np.array(expected), specs, CLOCK)


memories = st.sampled_from([None, 0.1, 600.0, 1e7])


@settings(max_examples=max(100, settings().max_examples))
@given(
    sensor_logs(), memories, st.sampled_from(["separate", "trailing"]), st.sampled_from([100, 2])
)
def test_batches_have_the_columns_of_python(novin_tool, events, memory, windows, max_events):
    check_batch(novin_tool, events, memory, windows=windows, max_events=max_events)


@settings(max_examples=max(100, settings().max_examples))
@given(sensor_logs(), memories, st.sampled_from([100, 2]), st.booleans())
def test_streams_have_the_columns_of_python(novin_tool, events, memory, max_events, is_late):
    events = [event | {"home_id": "a"} for event in events]
    if is_late and len(events) > 1:
        # An event that comes late, but not before the first of its chain.
        late = dict(events[-2]) | {"timestamp": events[-1]["timestamp"]}
        late["metadata"] = {"location": "bathroom", "state": "on"}
        events = [*events, late]
    check_stream(novin_tool, events, memory, max_events)


def test_a_long_log_is_remembered(novin_tool):
    rng = np.random.default_rng(0)
    times = 1.7e9 + np.cumsum(rng.choice([0.0, 3.0, 90.0, 4000.0, 400_000.0], 500))
    events = [
        {
            "type": str(rng.choice(["motion", "door", ""])) or "kettle",
            "timestamp": float(time),
            "home_id": "a",
            "consent": bool(rng.random() < 0.9),
            "metadata": {
                "location": str(rng.choice(["kitchen", "attic", "e\u0301", "\u00e9"])),
                "state": str(rng.choice(["on", "off", "open", "closed"])),
            },
        }
        for time in times
    ]
    check_batch(novin_tool, events, 600.0)
    check_stream(novin_tool, events, 600.0, 100)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ({"sensors": [], "zones": ["the moon"]}, "The zones of a model must be of the vocabulary"),
        ({"sensors": ["motion"], "memory": -1.0}, "The memory of a model must be a number"),
    ],
)
def test_what_no_model_has_is_refused(novin_tool, line, sentence):
    answer = ask(novin_tool, "chains", requests=[], **line)
    assert answer["error"].startswith(sentence)
