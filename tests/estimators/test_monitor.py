"""A monitor of a home: three kinds of alarms, as in a log so in a stream."""

import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import HomeMonitor, MonitorStream
from novin_ml.events import Vocabulary, events_from_json
from novin_ml.exceptions import InvalidEventError
from novin_ml.simulation import simulate_behavior

DAY, HOUR = 86_400, 3_600
KINDS = ["event", "silence", "still on"]


@pytest.fixture(scope="module")
def log():
    events = simulate_behavior(weeks=8, unusual_per_month=0, ends=True, random_state=3)
    return events.assign(consent=True)


@pytest.fixture(scope="module")
def split(log):
    return log["timestamp"].iloc[0] + 42 * DAY


@pytest.fixture(scope="module")
def monitor(log, split):
    return HomeMonitor(n_estimators=20, random_state=0).fit(log[log["timestamp"] < split])


@pytest.fixture(scope="module")
def later(log, split):
    return log[(log["timestamp"] >= split) & (log["timestamp"] < split + 6 * DAY)]


def test_budgets_are_kept_in_training_and_add_up(monitor, log, split):
    assert sorted(monitor.budgets_) == KINDS
    assert monitor.n_days_ == 35  # of 42, without the first seven
    for kind, budget in (("event", 3.0), ("silence", 1.0), ("still on", 1.0)):
        found = monitor.budgets_[kind]
        assert found.state == "ready"
        assert 0 < found.bound <= budget
        assert found.n_alarms <= budget * monitor.n_days_ / 7


def test_a_stream_has_the_rows_of_a_table(monitor, later):
    until = later["timestamp"].iloc[-1] + 30 * HOUR
    expected = monitor.score(later.sample(frac=1, random_state=0), until=until)
    stream, parts = MonitorStream(monitor), []
    before = 0.0
    for number, event in enumerate(later.to_dict("records")):
        if number % 3 == 1:
            parts.append(stream.advance((before + event["timestamp"]) / 2))
        before = event["timestamp"]
        parts.append(stream.update(event))
    parts.append(stream.advance(until))
    found = pd.concat([part for part in parts if len(part)], ignore_index=True)
    for kind in KINDS:
        pd.testing.assert_frame_equal(
            found[found["kind"] == kind].reset_index(drop=True),
            expected[expected["kind"] == kind].reset_index(drop=True),
        )
    assert monitor.count_alarms(found) == monitor.count_alarms(expected)


def test_a_day_of_absence_is_one_alarm_and_a_door_left_open_another(monitor, later):
    start = later["timestamp"].iloc[0]
    usual = monitor.count_alarms(monitor.score(later))
    away = later[(later["timestamp"] < start + 2 * DAY) | (later["timestamp"] > start + 3.5 * DAY)]
    rows = monitor.score(away)
    in_absence = rows[(rows["time"] > start + 2 * DAY) & (rows["time"] < start + 3.5 * DAY)]
    alarms = in_absence[in_absence["alarm"]]
    assert len(alarms) > 5
    assert alarms["kind"].unique().tolist() == ["silence"]
    assert monitor.count_alarms(in_absence)["silence"] == 1
    doors = later.index[(later["kind"] == "door") & (later["timestamp"] < start + 4 * DAY)]
    opened = later.copy()
    opened.loc[doors[0], "end"] = opened.loc[doors[0], "timestamp"] + 8 * HOUR
    rows = monitor.score(opened)
    assert monitor.count_alarms(rows)["still on"] == usual["still on"] + 1
    assert rows[rows["alarm"] & (rows["kind"] == "still on")]["sensor"].nunique() >= 1


