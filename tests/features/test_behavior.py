import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from novin_ml.events import read_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import BEHAVIOR_FEATURES, BehaviorFeatures, BehaviorHistory
from tests.features.behavior_reference import lg, reference_features
from tests.features.builders import at, event_table

NAMES = [spec.name for spec in BEHAVIOR_FEATURES]
MONDAY = 1_735_516_800.0  # 30 December 2024, 00:00 UTC
HOUR, DAY, WEEK = 3_600.0, 86_400.0, 604_800.0


def some_events(n_events, homes=("a", "b", "c"), seed=0, days=40):
    """Events at random, with ties, without zones and modes, of several time zones."""
    rng = np.random.default_rng(seed)
    times = MONDAY + np.round(rng.random(n_events) * days * DAY, 1)
    times[::9] = MONDAY + np.floor(rng.random(len(times[::9])) * days) * DAY
    rows = zip(
        rng.choice(homes, n_events).tolist(),
        times.tolist(),
        rng.choice(["motion", "doorbell", "back_door", "pet", "leak"], n_events).tolist(),
        rng.choice(np.array(["porch", "kitchen", "attic", None], dtype=object), n_events),
        rng.choice(np.array(["home", "away", None], dtype=object), n_events),
        rng.choice([0.0, -18_000.0, 3_600.0, np.nan], n_events).tolist(),
        strict=True,
    )
    names = ("home_id", "timestamp", "type", "location", "home_mode", "utc_offset")
    events = event_table(*(dict(zip(names, row, strict=True)) for row in rows))
    events.loc[events.index[::13], ["kind", "zone"]] = None
    return events


@pytest.fixture(scope="module")
def events():
    return some_events(600)


def features_of(events):
    return BehaviorFeatures().set_output(transform="pandas").transform(events)


def updates(history, events):
    """Rows of a history that is given the events in the order of time."""
    order = np.argsort(events["timestamp"].to_numpy(), kind="stable")
    rows = np.empty((len(events), len(NAMES)), dtype=np.float32)
    for position, event in zip(order, events.iloc[order].to_dict("records"), strict=True):
        rows[position] = history.update(event)
    return rows


def test_is_what_a_walk_through_the_past_finds(events):
    features = BehaviorFeatures().transform(events)
    assert features.shape == (len(events), 17)
    assert features.dtype == np.float32
    for name, ours, slow in zip(NAMES, features.T, reference_features(events).T, strict=True):
        np.testing.assert_allclose(ours, slow, rtol=2e-7, atol=1e-7, err_msg=name)


def test_values_are_in_the_ranges_of_the_specs(events):
    for spec, column in zip(BEHAVIOR_FEATURES, BehaviorFeatures().transform(events).T, strict=True):
        assert spec.low <= column.min() <= column.max() <= spec.high, spec.name
        assert np.isfinite(column).all(), spec.name
        assert len(np.unique(column)) > 20, spec.name


def test_history_answers_as_the_table_bit_for_bit(events):
    features = BehaviorFeatures().transform(events)
    for home in events["home_id"].unique():
        of_home = (events["home_id"] == home).to_numpy(dtype=bool)
        history = BehaviorHistory()
        np.testing.assert_array_equal(updates(history, events[of_home]), features[of_home])
        assert history.n_events == np.count_nonzero(of_home)


@pytest.mark.parametrize("n_known", [0, 1, 40, 119, 120])
def test_history_of_a_log_goes_on_where_the_log_ends(n_known):
    events = some_events(120, homes=("a",), days=3).sort_values("timestamp")
    features = BehaviorFeatures().transform(events)
    history = BehaviorHistory.from_events(events[:n_known].sample(frac=1, random_state=0))
    assert history.n_events == n_known
    np.testing.assert_array_equal(updates(history, events[n_known:]), features[n_known:])


def test_simultaneous_events_do_not_see_each_other():
    events = event_table(
        *at(MONDAY, MONDAY + 60, location="porch"),
        *at(*[MONDAY + 120] * 3, location="kitchen"),
        *at(MONDAY + 120.4, location="kitchen"),
    )
    features = features_of(events)
    assert (features.iloc[2:5] == features.iloc[2]).all(axis=None)
    assert features["unseen"][2] == np.float32(4 * lg(3))
    assert features["place_rarity"][2] == np.float32(lg(3 / 0.25))
    assert features["place_rarity"][5] == np.float32(lg(6 / 3.25))
    history = BehaviorHistory()
    np.testing.assert_array_equal(updates(history, events), features.to_numpy())
    in_the_middle = BehaviorHistory.from_events(events[:4])
    np.testing.assert_array_equal(updates(in_the_middle, events[4:]), features.to_numpy()[4:])


