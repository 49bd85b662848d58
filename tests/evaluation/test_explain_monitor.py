"""Why a monitor alarms: exact parts of its scores, in words that a count of the log agrees with."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import HomeMonitor
from novin_ml.evaluation import attribute, explain
from novin_ml.evaluation.explanation import explain_rows
from novin_ml.events.vocabulary.naming import sensor_name
from novin_ml.simulation import simulate_behavior

DAY, HOUR = 86_400, 3_600


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
def strange(log, split):
    """Six days, with a door left open for eight hours and a day and a half of absence."""
    later = log[(log["timestamp"] >= split) & (log["timestamp"] < split + 6 * DAY)].copy()
    start = later["timestamp"].iloc[0]
    time = later["timestamp"]
    door = later.index[(later["kind"] == "door") & (time > start + 0.5 * DAY)][0]
    later.loc[door, "end"] = later.loc[door, "timestamp"] + 8 * HOUR
    same = sensor_names(later) == sensor_names(later.loc[[door]])[0]
    inside = same & (time > time[door]) & (time < time[door] + 8 * HOUR)
    return later[~inside & ((time < start + 2 * DAY) | (time > start + 3.5 * DAY))]


@pytest.fixture(scope="module")
def moments(monitor, strange):
    return monitor.moments(strange, n_rows=60)


def sensor_names(events):
    columns = (events[name].astype(object) for name in ("type", "location", "kind"))
    rows = ((None if pd.isna(each) else each for each in row) for row in zip(*columns, strict=True))
    return np.array([sensor_name(*row) for row in rows], dtype=object)


def days_of(events, time):
    return np.floor((time + events["utc_offset"].to_numpy(np.float64)) / DAY)


def test_the_rows_are_those_of_score_the_most_unusual_first(monitor, strange, moments):
    table = monitor.score(strange)
    for moment in moments:
        row = table.iloc[moment.row]
        assert (moment.kind, moment.time, moment.sensor) == (
            row["kind"],
            row["time"],
            row["sensor"],
        )
        assert (moment.score, moment.alarm) == (row["score"], row["alarm"])
    above = [each.score - monitor.budgets_[each.kind].threshold for each in moments]
    assert above == sorted(above, reverse=True)
    rows = table.iloc[[each.row for each in moments]]
    assert not rows[["kind", "unit"]].duplicated().any()
    alarms = table[table["alarm"]][["kind", "unit"]].drop_duplicates()
    assert sum(each.alarm for each in moments) == len(alarms)
    chosen = [moments[3].row, moments[0].row]
    again = monitor.moments(strange, chosen)
    assert [each.row for each in again] == chosen
    assert again[1].facts == moments[0].facts


def test_contributions_add_up_to_the_score(monitor, moments):
    seen = set()
    for moment in moments:
        answer = attribute(monitor, moment)
        total = answer.base + sum(each.contribution for each in answer.reasons)
        assert total == pytest.approx(answer.score, abs=1e-9)
        seen.add((moment.kind, moment.by_forest))
        if moment.kind != "event":
            assert answer.score == pytest.approx(moment.score, rel=1e-6)
        elif moment.by_forest:
            own = monitor.detector_.explain(moment.features)
            assert sum(each.contribution for each in own) == pytest.approx(answer.score)
        else:
            found = monitor.transition_tail_.bits([answer.score])[0]
            assert found == pytest.approx(moment.score, rel=1e-4)
    assert seen == {
        ("event", True), ("event", False), ("silence", False), ("still on", False),
    }  # fmt: skip


def test_a_silence_says_how_long_and_what_is_usual(monitor, log, split, strange, moments):
    silence = next(each for each in moments if each.kind == "silence")
    assert silence.alarm
    training = log[log["timestamp"] < split]
    every = pd.concat([training, strange[strange["timestamp"] < silence.time]])
    change = np.sort(np.concatenate([every["timestamp"], every["end"].dropna()]))
    begin = change[change < silence.time - HOUR].max()
    assert silence.facts.length == pytest.approx(silence.time - begin, abs=0.01)
    assert silence.facts.longest == pytest.approx(np.diff(change).max(), abs=0.01)
    assert silence.facts.length > 24 * HOUR > silence.facts.longest
    assert sum(each.hour == 8 for each in silence.facts.ticks) in (1, 2)
    [row] = explain_rows(monitor, strange, rows=[silence.row])
    hours = round(silence.facts.length / 60)
    assert row.answer["text"].startswith(f"no event for {hours // 60} h")
    assert "; the longest before was " in row.answer["text"]
    assert row.reasons[0].text.startswith("nothing between ")
    assert row.reasons[0].unit == "bit"
    assert row.reasons[0].columns == ("silence",)


def test_counts_of_a_quiet_hour_are_those_of_the_log(monitor, log, split, strange, moments):
    silence = next(each for each in moments if each.kind == "silence")
    tick = silence.facts.ticks[0]
    training = log[log["timestamp"] < split]
    every = pd.concat([training, strange])
    offset = every["utc_offset"].iloc[0]
    start = np.ceil((every["timestamp"].iloc[0] + offset) / HOUR) * HOUR - offset
    first = silence.time - HOUR * (len(silence.facts.ticks) - 1)
    ticks = np.arange(start, np.floor((first + offset - 1) / DAY) * DAY - offset + 1, HOUR)
    ticks = ticks[(ticks - 0.001 + offset) // HOUR % 24 == tick.hour]
    change = np.sort(np.concatenate([every["timestamp"], every["end"].dropna()]))
    n_changes = np.searchsorted(change, ticks) - np.searchsorted(change, ticks - HOUR)
    assert tick.n_ticks == len(ticks)
    assert tick.n_active == np.count_nonzero(n_changes)


def test_an_open_door_is_measured_by_its_own_days(monitor, log, split, strange, moments):
    still_on = next(each for each in moments if each.kind == "still on")
    facts = still_on.facts
    assert still_on.alarm
    assert facts.is_door
    assert 7 * HOUR < facts.length <= 8 * HOUR
    every = pd.concat([log[log["timestamp"] < split], strange])
    own = every[sensor_names(every) == still_on.sensor]
    today = np.floor((still_on.time + facts.utc_offset) / DAY)
    before = own[days_of(own, own["end"].to_numpy()) < today]
    lengths = (before["end"] - before["timestamp"]).to_numpy()
    assert facts.n_before == len(lengths)
    assert facts.longest == pytest.approx(lengths.max(), abs=0.01)
    assert facts.n_as_long == 0
    [row] = explain_rows(monitor, strange, rows=[still_on.row])
    assert row.answer["text"].startswith(f"{still_on.sensor} open for 7 h")
    assert {each.name for each in row.reasons} == {"on_rarity", "on_excess"}
    assert f"none of {len(lengths)} activations before" in " ".join(
        each.text for each in row.reasons
    )


def test_an_event_by_transitions_names_what_came_before(monitor, log, strange, moments):
    event = next(each for each in moments if each.kind == "event" and not each.by_forest)
    in_order = strange.sort_values("timestamp", kind="stable")
    last = event.facts.follows[-1]
    names, time = sensor_names(in_order), in_order["timestamp"].to_numpy()
    place = int(np.flatnonzero(np.abs(time - event.time) < 1e-3)[-1])
    assert (last.previous, last.sensor) == (names[place - 1], names[place])
    reason = explain(monitor, event, top=1)[0]
    assert reason.name in ("transition", "sensor_hour")
    assert reason.contribution > 0
    answer = attribute(monitor, event)
    assert answer.base == sum(event.facts.usual)
    own = [each for each in answer.reasons if each.columns == ("sensor_hour",)]
    assert any(each.text.startswith(f"{last.sensor} between ") for each in own)


def test_what_came_later_does_not_change_a_reason(monitor, strange, moments):
    for moment in moments[:12]:
        known = strange[strange["timestamp"] <= moment.time]
        if moment.kind != "event":
            known = known[known["timestamp"] < moment.time]
        table = monitor.score(known, until=moment.time)
        same = (table["kind"] == moment.kind) & (table["time"] == moment.time)
        same &= table["sensor"] == moment.sensor
        [again] = monitor.moments(known, [int(np.flatnonzero(same)[-1])], until=moment.time)
        assert again.facts == moment.facts
        assert again.score == moment.score


def test_what_is_refused(monitor, strange, moments):
    with pytest.raises(ValueError, match=r"must be a Moment for a monitor.*Got a DataFrame"):
        explain(monitor, strange.iloc[[0]])
    with pytest.raises(ValueError, match="must be None for a monitor"):
        explain(monitor, moments[0], label="usual")
    with pytest.raises(ValueError, match=r"one of the [\d,]+ rows.*Got -1"):
        monitor.moments(strange, [-1])
    with pytest.raises(ValueError, match="Got 1000000"):
        explain_rows(monitor, strange, rows=[1_000_000])
    assert explain(monitor, moments[0], label="unusual", top=1)
