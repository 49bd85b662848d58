import numpy as np
import pandas as pd
import pytest

from novin_ml.events import MAX_CHAIN_EVENTS, Chains, chains_from_events, read_events
from novin_ml.exceptions import InvalidEventError
from tests.features.builders import at, event_table

NAN = np.nan
BOTH = pytest.mark.parametrize("windows", ["separate", "trailing"])


def times(chains):
    return [chains[row]["timestamp"].tolist() for row in range(len(chains))]


def test_separate_chains_begin_where_the_one_before_ends():
    log = event_table(*at(0, 30, 60, 60.001, 100, 121))
    assert times(chains_from_events(log)) == [[0, 30, 60], [60.001, 100], [121]]
    assert times(chains_from_events(log, window=30)) == [[0, 30], [60, 60.001], [100, 121]]
    assert times(chains_from_events(log, window=1e6)) == [[0, 30, 60, 60.001, 100, 121]]


def test_trailing_chains_are_one_for_each_event():
    log = event_table(*at(0, 30, 60, 90.5, 90.5))
    chains = chains_from_events(log, windows="trailing")
    assert times(chains) == [[0], [0, 30], [0, 30, 60], [60, 90.5, 90.5], [60, 90.5, 90.5]]
    assert chains["start"].tolist() == [0, 0, 0, 60, 60]
    assert chains["observed_until"].tolist() == [20, 50, 80, 110.5, 110.5]


def test_a_long_window_over_a_log_without_pauses():
    log = event_table(*at(*range(0, 400, 10)))
    assert times(chains_from_events(log, window=200)) == [
        [*range(0, 201, 10)],
        [*range(210, 391, 10)],
    ]


@BOTH
def test_homes_do_not_meet(windows):
    log = event_table(*at(0, 20, home_id="b"), *at(10, home_id="a"), *at(0, home_id="a"))
    chains = chains_from_events(log, windows=windows)
    expected = {"separate": ["a", "b"], "trailing": ["a", "a", "b", "b"]}[windows]
    assert chains["home_id"].tolist() == expected
    assert chains["observed_until"].tolist()[-1] == 40


def test_watched_until_the_next_event_or_the_end_of_the_silence():
    log = event_table(*at(0, 70, 71, 200))
    chains = chains_from_events(log, silence=80.5)
    assert chains["observed_until"].tolist() == [70, 151.5, 280.5]


@BOTH
def test_no_events_are_no_chains(windows):
    chains = chains_from_events(event_table().assign(label=[]), windows=windows)
    assert isinstance(chains, Chains)
    assert len(chains) == len(chains.timestamp) == 0
    assert "label" in chains.columns


@BOTH
def test_events_out_of_order_are_put_in_order(windows):
    log = event_table(*at(5, 3, 64, 0), *at(4, 1, home_id="b"))
    shuffled = chains_from_events(log.iloc[[4, 2, 0, 5, 3, 1]], windows=windows)
    pd.testing.assert_frame_equal(shuffled.table, chains_from_events(log, windows=windows).table)
    assert times(chains_from_events(log))[0] == [0, 3, 5]


def test_an_event_reported_twice_is_two_events():
    row = {"timestamp": 5.0, "location": "porch", "confidence": 0.5}
    chains = chains_from_events(event_table(row, row, row))
    assert chains.lengths.tolist() == [3]
    assert chains_from_events(event_table(row, row), windows="trailing").lengths.tolist() == [2, 2]


def test_simultaneous_events_are_in_the_order_of_kind_zone_and_confidence():
    rows = [
        {"timestamp": 5.0, "type": kind, "location": zone, "confidence": confidence}
        for kind, zone, confidence in (
            ("door", "porch", 0.5), ("motion", "porch", NAN), ("motion", "porch", 0.5),
            ("motion", "front_door", 1.0),
        )
    ]  # fmt: skip
    chain = chains_from_events(event_table(*rows))[0]
    assert chain["kind"].tolist() == ["motion", "motion", "motion", "door"]
    assert chain["zone"].tolist() == ["front_door", "porch", "porch", "porch"]
    np.testing.assert_array_equal(chain["confidence"], [1, 0.5, NAN, 0.5])