def test_events_of_the_first_instant_have_no_past():
    row = np.zeros(17)
    row[1] = 1.0
    row[[2, 3, 4, 6, 7, 9]] = 2.0  # lg(1 / (1/4))
    row[[5, 8]] = 4.5  # lg(2 / (1/12)) = 4 + 8/16
    row[10] = 2.0  # lg(2 / (2 p)), p = 1/4
    events = event_table(*at(MONDAY, MONDAY))
    np.testing.assert_array_equal(BehaviorFeatures().transform(events), [row, row])
    np.testing.assert_array_equal(updates(BehaviorHistory(), events), [row, row])


def test_columns_of_a_steady_home_and_of_what_is_new_to_it():
    days = [MONDAY + day * DAY + 8 * HOUR for day in range(63)]
    habit = [*at(*days, location="kitchen"), *at(*(t + 60 for t in days), location="porch")]
    now = MONDAY + 63 * DAY
    usual, late, strange, swapped = (
        features_of(event_table(*habit, *news)).iloc[-1]
        for news in (
            at(now + 8 * HOUR, location="kitchen"),
            at(now + 3 * HOUR, location="kitchen"),
            at(now + 8 * HOUR, location="garage"),
            at(now + 8 * HOUR, location="porch"),
        )
    )
    seen = 127
    assert usual["place_rarity"] == np.float32(lg(seen / 63.25))
    assert usual["hour_rarity"] == np.float32(lg(seen / (63 / 2 + 0.25)))
    assert late["hour_rarity"] == strange["hour_rarity"] == np.float32(lg(seen / 0.25))
    assert late["place_rarity"] == usual["place_rarity"]
    assert strange["place_rarity"] == np.float32(lg(seen / 0.25))
    assert usual["unseen"] == 0
    assert late["unseen"] == np.float32(lg(seen))
    assert strange["unseen"] == np.float32(4 * lg(seen))
    assert swapped["unseen"] == np.float32(lg(seen))
    assert swapped["order_surprise"] == np.float32(lg(64 / (2 * 63.25 / 127)))
    assert swapped["hour_rarity"] == usual["hour_rarity"]
    assert usual["gap"] == np.float32(lg(DAY - 60 + 1))
    assert usual["hour_excess"] == 0


def test_crowded_hours_and_days_exceed_the_usual_ones():
    daily = [MONDAY + day * DAY + 10 * HOUR for day in range(30)]
    burst = [MONDAY + 30 * DAY + 10 * HOUR + 30 * second for second in range(32)]
    features = features_of(event_table(*at(*daily, *burst)))
    assert features["hour_excess"][:30].max() == 0
    assert features["hour_excess"].iloc[-1] > 4
    assert features["day_excess"].iloc[-1] > 3
    assert (np.diff(features["hour_excess"][31:]) >= 0).all()


def test_windows_count_whole_minutes():
    first = MONDAY + 10.5 * HOUR
    for seconds, inside in ((59 * 60, True), (59 * 60 + 59, True), (60 * 60, False)):
        events = event_table(*at(first + 59.0, first + seconds))
        excess = features_of(events)["hour_excess"].iloc[-1]
        assert (excess > 0) == inside


@pytest.mark.parametrize(("offset", "hour"), [(0.0, 6), (-5 * HOUR, 1), (5.5 * HOUR, 11.5)])
def test_hours_are_those_of_the_local_clock(offset, hour):
    events = event_table(*at(MONDAY + 6 * HOUR), utc_offset=offset)
    angle = 2 * np.pi * hour / 24
    row = features_of(events).iloc[0]
    assert row["hour_sin"] == pytest.approx(np.sin(angle), abs=1e-6)
    assert row["hour_cos"] == pytest.approx(np.cos(angle), abs=1e-6)


