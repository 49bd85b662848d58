from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from novin_ml.evaluation import detection_delay
from novin_ml.events import read_events, write_events
from novin_ml.simulation import simulate_behavior
from novin_ml.simulation.months.causes import CIRCUMSTANCES, INCIDENTS
from novin_ml.simulation.months.local_time import TIME_ZONES, LocalTime, within
from tests.simulation.tables import assert_event_table

DAY = 86_400.0


@pytest.fixture(scope="module")
def events():
    return simulate_behavior(24, unusual_per_month=2.0, circumstances=True, random_state=0)


def local_hours(events):
    return (events["timestamp"] + events["utc_offset"]) / 3600 % 24


def test_is_an_event_table(events):
    assert_event_table(events.drop(columns="circumstance"), ("label",))
    assert set(events["label"]) == {"usual", "unusual"}
    assert set(events["circumstance"]) == {*CIRCUMSTANCES, *INCIDENTS}


def test_half_a_year_is_as_long_as_the_features_expect(events):
    sizes = events.groupby("home_id").size()
    assert len(sizes) == 24
    assert 10_000 < sizes.median() < 25_000
    assert (sizes / 182).between(25, 220).all()
    span = events.groupby("home_id")["timestamp"].agg(np.ptp) / DAY
    assert span.between(180, 182.1).all()


def test_an_int_gives_the_same_table(events):
    again = simulate_behavior(24, unusual_per_month=2.0, circumstances=True, random_state=0)
    assert events.equals(again)
    for make in (np.random.default_rng, np.random.RandomState):
        first = simulate_behavior(weeks=2, random_state=make(5))
        assert first.equals(simulate_behavior(weeks=2, random_state=make(5)))
    other = simulate_behavior(weeks=2, random_state=6)
    assert not other["timestamp"].equals(simulate_behavior(weeks=2, random_state=7)["timestamp"])


def test_a_home_does_not_depend_on_the_others(events):
    for number in (0, 7, 23):
        alone = simulate_behavior(
            1, first_home=number, unusual_per_month=2.0, circumstances=True, random_state=0
        )
        together = events[events["home_id"] == f"home_{number + 1:04d}"].reset_index(drop=True)
        assert alone.equals(together)


def test_incidents_change_no_other_event(events):
    usual = events[events["label"] == "usual"].reset_index(drop=True)
    quiet = simulate_behavior(24, unusual_per_month=0, circumstances=True, random_state=0)
    assert usual.equals(quiet)
    assert (quiet["label"] == "usual").all()


def test_ends_change_nothing_else_and_incidents_no_other_end(events):
    told = simulate_behavior(
        24, unusual_per_month=2.0, circumstances=True, ends=True, random_state=0
    )
    assert told.drop(columns="end").equals(events)
    quiet = simulate_behavior(
        24, unusual_per_month=0, circumstances=True, ends=True, random_state=0
    )
    assert told[told["label"] == "usual"].reset_index(drop=True).equals(quiet)
    length = told["end"] - told["timestamp"]
    doors = length[told["kind"] == "door"]
    assert doors.notna().all()
    assert 5 < doors.median() < 20
    assert 600 < length[told["kind"] == "window"].median() < 2400
    motions = told["kind"] == "motion"
    assert np.allclose(length[motions], told["duration"][motions], atol=1e-3, equal_nan=True)
    assert (length.dropna() >= 0).all()


def test_incidents_come_as_often_as_asked_and_not_before(events):
    found = detection_delay(events, np.zeros(len(events), dtype=bool)).incidents
    expected = 24 * 2.0 * 182 / 30.44
    assert 0.6 * expected < len(found) < 1.1 * expected  # some are not seen by any sensor
    assert max(incident.end - incident.start for incident in found) < 2 * 3600
    later = simulate_behavior(6, weeks=8, unusual_per_month=20, usual_weeks=5, random_state=0)
    start = later.groupby("home_id")["timestamp"].transform("min")
    week = (later["timestamp"] - start)[later["label"] == "unusual"] / (7 * DAY)
    assert len(week) > 50
    assert 4.9 < week.min() < 6
    assert week.max() < 8


def test_incidents_are_told_by_the_homes_own_sensors(events):
    words = ["home_id", "type", "location"]
    usual, unusual = (events[events["label"] == label] for label in ("usual", "unusual"))
    known = set(usual[words].itertuples(index=False, name=None))
    new = [row not in known for row in unusual[words].itertuples(index=False, name=None)]
    # A window or a door may be one that nobody ever opened.
    opening = unusual["kind"].isin(["window", "door"]).to_numpy()
    lost = unusual["location"].isna().to_numpy()
    assert not np.any(np.array(new) & ~opening & ~lost)
    assert 0 < np.mean(np.array(new) & opening) < 0.1
    for name in ("confidence", "duration", "energy"):
        assert unusual[name].mean() == pytest.approx(usual[name].mean(), rel=0.15)


def test_sensors_of_motion_pause_between_events(events):
    motion = events[(events["kind"] == "motion") & events["location"].notna()]
    for _, same_label in motion.groupby("label"):
        pause = same_label.groupby(["home_id", "location"])["timestamp"].diff()
        assert pause.min() > 29


def test_incidents_are_at_night_or_in_an_empty_home(events):
    hour = local_hours(events)
    at_night = events["circumstance"].isin(["night prowl", "night opening", "garage at night"])
    assert hour[at_night].between(0.9, 6).all()
    home = events["home_mode"] == "home"
    alone = events["circumstance"].isin(["break-in", "from within"])
    assert home[alone].mean() < home[events["label"] == "usual"].mean()


