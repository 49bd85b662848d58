"""The activity of a home on a phone equals Python's bit for bit, wherever the history began."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.exceptions import InvalidEventError
from novin_ml.features import ActivityHistory
from novin_ml.features.activity.habits import sensor_roles
from novin_ml.federated import learn_prior
from novin_ml.simulation import simulate_behavior
from tests.coreml.swift.bits import ask

DAY, START = 86_400.0, 1.7e9

sensors = st.sampled_from(
    [
        ("door", "hall"),
        ("window", None),
        ("lamp", "hall"),
        ("motion", "k\u00fcche"),
        ("motion", "ku\u0308che"),  # another sensor: the same letter, composed otherwise
        ("motion", "bad"),
    ]
)
gaps = st.sampled_from([0.0, 0.001, 30.0, 899.999, 900.0, 3_600.0, 7_300.0, DAY, 3 * DAY])
lengths = st.sampled_from([0.0, 0.5, 900.0, 4_000.0, 90_000.0])


@st.composite
def steps(draw):
    """Events with states, ends and lengths, and times without an event, in the order of time."""
    time, found = START, []
    for _ in range(draw(st.integers(5, 30))):
        time = round(time + draw(gaps), 3)
        if draw(st.integers(0, 4)) == 0:
            found.append({"advance": time})
            continue
        kind, place = draw(sensors)
        told = {} if place is None else {"location": place}
        state = draw(st.sampled_from([None, None, "on", "open", "off", "closed"]))
        if state is not None:
            told["state"] = state
        if draw(st.booleans()):
            told["duration"] = draw(lengths)
        if draw(st.booleans()):
            told["end"] = time + draw(lengths)
        event = {"type": kind, "timestamp": time, "metadata": told}
        if draw(st.booleans()):
            event["utc_offset"] = draw(st.sampled_from([-18_000, 0, 7_200]))
        found.append({"request": json.dumps({"events": [event]})})
    return found


def rows_of(history, step):
    """Return the rows of a step as the tool writes them."""
    if "advance" in step:
        rows = history.advance(step["advance"])
    else:
        rows = history.update(json.loads(step["request"])["events"][0])
    return [
        {
            "kind": row.kind,
            "time": row.time,
            "unit": row.unit,
            "sensor": row.sensor,
            "values": np.array(row.values, dtype=np.float32).view(np.uint32).tolist(),
        }
        for row in rows
    ]


def plain(document):
    """Return a written history without nulls, and without the order of what is on and counted."""
    document = {name: value for name, value in document.items() if value is not None}
    counts = document["counts"]
    unordered = {
        "cells": {json.dumps(cell): count for cell, count in counts["cells"]},
        "longest": dict(counts["longest"]),
    }
    on = {sensor: each for sensor, *each in document["on"]}
    return document | {"counts": counts | unordered, "on": on}


@given(steps(), st.data())
def test_a_phone_has_the_rows_of_python(novin_tool, steps, data):
    known = data.draw(st.integers(0, len(steps)))
    history = ActivityHistory()
    for step in steps[:known]:
        rows_of(history, step)
    begun = json.loads(json.dumps(history.to_dict()))
    # Halfway it is written and read again, as between launches of the app.
    answer = ask(
        novin_tool, "activity", steps=steps[known:], history=begun,
        reload_at=(len(steps) - known) // 2,
    )  # fmt: skip
    expected = [rows_of(history, step) for step in steps[known:]]
    assert [step["rows"] for step in answer["steps"]] == expected
    assert plain(answer["history"]) == plain(json.loads(json.dumps(history.to_dict())))


def test_a_phone_goes_on_from_the_habits_of_other_homes(novin_tool):
    """A home without a past begins with a prior: counts as any others, and no event yet."""
    logs = simulate_behavior(3, weeks=1, random_state=0, ends=True).assign(consent=True)
    homes = dict(iter(logs.groupby("home_id")))
    prior = learn_prior(homes, min_homes=3, min_homes_of_kind=1).prior
    history = prior.history("new", logs)
    begun = json.loads(json.dumps(history.to_dict()))
    senders = sorted(sensor_roles(logs))[:6]
    steps = []
    for number in range(120):
        kind, _, place = senders[number * 7 % len(senders)].partition(" at ")
        told = {"location": place} if place else {}
        event = {"type": kind, "timestamp": START + 1_700 * number, "metadata": told}
        steps.append({"request": json.dumps({"events": [event | {"home_id": "new"}]})})
    answer = ask(novin_tool, "activity", steps=steps, history=begun, reload_at=60)
    assert [step["rows"] for step in answer["steps"]] == [rows_of(history, each) for each in steps]
    assert plain(answer["history"]) == plain(json.loads(json.dumps(history.to_dict())))


def test_names_that_are_composed_otherwise_stay_two_sensors(novin_tool):
    names = ["k\u00fcche", "ku\u0308che"]
    sent = [
        {"type": "lamp", "timestamp": START + place, "metadata": {"location": name, "state": state}}
        for place, state in enumerate(("on", "off", "on"))
        for name in names
    ]
    steps = [{"request": json.dumps({"events": [event]})} for event in sent]
    steps.append({"advance": START + 3 * DAY})
    history = ActivityHistory().to_dict()
    answer = ask(novin_tool, "activity", steps=steps, history=history, reload_at=len(steps))
    written = answer["history"]
    expected = sorted(f"lamp at {name}" for name in names)
    assert sorted(sensor for sensor, *_ in written["on"]) == expected
    assert sorted(sensor for sensor, _ in written["counts"]["longest"]) == expected


def test_what_is_refused_changes_nothing(novin_tool):
    def event(time, **fields):
        return {"request": json.dumps({"events": [{"type": "lamp", "timestamp": time} | fields]})}

    history = ActivityHistory("a")
    rows_of(history, event(100.0))
    asked = [event(50.0), event(200.0, home_id="b"), {"advance": 50.0}, {"advance": 8_000.0}]
    answer = ask(novin_tool, "activity", steps=asked, history=history.to_dict())
    errors = [step.get("error", "") for step in answer["steps"]]
    for step, error in zip(asked[:3], errors, strict=False):
        with pytest.raises(InvalidEventError) as expected:
            rows_of(history, step)
        # The same rule; Python writes times with three decimals.
        assert error.partition(", ")[0] == str(expected.value).partition(", ")[0] != ""
    assert answer["steps"][3]["rows"] == rows_of(history, asked[3])