def test_the_clock_may_change_within_a_log():
    times = [MONDAY + day * DAY + 7 * HOUR for day in range(20)]
    winter, summer = at(*times[:10], utc_offset=0.0), at(*times[10:], utc_offset=3_600.0)
    shifted = [row | {"timestamp": row["timestamp"] - 3_600.0} for row in summer]
    changed, kept = (
        features_of(event_table(*winter, *shifted)),
        features_of(event_table(*at(*times))),
    )
    for name in ("hour_sin", "hour_rarity", "hour_surprise", "week_rarity", "unseen"):
        np.testing.assert_array_equal(changed[name], kept[name], err_msg=name)
    late = features_of(event_table(*winter, *summer))
    assert (late["hour_sin"] != kept["hour_sin"])[10:].all()


def test_an_event_without_offset_is_in_utc(events):
    untold = events.assign(utc_offset=np.float32("nan"))
    np.testing.assert_array_equal(
        BehaviorFeatures().transform(untold),
        BehaviorFeatures().transform(events.assign(utc_offset=np.float32(0))),
    )


def test_missing_kinds_zones_and_modes_are_categories():
    events = event_table(*at(*(MONDAY + HOUR * np.arange(6))))
    events["kind"] = pd.Series([None, "motion", None, "other", "novelty", "other"], dtype=object)
    features = features_of(events)
    assert features["place_rarity"][1] > features["place_rarity"][2]  # None was seen before
    # Another vendor's word for what is not known is of the kind "other", as in a file.
    named = events.assign(kind=events["kind"].replace("novelty", "other"))
    pd.testing.assert_frame_equal(features, features_of(named))


def test_later_events_continue_what_was_fitted(events):
    whole = BehaviorFeatures().fit_transform(events)
    np.testing.assert_array_equal(BehaviorFeatures().fit(events).transform(events), whole)
    now = MONDAY + 30 * DAY
    known = (events["timestamp"] < now).to_numpy(dtype=bool)
    transformer = BehaviorFeatures().fit(events[known])
    np.testing.assert_array_equal(transformer.transform(events[~known]), whole[~known])
    # What is given again is not counted twice, nor what lies after it.
    again = (events["timestamp"] >= MONDAY + 10 * DAY).to_numpy(dtype=bool)
    np.testing.assert_array_equal(transformer.transform(events[again]), whole[again])
    one = transformer.transform(events[~known & (events["home_id"] == "b")])
    np.testing.assert_array_equal(one, whole[~known & (events["home_id"] == "b")])


def test_a_home_that_was_not_fitted_begins_anew(events):
    transformer = BehaviorFeatures().fit(events[events["home_id"] != "b"])
    other = events[events["home_id"] == "b"]
    np.testing.assert_array_equal(transformer.transform(other), BehaviorFeatures().transform(other))


def test_history_of_a_fitted_home_goes_on(events):
    known = (events["timestamp"] < MONDAY + 30 * DAY).to_numpy(dtype=bool)
    transformer = BehaviorFeatures().fit(events[known])
    assert transformer.homes_.tolist() == list(dict.fromkeys(events["home_id"][known]))
    later = events[~known & (events["home_id"] == "c")]
    expected = transformer.transform(later)
    np.testing.assert_array_equal(updates(transformer.history("c"), later), expected)
    np.testing.assert_array_equal(transformer.transform(later), expected)
    assert transformer.history("nobody").n_events == 0
    assert BehaviorFeatures().history("c").n_events == 0


def test_fitting_needs_the_consent_of_every_event(events):
    some = events.assign(consent=np.arange(len(events)) > 2)
    with pytest.raises(InvalidEventError, match=r"'consent' is true\. Got 3 of 600 without"):
        BehaviorFeatures().fit(some)
    with pytest.raises(InvalidEventError, match="column 'consent'"):
        BehaviorFeatures().fit(events.drop(columns="consent"))
    np.testing.assert_array_equal(
        BehaviorFeatures().transform(some), BehaviorFeatures().transform(events)
    )


def test_state_is_kept_in_arrays(events):
    odd = events.assign(home_id=events["home_id"].map({"a": "", "b": "käfer\0", "c": "c"}))
    fitted = BehaviorFeatures().fit(odd[:400])
    arrays = fitted._state_arrays()
    assert all(array.dtype.kind in "iu" for array in arrays.values())
    assert sum(array.nbytes for array in arrays.values()) < 400 * 15 + 1_000
    read = BehaviorFeatures()
    read._set_state(arrays)
    later = odd[400:]
    np.testing.assert_array_equal(read.transform(later), fitted.transform(later))
    assert read.homes_.tolist() == fitted.homes_.tolist()
    assert read.n_features_in_ == fitted.n_features_in_
    empty = BehaviorFeatures()
    assert empty._state_arrays() == {}
    empty._set_state({})
    assert not hasattr(empty, "homes_")