def test_a_short_log_is_learning_then_unproven_by_kind(log):
    start = log["timestamp"].iloc[0]
    states = {}
    for n_days in (10, 16):
        short = log[log["timestamp"] < start + n_days * DAY]
        monitor = HomeMonitor(n_estimators=5, random_state=0).fit(short)
        states[n_days] = [monitor.budgets_[kind].state for kind in KINDS]
        rows = monitor.score(log[log["timestamp"] >= start + n_days * DAY][:300])
        assert not rows.loc[rows["kind"] == "silence", "alarm"].any() or n_days > 10
        assert (rows["unproven"] == (rows["kind"] != "event") | (n_days == 10)).all()
    # 7 days prove three alarms a week, 21 days prove one.
    assert states == {10: ["learning"] * 3, 16: ["ready", "unproven", "unproven"]}


def test_what_a_monitor_refuses(monitor, later, log):
    with pytest.raises(InvalidEventError, match="must be of its home"):
        monitor.score(later.assign(home_id="other"))
    with pytest.raises(InvalidEventError, match="in the order of time"):
        monitor.score(log[:5])
    with pytest.raises(InvalidEventError, match="'consent' is true"):
        HomeMonitor().fit(log.assign(consent=False))
    with pytest.raises(ValueError, match="divisor of"):
        HomeMonitor(tick_minutes=7, n_estimators=5).fit(log[:200])
    stream = MonitorStream(monitor)
    stream.advance(to=later["timestamp"].iloc[5])
    with pytest.raises(InvalidEventError, match="in the order of time"):
        stream.update(later.iloc[0].to_dict())
    assert np.isfinite(stream.update(later.iloc[6].to_dict())["score"]).all()


def state_of(stream):
    return stream._activity.to_dict(), stream._behavior.to_dict()


def refused(at):
    """Events that a stream refuses once time is after `at`, by the reason."""
    event = {"type": "motion", "timestamp": at + 60.0}
    return {
        "no type": {"timestamp": at + 60.0},
        "no time": event | {"timestamp": None},
        "a share above 1": event | {"confidence": 2.0},
        "a request": {"events": [event]},
        "of another home": event | {"home_id": "other"},
        "before": event | {"timestamp": at - 1.0},
        "before its tick": event | {"timestamp": at - 0.001},
    }


def test_a_refused_event_changes_nothing_wherever_it_comes(monitor, later):
    events = later[:12].to_dict("records")
    plain, stream = MonitorStream(monitor), MonitorStream(monitor)
    for number, event in enumerate(events):
        moments = [event["timestamp"] - 0.5] if number % 3 else []
        for step in (*moments, event):
            takes = "advance" if isinstance(step, float) else "update"
            expected = getattr(plain, takes)(step)
            pd.testing.assert_frame_equal(getattr(stream, takes)(step), expected)
            before = state_of(stream)
            at = step if isinstance(step, float) else step["timestamp"]
            for reason, wrong in refused(at).items():
                with pytest.raises(InvalidEventError):
                    stream.update(wrong)
                assert state_of(stream) == before, reason
    assert state_of(stream) == state_of(plain)


@pytest.mark.parametrize("ahead", ["_activity", "_behavior"])
def test_an_event_that_one_history_refuses_changes_neither(monitor, later, ahead):
    stream = MonitorStream(monitor)
    first, second = later[:2].to_dict("records")
    getattr(stream, ahead).update(second)
    before = state_of(stream)
    with pytest.raises(InvalidEventError, match="in the order of time"):
        stream.update(first)
    assert state_of(stream) == before


def test_a_stream_reads_by_the_vocabulary_of_the_log():
    kinds = [{"name": "door", "texts": ["latch"]}]
    vocabulary = Vocabulary.from_dict({"name": "own", "kinds": kinds})
    start = 1_700_000_000
    sent = [
        {"type": ("latch", "kettle")[number % 2], "timestamp": start + 1800 * number,
         "consent": True, "metadata": {"duration": 1200.0}}
        for number in range(24 * 2 * 20)
    ]  # fmt: skip
    log = events_from_json(json.dumps(sent), strict=True, vocabulary=vocabulary)
    monitor = HomeMonitor(n_estimators=5, random_state=0).fit(log[:800])
    expected = monitor.score(log[800:])
    stream = MonitorStream(monitor)
    found = pd.concat([stream.update(event) for event in sent[800:]], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected)
    assert "still on" in set(found["kind"])