def test_unknown_types_and_places_are_kept():
    log = event_table({"type": "tamper", "location": "igloo"}, {"type": "motion"})
    chain = chains_from_events(log)[0]
    assert chain["kind"].tolist() == ["motion", "other"]
    assert chain["zone"].tolist() == ["unknown", "unknown"]
    plain = pd.DataFrame(
        {"home_id": "a", "timestamp": 0.0, "kind": ["tamper", None], "zone": "igloo"}
    )
    assert chains_from_events(plain)[0]["kind"].tolist() == ["other", "other"]


def test_home_mode_and_offset_are_the_latest_that_are_known():
    log = event_table(
        {"timestamp": 0, "home_mode": "home", "utc_offset": 3600.0},
        {"timestamp": 1, "home_mode": "night", "utc_offset": NAN},
        {"timestamp": 2, "home_mode": None, "utc_offset": NAN},
        {"timestamp": 100, "home_mode": None, "utc_offset": NAN},
    )
    chains = chains_from_events(log)
    assert chains["home_mode"][0] == "night"
    assert chains["home_mode"].isna().tolist() == [False, True]
    np.testing.assert_array_equal(chains["utc_offset"], [3600, NAN])
    bare = chains_from_events(log[["home_id", "timestamp", "kind", "zone"]])
    assert bare["home_mode"].isna().all()
    assert bare["utc_offset"].isna().all()
    assert np.isnan(bare.confidence).all()


@pytest.mark.parametrize("consent", [False, None, "yes", 1])
def test_one_event_without_consent_keeps_its_chain_from_training(consent):
    log = event_table(*at(0, 1, 100))
    log["consent"] = pd.Series([True, consent, True], dtype=object)
    assert chains_from_events(log)["consent"].tolist() == [False, True]
    assert chains_from_events(log.drop(columns="consent"))["consent"].tolist() == [False, False]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([None, None], None),
        ([None, "no_pattern"], "no_pattern"),
        (["no_pattern", "no_pattern", "forced_entry"], "forced_entry"),
        (["forced_entry", "package_delivery"], "package_delivery"),
        (["forced_entry", "forced_entry", "package_delivery"], "forced_entry"),
        (["zoo", "ant"], "ant"),
        (["ant", "prowler_activity"], "prowler_activity"),
        (["ant", "ant", "prowler_activity", NAN], "ant"),
    ],
)
def test_the_label_is_that_of_most_events(labels, expected):
    log = event_table(*at(*range(len(labels)))).assign(label=labels, clean_label=labels[::-1])
    chains = chains_from_events(log)
    assert chains["label"].tolist() == chains["clean_label"].tolist() == [expected]


def test_the_latest_events_of_an_overlong_chain_are_kept():
    log = event_table(*at(*np.arange(130) / 4), consent=True).assign(label="forced_entry")
    log.loc[3, "consent"] = False
    log.loc[3, "label"] = "zoo"
    chains = chains_from_events(log)
    assert chains.lengths.tolist() == [MAX_CHAIN_EVENTS]
    assert times(chains)[0] == (np.arange(30, 130) / 4).tolist()
    assert chains["n_left_out"].tolist() == [30]
    assert chains["start"].tolist() == [0]
    assert chains["consent"].tolist() == [False]  # the cut event is in `start`
    short = chains_from_events(log, max_events=2, windows="trailing")
    assert short.lengths.tolist() == [1] + [2] * 129
    assert short["n_left_out"].tolist() == [0, 0, *range(1, 129)]


