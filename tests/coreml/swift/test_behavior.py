"""The features of behavior of a phone equal Python's bit for bit, wherever the history began."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.events import read_events
from novin_ml.features import BEHAVIOR_FEATURES, BehaviorFeatures, BehaviorHistory
from tests.coreml.swift.bits import ask, assert_same, float32, requests
from tests.properties.strategies import crowded_times, sent_events

#: Sine and cosine of the local time.
CLOCK = ("hour_sin", "hour_cos")
N = len(BEHAVIOR_FEATURES)

logs = st.lists(sent_events(crowded_times, st.just("a")), min_size=20, max_size=40).map(
    lambda events: sorted(events, key=lambda event: event["timestamp"])
)


def table_of(folder, events):
    path = folder / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    return read_events(path, strict=True)


def answer_of(tool, events, **options):
    return ask(tool, "behavior", requests=requests(events), **options)


def rows_of(answer):
    return float32([step["features"] for step in answer["steps"]], N)


def plain(history):
    """Return a written history without what says nothing: nulls, and the order of the present."""
    present = [
        {name: value for name, value in event.items() if value is not None}
        for event in history["present"]
    ]
    return history | {
        "present": sorted(present, key=lambda event: json.dumps(event, sort_keys=True))
    }


# At least 2,000 events.
@settings(max_examples=max(100, settings().max_examples))
@given(logs)
def test_a_log_has_the_features_of_python(novin_tool, tmp_path, events):
    expected = BehaviorFeatures().transform(table_of(tmp_path, events))
    assert_same(rows_of(answer_of(novin_tool, events)), expected, BEHAVIOR_FEATURES, CLOCK)


@given(logs, st.data())
def test_a_phone_continues_what_python_learnt(novin_tool, tmp_path, events, data):
    known = data.draw(st.integers(0, len(events)))
    table = table_of(tmp_path, events)
    history = BehaviorHistory.from_events(table[:known]).to_dict()
    # Halfway it is written and read again, as between launches of the app.
    answer = answer_of(
        novin_tool, events[known:], history=history, reload_at=(len(events) - known) // 2
    )
    expected = BehaviorFeatures().transform(table)[known:]
    assert_same(rows_of(answer), expected, BEHAVIOR_FEATURES, CLOCK)
    expected = BehaviorHistory.from_events(table).to_dict() | {"home_id": history["home_id"]}
    assert plain(answer["history"]) == plain(expected)


@given(logs, st.randoms(use_true_random=False), st.integers(0, 20))
def test_a_history_begins_with_past_events_in_any_order(
    novin_tool, tmp_path, events, random, known
):
    past = events[:known]
    random.shuffle(past)
    answer = answer_of(novin_tool, events[known:], past=requests(past))
    expected = BehaviorFeatures().transform(table_of(tmp_path, events))[known:]
    assert_same(rows_of(answer), expected, BEHAVIOR_FEATURES, CLOCK)


def at(*times, **fields):
    return [{"type": "motion", "timestamp": time, "home_id": "a"} | fields for time in times]


DAY = 86_400.0
LOGS = {
    "one event": at(5.0),
    "simultaneous": [
        event for type in ("pet", "door", "motion") for event in at(7.0, 7.0, 7.0004, type=type)
    ]
    + at(8.0),
    "before 1970 on the local clock": at(0.0, 10.0, DAY, utc_offset=-64_800.0),
    "a clock that changes": [
        event
        for day in range(9)
        for event in at(day * DAY, day * DAY + 1.0, utc_offset=3600.0 * (day % 3))
    ],
    "ends of the windows": at(0.0, 59.9, 60.0, 3_540.0, 3_600.0, 86_340.0, 86_400.0),
    "years apart": at(0.0, 1e9, 4e9, 7e9),
    "every minute of a day": at(*(1.7e9 + 60.0 * minute for minute in range(1_500))),
}


@pytest.mark.parametrize("log", LOGS.values(), ids=LOGS)
def test_edges(novin_tool, tmp_path, log):
    expected = BehaviorFeatures().transform(table_of(tmp_path, log))
    assert_same(rows_of(answer_of(novin_tool, log)), expected, BEHAVIOR_FEATURES, CLOCK)


def test_a_refused_event_changes_nothing(novin_tool, tmp_path):
    log = at(100.0, 200.0)
    wrong = [*at(150.0), *at(300.0, home_id="b")]
    answer = answer_of(novin_tool, [*log, *wrong, *at(400.0)], home_id="a")
    errors = [step["error"] for step in answer["steps"] if "error" in step]
    assert errors[0].startswith("The events of a history must come in the order of time")
    assert errors[1].startswith("An event of a history must be of its home, 'a'. Got one of 'b'")
    kept = [step["features"] for step in answer["steps"] if "features" in step]
    expected = BehaviorFeatures().transform(table_of(tmp_path, [*log, *at(400.0)]))
    assert_same(float32(kept, N), expected, BEHAVIOR_FEATURES, CLOCK)


def test_a_history_of_several_homes_is_refused(novin_tool):
    answer = answer_of(novin_tool, [], past=requests([*at(1.0), *at(2.0, home_id="b")]))
    assert answer["error"].startswith("An event of a history must be of its home, 'a'. Got one of")


def test_a_damaged_history_is_refused(novin_tool):
    history = BehaviorHistory("a")
    history.update({"type": "motion", "timestamp": 1.0})
    history.update({"type": "motion", "timestamp": 2.0})
    written = history.to_dict()
    written["counts"]["hour 24"] = 1
    assert "hour 24" in answer_of(novin_tool, at(3.0), history=written)["error"]


def test_kinds_that_a_table_no_longer_knows_count_as_other(novin_tool):
    history = BehaviorHistory("a")
    for seconds, kind in enumerate(("motion", "other", "motion", "door")):
        history.update({"timestamp": float(seconds), "kind": kind, "zone": "porch"})
    older = json.loads(json.dumps(history.to_dict()).replace("motion", "movement"))
    counts = answer_of(novin_tool, [], history=older)["history"]["counts"]
    assert counts["pair other porch"] == 3
    assert np.isclose(sum(counts.values()), sum(older["counts"].values()))
