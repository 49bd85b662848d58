"""Rows of a home's activity by hand: what follows what, what stays on, when nothing happens."""

import json
from math import log2

import numpy as np
import pandas as pd
import pytest

from novin_ml.exceptions import InvalidEventError
from novin_ml.features import ActivityHistory, activity_rows
from novin_ml.features._log2 import line_log2

HOUR, DAY = 3_600, 86_400
MIDNIGHT = 1_704_067_200  # Monday, 1 January 2024


def event(time, kind="motion", **metadata):
    return {"type": kind, "timestamp": MIDNIGHT + time, "metadata": metadata}


def rows_of(events, until=None, **parameters):
    history = ActivityHistory(**parameters)
    rows = [row for each in events for row in history.update(each)]
    return rows + ([] if until is None else history.advance(MIDNIGHT + until))


def times(rows, kind):
    return [(row.time / 1000 - MIDNIGHT) / HOUR for row in rows if row.kind == kind]


def test_a_door_that_is_open_has_a_row_each_quarter_and_another_sensor_each_hour():
    sent = [event(600, "door", state="open"), event(700, "bed", state="on")]
    rows = rows_of([*sent, event(2 * HOUR, "door", state="closed")], until=3.4 * HOUR)
    doors = [row for row in rows if row.kind == "still on" and row.sensor.startswith("door")]
    beds = [row for row in rows if row.kind == "still on" and row.sensor.startswith("bed")]
    assert times(doors, "still on") == [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
    assert times(beds, "still on") == [1, 2, 3]
    assert [row.values[1] for row in beds] == [HOUR - 700, 2 * HOUR - 700, 3 * HOUR - 700]
    # One activation is one unit, and a silence is one from its beginning on.
    assert len({row.unit for row in doors}) == len({row.unit for row in beds}) == 1
    silences = [row for row in rows if row.kind == "silence"]
    assert times(silences, "silence") == [2]
    assert silences[0].unit == (MIDNIGHT + 700) * 1000


@pytest.mark.parametrize("told", ["end", "duration", "state"])
def test_an_end_is_the_same_however_it_is_told(told):
    def nights(day):
        start, length = day * DAY + 22 * HOUR, 8 * HOUR - 1
        if told == "state":
            return [event(start, "bed", state="on"), event(start + length, "bed", state="off")]
        metadata = {"end": MIDNIGHT + start + length} if told == "end" else {"duration": length}
        return [event(start, "bed", **metadata)]

    rows = rows_of([each for day in range(4) for each in nights(day)], until=5 * DAY)
    on = [row for row in rows if row.kind == "still on"]
    assert len(on) == 4 * 7
    # The last night is as long as the others: not more than usual. The first was the first.
    assert [row.values[3] for row in on[-7:]] == [0] * 7
    assert on[6].values[3] == pytest.approx(line_log2(7 * HOUR / 60.0))
    assert on[-1].values[2] == pytest.approx(line_log2(4 / 3.5))


def test_a_silence_adds_up_and_is_back_at_0_after_any_start_or_end():
    busy = [event(day * DAY + hour * HOUR + 60) for day in range(10) for hour in range(24)]
    rows = rows_of(busy, until=11 * DAY)
    silence = [row for row in rows if row.kind == "silence"]
    # One event an hour for ten days: each silent tick of the eleventh has the same rarity.
    assert len(silence) == 24
    step = line_log2((10 + 1) / 0.5)
    np.testing.assert_allclose([row.values[0] for row in silence], step * np.arange(1, 25))
    # Where nothing ever happens at night, the night is no news.
    calm = [event(day * DAY + hour * HOUR + 60) for day in range(10) for hour in range(8, 22)]
    nights = [row for row in rows_of(calm) if row.kind == "silence" and row.time % (DAY * 1000)]
    assert max(row.values[0] for row in nights[-9:]) < 10 * log2(11 / 10.5) + 0.5


def test_a_transition_that_never_was_is_rare_and_days_are_learnt_when_they_are_over():
    walk = ("hall", "kitchen", "hall", "bath")
    sent = [
        event(day * DAY + 8 * HOUR + 600 * place, "motion", location=name)
        for day in range(6)
        for place, name in enumerate(walk)
    ]
    rows = [row for row in rows_of(sent) if row.kind == "event"]
    usual, first = rows[-1].values[0], rows[1].values[0]
    other = rows_of([*sent, event(6 * DAY + 60, "motion", location="bath")])[-1]
    assert usual < 1.2 < other.values[0]
    # All events of the first day are equally new, whatever the day has shown.
    assert [row.values[0] for row in rows[1:4]] == [first] * 3
    assert other.values[1] > 0 > rows[-1].values[1]  # a bath at night, a bath as always


def test_time_does_not_go_back():
    history = ActivityHistory()
    history.update(event(100))
    history.advance(MIDNIGHT + 5000)
    for call, what in (
        (lambda: history.advance(MIDNIGHT + 4999), "ticks"),
        (lambda: history.update(event(4999)), "events"),
    ):
        with pytest.raises(InvalidEventError, match=f"The {what} of a history must come in the"):
            call()
    assert history.advance(MIDNIGHT + 5000) == []


@pytest.mark.parametrize("to", ["soon", None, True, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(to):
    with pytest.raises(InvalidEventError, match="The 'to' parameter must be a number of seconds"):
        ActivityHistory().advance(to)


@pytest.mark.parametrize(("tick", "door"), [(0, 15), (7, 7), (60, 25), (60.0, 15), (60, 120)])
def test_ticks_divide_the_day_and_the_hour(tick, door):
    with pytest.raises(ValueError, match="parameter must be a divisor of"):
        ActivityHistory(tick_minutes=tick, door_tick_minutes=door)


def test_ticks_are_of_the_clock_of_the_home():
    sent = event(100) | {"utc_offset": 5.75 * HOUR}
    assert times(rows_of([sent], until=3 * HOUR), "silence") == [1.25, 2.25]


def test_another_home_is_refused():
    history = ActivityHistory("a")
    with pytest.raises(InvalidEventError, match="must be of its home, 'a'"):
        history.update(event(0) | {"home_id": "b"})
    table = pd.DataFrame(
        {"home_id": ["a", "b"], "timestamp": 1.7e9, "kind": "door", "type": "door"}
    )
    table = table.assign(utc_offset=0.0, location=None, duration=np.nan)
    with pytest.raises(InvalidEventError, match="must be of one home"):
        activity_rows(table)


def saved():
    sent = [event(600, "door", state="open"), event(700, "bed", state="on", location="attic")]
    history = ActivityHistory()
    for each in [*sent, event(DAY, "bell")]:
        history.update(each)
    return history.to_dict()


def test_a_saved_history_goes_on():
    history = ActivityHistory.from_dict(json.loads(json.dumps(saved())))
    assert history.to_dict() == saved()
    # A sensor of today is known to be of today: it counts once.
    for each in (history, whole := ActivityHistory.from_dict(saved())):
        each.update(event(DAY + 60, "bell"))
        each.update(event(DAY + 120, "gong"))
        each.advance(MIDNIGHT + 3 * DAY)
    assert history.to_dict() == whole.to_dict()
    assert history.to_dict()["counts"]["cells"].count([["sensors"], 4]) == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("on",), None),
        (("on",), {}),
        (("on", 0), None),
        (("on", 0), []),
        (("on", 0), ["door", 1, 2, None]),
        (("on", 0), [3, 1, 2, None, True]),
        (("on", 0), ["door", "1", 2, None, True]),
        (("on", 0), ["door", 1, 2.5, None, True]),
        (("on", 0), ["door", 1, 2, "late", True]),
        (("on", 0), ["door", 1, 2, None, 1]),
        (("on", 0), ["door", 1, -(10**14), None, True]),
        (("means",), [0.0]),
        (("means",), [0.0, None]),
        (("time",), 10**14),
        (("timezone",), 3),
        (("counts", "cells"), [[["sensor"], 2]]),
        (("counts", "cells"), [[["nothing", "door"], 2]]),
        (("counts", "cells"), [[["sensor", "door"], -1]]),
        (("counts", "today"), [[]]),
        (("counts", "today"), ["tick"]),
        (("counts", "today"), [["tick", "late"]]),
    ],
)
def test_a_saved_history_with_a_wrong_part_is_refused_in_one_sentence(path, value):
    document = json.loads(json.dumps(saved()))
    inner = document
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    with pytest.raises(ValueError, match=r"must be .*\. Got .*\. Save (it|them) again\.$"):
        ActivityHistory.from_dict(document)
