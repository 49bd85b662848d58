"""The motion features of a phone equal Python's bit for bit."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.coreml.swift._signals import as_bits, golden_signals
from novin_ml.events import ChannelSignals, read_events
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


CHANNELS = [
    (("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"), 1.0),
    (("acc_x", "gyro_x", "acc_y", "gyro_y"), 9.81),
    ({"wrist": ("u", "v"), "light": ("w",)}, 1e-3),
    (("level",), 1e6),
]


@pytest.mark.parametrize(("channels", "unit"), CHANNELS)
def test_signals_of_several_channels_have_the_features_of_python(novin_tool, channels, unit):
    names = (
        [name for group in channels.values() for name in group]
        if isinstance(channels, dict)
        else channels
    )
    X = unit * (rng.normal(3, 2, (20, len(names), 1)) + rng.normal(size=(20, len(names), 70)))
    features = MotionFeatures(channels).fit(X)
    again = MotionFeatures.from_exported({}, features.exported_entries)
    assert again.feature_specs == features.feature_specs
    signals = [signal for _, signal in golden_signals(features)]
    signals += [ChannelSignals.from_arrays(X[row : row + 1], names, 20.0) for row in range(5)]
    document = json.loads(features.exported_entries["feature_channels"])
    line = {"feature_channels": document, "signals": [as_bits(signal) for signal in signals]}
    got = ask(novin_tool, "motion", **line)["features"]
    expected = np.concatenate([again.transform(signal) for signal in signals])
    assert_same(float32(got, len(features.feature_specs)), expected, features.feature_specs)


def test_signals_that_are_none_are_refused(novin_tool):
    features = MotionFeatures(["a", "b"]).fit(rng.normal(size=(4, 2, 9)))
    document = json.loads(features.exported_entries["feature_channels"])
    one, rate = np.float32(1).view(np.uint32).item(), np.float32(10).view(np.uint32).item()
    far = np.float32(2e30).view(np.uint32).item()
    for channels, hertz, sentence in (
        ({"a": [one]}, rate, "Missing: b"),
        ({"a": [one], "b": [one, one]}, rate, "Got 1 and 2"),
        ({"a": [one], "b": [far]}, rate, "Got 2e+30 in b"),
        ({"a": [one], "b": [one]}, 0, "must be positive"),
    ):
        signal = {"sample_rate": hertz, "channels": channels}
        answer = ask(novin_tool, "motion", feature_channels=document, signals=[signal])
        assert sentence in answer["error"]
