"""What a phone reads and refuses equals Python's, in every word and bit."""

import base64
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import HOME_MODES, ZONES, event_kind, normalize_zone, read_events
from novin_ml.events.kinds import EVENT_KINDS
from novin_ml.features import DELIVERY_FEATURES, DeliveryFeatures
from tests.coreml.swift.bits import ask, assert_same, float32, requests
from tests.events.refusals import REFUSALS
from tests.properties.strategies import (
    blank_lines,
    broken_lines,
    evening_times,
    sent_events,
    sent_motions,
    valid_events,
)

#: Sine and cosine of the local time.
CLOCK = tuple(spec.name for spec in DELIVERY_FEATURES[:4])
NUMBERS = ("utc_offset", "confidence", "duration", "energy", "sample_rate")


def read(tool, *texts, zone="UTC"):
    """Give the tool JSON Lines, and return what it read of each text."""
    return tool("read", [base64.b64encode(text).decode() for text in texts], zone)


def assert_read_alike(tool, folder, text, zone="UTC"):
    path = folder / "log.jsonl"
    path.write_bytes(text)
    events, report = read_events(path, timezone=zone, return_report=True)
    (answer,) = read(tool, text, zone=zone)
    columns = ["line", "field", "expected", "got"]
    assert [[each[name] for name in columns] for each in answer["refusals"]] == report.rejects[
        columns
    ].to_numpy().tolist()
    assert answer["read"] == report.n_read
    got = answer["events"]
    assert len(got) == len(events)
    for name in ("home_id", "type", "kind", "zone", "consent"):
        assert [each[name] for each in got] == events[name].tolist(), name
    for name in ("location", "home_mode", "state"):
        known = events.get(name, pd.Series([None] * len(events), dtype=object))
        expected = known.astype(object)
        expected = expected.where(expected.notna(), None).tolist()
        assert [each.get(name) for each in got] == expected, name
    times = np.array([each["timestamp"] for each in got], dtype=np.uint64)
    assert times.tobytes() == events["timestamp"].to_numpy(np.float64).tobytes()
    ends = np.array([each["end"] for each in got], dtype=np.uint64).view(np.float64)
    np.testing.assert_array_equal(ends, events.get("end", np.full(len(events), np.nan)))
    for name in NUMBERS:
        assert_bits([each[name] for each in got], events[name].to_numpy(np.float32))
    for mine, raw in zip(got, events["raw"], strict=True):
        assert (mine.get("raw") is None) == (raw is None)
        if raw is not None:
            assert_bits(mine["raw"], raw)
    return len(events) + len(report.rejects)


def assert_bits(got, expected):
    """Assert equal bits; of NaN that it is one."""
    got = np.array(got, dtype=np.uint32).view(np.float32)
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    assert got[~np.isnan(got)].tobytes() == expected[~np.isnan(expected)].tobytes()


def test_texts_are_refused_in_the_same_words(novin_tool):
    texts = [
        text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        for text, _ in REFUSALS
    ]
    answers = read(novin_tool, *texts)
    for (_, expected), answer in zip(REFUSALS, answers, strict=True):
        got = [(each["field"], each["expected"], each["got"]) for each in answer["refusals"]]
        assert got == expected


lines = st.one_of(
    valid_events.map(lambda event: json.dumps(event).encode()),
    valid_events.map(lambda event: json.dumps(event, ensure_ascii=False).encode()),
    st.lists(valid_events, max_size=4).map(lambda events: json.dumps({"events": events}).encode()),
    broken_lines,
    blank_lines,
    st.binary(max_size=30).filter(lambda text: b"\n" not in text),
)


# At least 2,000 events.
@settings(max_examples=max(100, settings().max_examples))
@given(st.lists(lines, min_size=24, max_size=40))
def test_lines_are_read_alike(novin_tool, tmp_path, texts):
    # A first line that is an event makes Python read line by line.
    assert_read_alike(novin_tool, tmp_path, b'{"type": "x", "timestamp": 1}\n' + b"\n".join(texts))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(
    st.lists(values, min_size=10, max_size=30), st.sampled_from(("type", "confidence", "metadata"))
)
def test_any_value_is_shown_alike(novin_tool, tmp_path, wrong, field):
    text = b"".join(
        json.dumps({"type": "x", "timestamp": 1} | {field: value}).encode() + b"\n"
        for value in [0.5, *wrong]
    )
    assert_read_alike(novin_tool, tmp_path, text)