@pytest.mark.parametrize(
    ("first", "offsets"),
    [
        ("2024-03-31T01:59:30+01:00", [3600, 7200]),  # forward from 2 to 3 o'clock
        ("2024-10-27T02:59:30+02:00", [7200, 3600]),  # back from 3 to 2 o'clock
    ],
)
def test_a_window_in_which_the_clocks_change_is_60_real_seconds(first, offsets, tmp_path):
    start = pd.Timestamp(first).timestamp()
    path = tmp_path / "events.jsonl"
    path.write_text(
        "\n".join(
            f'{{"type": "motion", "timestamp": {start + seconds}}}'
            for seconds in (0, 29, 31, 60, 61)
        )
    )
    log = read_events(path, timezone="Europe/Berlin", strict=True)
    assert log["utc_offset"].tolist() == [offsets[0]] * 2 + [offsets[1]] * 3
    chains = chains_from_events(log)
    assert times(chains) == [[start, start + 29, start + 31, start + 60], [start + 61]]
    # The clock is that of the chain's last event.
    assert chains["utc_offset"].tolist() == [offsets[1]] * 2
    assert chains_from_events(log.iloc[:2])["utc_offset"].tolist() == offsets[:1]


def test_windows_are_measured_in_milliseconds():
    log = event_table(*at(64.1, 124.1, 1e9 + 0.3, 1e9 + 60.3, 1.7e9, 1.7e9 + 60.0004))
    assert chains_from_events(log).lengths.tolist() == [2, 2, 2]
    assert chains_from_events(log, window=0.001).lengths.tolist() == [1] * 6


def test_a_home_without_a_name_is_unknown():
    log = event_table({"home_id": None}, {"home_id": "a"}, {"home_id": None, "timestamp": 1.0})
    chains = chains_from_events(log)
    assert chains["home_id"].tolist() == ["a", "unknown_home"]
    assert chains.lengths.tolist() == [1, 2]


def test_other_dtypes_of_columns():
    log = event_table(*at(0, 1), home_mode="night").assign(label="forced_entry")
    strange = log.astype(
        {
            "home_id": "category", "timestamp": "int64", "kind": "string", "zone": "object",
            "home_mode": "object", "confidence": "Float64", "label": "category",
            "consent": "boolean",
        }
    )  # fmt: skip
    pd.testing.assert_frame_equal(chains_from_events(strange).table, chains_from_events(log).table)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"window": 0}, r"'window' parameter of .* in the range \(0.0, inf\). Got 0"),
        ({"window": np.inf}, "'window' parameter of chains_from_events must be"),
        ({"window": "60"}, "'window' parameter of chains_from_events must be"),
        ({"silence": -1.0}, "'silence' parameter of .* must be a float .* Got -1.0"),
        ({"silence": NAN}, "'silence' parameter of chains_from_events must be"),
        ({"windows": "sliding"}, "must be a str among .* Got 'sliding'"),
        ({"max_events": 0}, r"an int in the range \[1, 100\]. Got 0"),
        ({"max_events": 101}, r"an int in the range \[1, 100\]. Got 101"),
        ({"max_events": 5.0}, r"an int in the range \[1, 100\]. Got 5.0"),
    ],
)
def test_parameters_out_of_their_range_are_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        chains_from_events(event_table({}), **parameters)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (
            "timestamp",
            NAN,
            "Row 1 of the event table: timestamp must be a number of seconds",
        ),
        ("timestamp", 1e12, "Row 1 of the event table"),
        ("confidence", 2.0, "Row 1 of the event table: confidence must be a number from 0 to 1"),
        ("home_mode", "party", 'Got "party"'),
    ],
)
def test_values_out_of_their_range_are_refused(column, value, message):
    log = event_table({}, {}).astype({"home_mode": object})
    log[column] = pd.Series([None if column == "home_mode" else 0.0, value])
    with pytest.raises(InvalidEventError, match=message):
        chains_from_events(log)


def test_what_is_no_event_table_is_refused():
    with pytest.raises(InvalidEventError, match="Missing: zone"):
        chains_from_events(event_table({}).drop(columns="zone"))
    with pytest.raises(InvalidEventError, match="Got list"):
        chains_from_events([1])