def test_state_of_other_kinds_is_translated(events):
    fitted = BehaviorFeatures().fit(events[:400])
    arrays = fitted._state_arrays()
    # As a release would have written it that had the first zone last.
    text = arrays["zone_text"].tobytes()
    ends = arrays["zone_ends"]
    moved = text[ends[0] :] + text[: ends[0]]
    n_zones = len(ends)
    code = np.array([n_zones - 1, *range(n_zones - 1), n_zones], dtype=np.uint8)
    other = arrays | {
        "zone_text": np.frombuffer(moved, dtype=np.uint8),
        "zone_ends": np.append(ends[1:] - ends[0], ends[-1]),
        "zone": code[arrays["zone"]],
    }
    assert (other["zone"] != arrays["zone"]).any()
    read = BehaviorFeatures()
    read._set_state(other)
    np.testing.assert_array_equal(read.transform(events[400:]), fitted.transform(events[400:]))


@pytest.mark.parametrize(
    "damage",
    [
        {"time": np.arange(5)},
        {"time": np.arange(400)[::-1].copy()},
        {"kind": np.full(400, 200, dtype=np.uint8)},
        {"zone": np.zeros(400, dtype=np.int64)},
        {"starts": np.array([0, 400])},
        {"starts": np.array([0, 500, 300, 400])},
    ],
)
def test_damaged_state_is_refused(events, damage):
    arrays = BehaviorFeatures().fit(events[:400])._state_arrays()
    with pytest.raises(ValueError, match="must be those of a fitted BehaviorFeatures"):
        BehaviorFeatures()._set_state(arrays | damage)
    del arrays["offset"]
    with pytest.raises(ValueError, match="none named 'offset'"):
        BehaviorFeatures()._set_state(arrays)


def test_events_as_the_sdk_sends_them(tmp_path):
    sent = [
        {"type": "front_motion", "timestamp": "2025-01-06T07:55:00+02:00", "user_id": "a"},
        {
            "type": "Doorbell",
            "timestamp": MONDAY + 8 * DAY,
            "home_id": "a",
            "metadata": {"location": "Front Door Camera", "home_mode": "away"},
        },
        {"type": "leak", "timestamp": MONDAY + 8 * DAY + 0.25, "utc_offset": 3600, "metadata": {}},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(json.dumps(event | {"home_id": "a"}) for event in sent))
    history = BehaviorHistory("a")
    rows = np.array([history.update(event) for event in sent])
    np.testing.assert_array_equal(rows, BehaviorFeatures().transform(read_events(path)))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"type": "door"}, "The timestamp of an event must be seconds since 1970"),
        ({"timestamp": MONDAY}, "The type of an event must be a text"),
        (
            {"type": "door", "timestamp": MONDAY, "metadata": [1]},
            "The metadata of an event must be",
        ),
        (
            {"type": "door", "timestamp": MONDAY, "metadata": {"home_mode": "party"}},
            r"The metadata\.home_mode of an event must be home, away.* Got \"party\"",
        ),
        ({"kind": "door", "timestamp": None}, "The timestamp of an event must be seconds"),
        ({"kind": "door", "timestamp": np.nan}, "The timestamp of an event must be seconds"),
        ({"kind": "door", "timestamp": 1e12}, "Got 1000000000000"),
        ({"kind": "door", "timestamp": MONDAY, "utc_offset": 1e6}, "The utc_offset of an event"),
        ({"kind": "door", "timestamp": MONDAY, "home_id": "b"}, "must be of its home, 'a'"),
        ({"kind": "door", "timestamp": MONDAY - 1}, "must come in the order of time"),
        (["door"], "must be an event: a JSON object"),
        ({"kind": "door", "timestamp": MONDAY, "confidence": 2}, "The confidence of an event"),
        ({"kind": "pir", "timestamp": MONDAY}, 'The kind of an event must be one of .*Got "pir"'),
        ({"events": [{"kind": "door", "timestamp": MONDAY}]}, "a request, which holds several"),
    ],
)
def test_a_refused_event_leaves_a_history_as_it_was(event, message):
    history = BehaviorHistory("a")
    history.update({"kind": "door", "timestamp": MONDAY})
    with pytest.raises(InvalidEventError, match=message):
        history.update(event)
    untouched = BehaviorHistory("a")
    untouched.update({"kind": "door", "timestamp": MONDAY})
    later = {"kind": "door", "timestamp": MONDAY + 60}
    np.testing.assert_array_equal(history.update(later), untouched.update(later))


