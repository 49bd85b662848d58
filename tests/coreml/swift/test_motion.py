"""The motion features of a phone equal Python's bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import read_events
from novin_ml.features import MOTION_FEATURES, MotionFeatures
from tests.coreml.swift.bits import ask, assert_same, float32, requests
from tests.properties.strategies import sent_motions

rng = np.random.default_rng(0)


def check(tool, folder, events):
    path = folder / "motions.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    expected = MotionFeatures().transform(read_events(path, strict=True))
    rows = ask(tool, "motion", requests=requests(events))["features"]
    assert_same(float32(rows, len(MOTION_FEATURES)), expected, MOTION_FEATURES)


# At least 2,400 events.
@settings(max_examples=max(100, settings().max_examples))
@given(st.lists(sent_motions, min_size=24, max_size=32))
def test_events_have_the_features_of_python(novin_tool, tmp_path, events):
    check(novin_tool, tmp_path, events)


def signal(n, gaps=0.0):
    values = np.round(rng.random(n), 4).astype(object)
    values[rng.random(n) < gaps] = None
    return values.tolist()


SIGNALS = {
    "no signal": [{}, {"duration": 2.5, "energy": 0.25}, {"raw": None}],
    "nothing in it": [{"raw": []}, {"raw": [], "duration": 3.0}],
    "gaps alone": [{"raw": [None]}, {"raw": [None] * 9, "energy": 0.5}],
    "one sample": [{"raw": [0.3]}, {"raw": [0.0]}, {"raw": [None, 1.0, None]}],
    "constant": [{"raw": [value] * n} for value in (0.0, 0.1, 1.0) for n in (2, 64, 977)],
    "negative zeros": [{"raw": [-0.0] * 5}, {"raw": [-0.0, 0.5, None, -0.0]}],
    "whole frames": [{"raw": signal(n)} for n in (63, 64, 65, 127, 128, 129)],
    "a step between frames": [{"raw": [0.2] * 64 + [0.7] * 64}],
    "subnormal": [{"raw": [1e-45, 0.0, 3e-42]}, {"raw": [1e-30, 2e-30, 0.0, 1e-38]}],
    "gaps": [{"raw": signal(n, gaps)} for n in (2, 30, 300) for gaps in (0.2, 0.9)],
    "rates": [
        {"raw": signal(n, 0.1), "sample_rate": rate}
        for n in (1, 2, 50, 500)
        for rate in (0.01, 0.3, 3.0, 9.999, 10.0, 10.001, 12.5, 100.0, 44_100.0, 100_000.0)
    ],
    "the longest": [{"raw": signal(6_000)}, {"raw": signal(6_000, 0.3), "sample_rate": 7.0}],
}


@pytest.mark.parametrize("metadata", SIGNALS.values(), ids=SIGNALS)
def test_edges(novin_tool, tmp_path, metadata):
    for each in metadata:  # the longest leaves no room in its request
        event = {"type": "motion", "timestamp": 1.0, "metadata": each}
        check(novin_tool, tmp_path, [event])