def test_unusual_events_also_happen_on_usual_days(events):
    """By kind, zone and hour alone most of what is unusual was seen in the same home before."""
    keys = ["home_id", "kind", "zone"]
    table = events.assign(hour=local_hours(events).astype(int))
    usual = set(
        table[table["label"] == "usual"][[*keys, "hour"]].itertuples(index=False, name=None)
    )
    unusual = table[table["label"] == "unusual"][[*keys, "hour"]]
    seen = np.mean([row in usual for row in unusual.itertuples(index=False, name=None)])
    assert 0.6 < seen < 0.99


def test_homes_have_habits(events):
    usual = events[events["circumstance"] == "routine"]
    motion = usual[(usual["kind"] == "motion") & (usual["zone"] == "kitchen")]
    hour = local_hours(motion).astype(int)
    by_hour = pd.crosstab(motion["home_id"], hour)
    share = by_hour.div(by_hour.sum(axis=1), axis=0)
    night, day = share[[1, 2, 3]].sum(axis=1), share[[7, 8, 18, 19]].sum(axis=1)
    assert (day > 2 * night).mean() > 0.9
    assert share[8].std() > 0.01  # homes differ


def test_modes_follow_who_is_there(events):
    hour = local_hours(events)
    told = events[events["home_mode"].notna()]
    night = told["home_mode"] == "night"
    assert hour[night.index][night].between(10, 20).mean() < 0.15
    vacation = told[told["home_mode"] == "vacation"]
    inside = {"living_room", "bedroom", "kitchen", "hallway"}
    assert vacation["zone"].isin(inside).mean() < 0.35
    assert set(told["home_mode"]) == {"home", "away", "night", "vacation"}


def test_a_dog_comes_for_good(events):
    dog = events[events["circumstance"] == "dog"]
    assert 1 <= dog["home_id"].nunique() <= 14
    for home, of_dog in dog.groupby("home_id"):
        home_end = events.loc[events["home_id"] == home, "timestamp"].max()
        assert home_end - of_dog["timestamp"].max() < 21 * DAY
        if len(of_dog) > 300:
            hours = local_hours(of_dog).astype(int)
            assert hours.nunique() == 24


def test_clocks_change_on_the_dates_of_the_time_zone():
    for name in TIME_ZONES:
        midnight = datetime(2025, 1, 1, tzinfo=UTC).timestamp()
        clock = LocalTime.of(name, midnight, 365)
        utc, offset = clock.to_utc(np.arange(0, 365 * 24, 0.5) + 0.25)
        zone = ZoneInfo(name)
        expected = [datetime.fromtimestamp(time, zone).utcoffset().total_seconds() for time in utc]
        np.testing.assert_array_equal(offset, expected)
        assert len(clock.changes) == (0 if name == "America/Phoenix" else 2)
        wall = (utc + offset - midnight) / 3600 - (np.arange(0, 365 * 24, 0.5) + 0.25)
        assert np.sum(np.abs(wall) > 1e-6) <= 2  # the hour that the clock skips


def test_local_hours_are_within_spans_in_any_order():
    spans = [(20.0, 24.0), (1.0, 9.0), (2.0, 3.0), (9.0, 10.0)]
    time = np.array([0.9, 1.0, 4.0, 9.0, 10.0, 20.0, 23.9, 24.0, np.nan])
    expected = [any(begin <= hour < end for begin, end in spans) for hour in time]
    assert within(time, spans).tolist() == expected
    assert not within(time, []).any()


def test_offsets_of_some_homes_change_once(events):
    offsets = events.groupby("home_id")["utc_offset"].nunique()
    assert set(offsets) <= {1, 2}
    assert (offsets == 2).sum() > 8
    for _, home in events.groupby("home_id"):
        assert (home["utc_offset"].diff().fillna(0) != 0).sum() <= 2


def test_some_homes_are_left_for_days_and_some_sensors_are_out(events):
    quiet_days, silences = 0, 0
    for _, home in events.groupby("home_id"):
        day = np.floor((home["timestamp"] + home["utc_offset"]) / DAY)
        per_day = day.value_counts().reindex(np.arange(day.min(), day.max() + 1), fill_value=0)
        quiet_days += int((per_day < 0.35 * per_day.median()).sum())
        busiest = home.groupby(["type", "location"]).size().idxmax()
        sensor = home[(home["type"] == busiest[0]) & (home["location"] == busiest[1])]
        silences += int((sensor["timestamp"].diff() > DAY).sum())
    assert quiet_days > 40
    assert silences > 10


def test_survives_a_file(tmp_path):
    events = simulate_behavior(weeks=1, random_state=0)
    write_events(events, tmp_path / "log.jsonl")
    back = read_events(tmp_path / "log.jsonl", strict=True)
    assert back["label"].tolist() == events["label"].tolist()
    assert back["zone"].tolist() == events["zone"].tolist()
    np.testing.assert_allclose(back["utc_offset"], events["utc_offset"])


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("n_homes", 0),
        ("n_homes", True),
        ("weeks", 2.5),
        ("weeks", 521),
        ("unusual_per_month", -1),
        ("unusual_per_month", float("nan")),
        ("usual_weeks", -1),
        ("first_home", -1),
    ],
)
def test_parameters_are_checked(parameter, value):
    with pytest.raises(ValueError, match=f"'{parameter}' parameter .* must be"):
        simulate_behavior(**{parameter: value})