def test_a_written_history_tells_what_was_counted():
    days = 86_400.0 * np.arange(4)  # Thursday to Sunday, from 1970 on
    log = event_table(
        *at(*(days[:3] + 100.0), type="door", location="garage", home_mode="away"),
        {"timestamp": days[3], "type": "motion", "location": "porch", "utc_offset": -3600.0},
        {"timestamp": days[3] + 7.5, "type": "pet"},
    )
    written = BehaviorHistory.from_events(log).to_dict()
    assert json.loads(json.dumps(written)) == written
    assert written["home_id"] == "home_1"
    assert (written["events"], written["time"]) == (5, 259_207_500)
    assert (written["first"], written["last"]) == (100_000, 259_200_000)
    assert written["last_of_kind"] == {"door": 172_900_000, "motion": 259_200_000}
    assert written["previous"] == "motion porch"
    assert len(written["rarities"]) == 4
    assert written["minutes"] == [[2_881, 1], [4_320, 1]]  # those of a day
    (present,) = written["present"]
    pet = {"kind": "pet", "zone": "unknown", "mode": None, "offset": 0}
    assert pet.items() <= present.items()
    assert written["counts"] == {
        "pair door garage": 3,
        "pair_hour door garage 0": 3,
        "pair_mode door garage away": 3,
        "pair_mode_hour door garage away 0": 3,
        "hour 0": 3,
        "week garage weekday 0": 2,
        "week garage weekend 0": 1,
        "previous - -": 1,
        "order - - door garage": 1,
        "previous door garage": 3,
        "order door garage door garage": 2,
        "pair motion porch": 1,
        "pair_hour motion porch 23": 1,
        "pair_mode motion porch -": 1,
        "pair_mode_hour motion porch - 23": 1,
        "hour 23": 1,
        "week porch weekend 23": 1,
        "order door garage motion porch": 1,
    }


def test_what_is_written_does_not_depend_on_how_the_history_began(events):
    log = events[events["home_id"] == "a"].sort_values("timestamp", kind="stable")
    history = BehaviorHistory("a")
    updates(history, log)
    assert history.to_dict() == BehaviorHistory.from_events(log).to_dict()


def test_a_missing_kind_and_zone_are_written_as_other_and_unknown():
    rows = [{"timestamp": 0.0, "kind": None}, {"timestamp": 1.0, "kind": "other"}]
    history = BehaviorHistory()
    for row in [*rows, {"timestamp": 2.0, "kind": "door", "zone": "porch"}]:
        history.update(row)
    written = history.to_dict()
    assert written["counts"]["pair other unknown"] == 2
    assert written["last_of_kind"] == {"other": 1_000}
    assert written["previous"] == "other unknown"


def test_a_history_is_of_one_home(events):
    with pytest.raises(InvalidEventError, match=r"must be of one home\. Got events of 3"):
        BehaviorHistory.from_events(events)
    with pytest.raises(InvalidEventError, match="Missing: zone"):
        BehaviorHistory.from_events(events.drop(columns="zone"))
    assert BehaviorHistory.from_events(events[:0]).n_events == 0


def test_memory_of_a_history_is_bounded():
    history = BehaviorHistory()
    for minute in range(6_000):
        history.update({"kind": "motion", "timestamp": MONDAY + 60 * minute})
    assert len(history._counts) < 24 * 5
    assert len(history._day._by_minute) <= 1440
    assert len(history._hour._by_minute) <= 60


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("home_id", 1.5, "Row 3 .*home_id must be a text. Got 1.5"),
        ("home_id", None, "'home_id' of every event must be a text"),
        ("timestamp", np.inf, "Row 3 .*timestamp must be"),
        ("timestamp", np.nan, "Row 3 .*timestamp must be"),
        ("timestamp", -1.0, "Row 3 .*timestamp must be"),
        ("utc_offset", 1e6, "Row 3 .*utc_offset must be"),
    ],
)
def test_values_that_break_a_rule_are_refused(events, column, value, message):
    broken = events.astype({"home_id": object})
    broken.loc[broken.index[3], column] = value
    with pytest.raises(InvalidEventError, match=message):
        BehaviorFeatures().transform(broken)