local_times = st.one_of(
    # Around the hours that clocks skip and show twice.
    st.builds(
        lambda day, minute, tail: f"{day}T{minute // 60:02}:{minute % 60:02}:07{tail}",
        st.sampled_from(
            ("2024-03-31", "2024-10-27", "2024-03-10", "2024-11-03", "2024-04-07", "2024-10-06")
        ),
        st.integers(0, 5 * 60 - 1),
        st.sampled_from(("", ".25", "Z", "+01:00")),
    ),
    st.integers(0, 4_000_000_000),
)


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"],
)
@given(times=st.lists(local_times, min_size=30, max_size=60))
def test_clocks_are_read_alike(novin_tool, tmp_path, zone, times):
    events = [{"type": "x", "timestamp": time} for time in times]
    text = "".join(json.dumps(event) + "\n" for event in events).encode()
    assert_read_alike(novin_tool, tmp_path, text, zone)


names = st.text(
    st.sampled_from("motindrbelgasc_- \u0130\u212a\u017f\u03a3\u00e9\u0301PORCH \u0307")
    | st.characters(codec="utf-8"),
    max_size=30,
)
words = st.sampled_from([text for kind in EVENT_KINDS for text in kind.texts] + list(ZONES))


@given(st.lists(st.tuples(names, words, names).map("".join), min_size=20, max_size=60))
def test_names_mean_the_same(novin_tool, texts):
    events = [
        {"type": text[:100] or "x", "timestamp": 1, "metadata": {"location": text}}
        for text in texts
    ]
    (answer,) = read(novin_tool, "\n".join(map(json.dumps, events)).encode())
    kinds = event_kind([event["type"] for event in events])
    assert [each["kind"] for each in answer["events"]] == kinds.tolist()
    assert [each["zone"] for each in answer["events"]] == list(map(normalize_zone, texts))


def test_a_list_and_a_request_are_one_text(novin_tool):
    event = {"type": "door", "timestamp": 5}
    text = json.dumps([event, 3, {"events": [event, {}]}], indent=1)
    encoded = base64.b64encode(b"\xef\xbb\xbf " + text.encode()).decode()
    (answer,) = novin_tool("read", [f"json {encoded}"])
    assert [each["kind"] for each in answer["events"]] == ["door"] * 2
    assert [each["field"] for each in answer["refusals"]] == [
        "[1]",
        "[2].events[1].type",
        "[2].events[1].timestamp",
    ]
    assert answer["read"] == 4


logs = st.lists(
    sent_events(evening_times, st.sampled_from(("a", "b")))
    | st.builds(
        lambda event, motion: event | motion | {"timestamp": event["timestamp"]},
        sent_events(evening_times, st.just("a")),
        sent_motions,
    ),
    min_size=20,
    max_size=40,
)


# At least 2,000 events.
@settings(max_examples=max(100, settings().max_examples))
@given(logs, st.sampled_from(({}, {"window": 90.5, "silence": 7.25})))
def test_deliveries_have_the_features_of_python(novin_tool, tmp_path, events, options):
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    expected = DeliveryFeatures(**options).transform(read_events(path, strict=True))
    answer = ask(novin_tool, "delivery", requests=requests(events), **options)
    got = float32(answer["features"], len(DELIVERY_FEATURES))
    assert_same(got, expected, DELIVERY_FEATURES, CLOCK)


def test_modes_are_named_alike(novin_tool):
    events = [{"type": "x", "timestamp": 1, "metadata": {"home_mode": mode}} for mode in HOME_MODES]
    (answer,) = read(novin_tool, "\n".join(map(json.dumps, events)).encode())
    assert [each["home_mode"] for each in answer["events"]] == list(HOME_MODES)