def test_missing_columns_are_named_in_one_error(events):
    with pytest.raises(InvalidEventError, match=r"Missing: kind, zone\."):
        BehaviorFeatures().transform(events.drop(columns=["kind", "zone"]))
    with pytest.raises(InvalidEventError, match="Got ndarray instead"):
        BehaviorFeatures().fit(np.zeros((2, 3)))


def test_codes_do_not_depend_on_the_order_of_categories(events):
    other = events.copy()
    for name in ("kind", "zone", "home_mode"):
        other[name] = events[name].cat.set_categories(events[name].cat.categories[::-1])
    expected = BehaviorFeatures().transform(events)
    np.testing.assert_array_equal(BehaviorFeatures().transform(other), expected)
    as_objects = events.astype({name: object for name in ("kind", "zone", "home_mode", "home_id")})
    np.testing.assert_array_equal(BehaviorFeatures().transform(as_objects), expected)


def test_follows_the_conventions_of_transformers(events):
    transformer = BehaviorFeatures()
    assert transformer.get_params() == {"one_home": False}
    before = events.copy()
    assert transformer.fit(events) is transformer
    state = dict(vars(transformer))
    transformer.transform(events)
    assert vars(transformer) == state
    assert not hasattr(clone(transformer), "homes_")
    pd.testing.assert_frame_equal(events, before)
    assert list(transformer.get_feature_names_out()) == NAMES
    assert transformer.n_features_in_ == len(transformer.feature_names_in_) == 6
    some = events.iloc[5:50:3]
    frame = features_of(some)
    assert list(frame.columns) == NAMES
    assert frame.index.equals(some.index)
    assert (frame.dtypes == np.float32).all()


def test_no_events(events):
    assert BehaviorFeatures().fit_transform(events[:0]).shape == (0, 17)
    assert BehaviorFeatures().fit(events).transform(events[:0]).shape == (0, 17)
    assert BehaviorFeatures().fit(events[:0]).transform(events).shape == (len(events), 17)


PLACES = {
    "Bathroom": "attic",
    "Bedroom": "bedroom",
    "Kitchen": "kitchen",
    "Living": "living_room",
    "Entrance": "front_door",
}
TYPES = {
    "PIR": "motion",
    "Magnetic": "door",
    "Pressure": "sound",
    "Flush": "leak",
    "Electric": "window",
}


def ordonez_log(folder, home):
    rows = []
    for line in (folder / f"Ordonez{home}_Sensors.txt").read_text().splitlines()[2:]:
        words = line.split()
        if len(words) == 7:
            time = pd.Timestamp(f"{words[0]} {words[1]}", tz="UTC").timestamp()
            rows.append({"timestamp": time, "type": TYPES[words[5]], "location": PLACES[words[6]]})
    return event_table(*rows).sort_values("timestamp", ignore_index=True)


def test_tells_what_is_new_to_a_real_home_where_counts_cannot(shared_data):
    home, other = (ordonez_log(shared_data / "ordonez", name) for name in "BA")
    start, end = home["timestamp"].min(), home["timestamp"].max()
    half = start + (end - start) / 2
    rng = np.random.default_rng(0)
    planted = []
    for moment in rng.uniform(half, end - DAY, 8):
        first = rng.integers(0, len(other) - 8)
        visit = other[first : first + 8]
        moved = visit["timestamp"] - visit["timestamp"].iloc[0] + moment
        planted.append(visit.assign(timestamp=moved))
    log = pd.concat([home, *planted], ignore_index=True)
    is_new = np.arange(len(log)) >= len(home)
    early = (log["timestamp"] < half).to_numpy(dtype=bool)
    features = features_of(log)

    def auroc(columns):
        forest = IsolationForest(random_state=0).fit(features.loc[early, columns])
        return roc_auc_score(is_new[~early], -forest.score_samples(features.loc[~early, columns]))

    everything, counts = auroc(NAMES), auroc(["hour_excess", "day_excess"])
    assert everything > 0.85
    assert everything > counts + 0.2
