"""What chains refuse, and whose chains and consent they are."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from novin_ml.estimators import ChainStream, make_chain_pipeline
from novin_ml.estimators.row_kinds import read_chains_or_events
from novin_ml.evaluation import observed_weeks
from novin_ml.events import (
    EVENT_KINDS,
    Chains,
    Signals,
    chains_from_events,
    events_from_intervals,
    holds_chains,
    read_chains,
    read_events,
    training_events,
    write_chains,
)
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import ChainFeatures
from tests.features.builders import at, event_table
from tests.features.chain_builders import random_chains

NAN = np.nan


def event(time=1.0, **fields):
    return {"type": "motion", "timestamp": time, **fields}


@pytest.fixture
def write(tmp_path):
    def write(*lines):
        path = tmp_path / "chains.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)))
        return path

    return write


def one_chain(**parts):
    parts = {
        "table": pd.DataFrame({"home_id": ["a"], "start": [1.0]}), "offsets": [0, 2],
        "timestamp": [1.0, 2.0], "kind": [0, 1], "zone": [0, 1], "confidence": [0.5, NAN],
    } | parts  # fmt: skip
    return Chains(**parts)


def test_users_are_homes_of_chains(write):
    lines = [{"user_id": f"u{row}", "events": [event(10.0 * row)]} for row in range(5)]
    chains, _ = read_chains_or_events(write(*lines), return_report=True)
    assert chains["home_id"].tolist() == ["u0", "u1", "u2", "u3", "u4"]


def test_users_are_homes_of_chains_in_parquet(tmp_path):
    path = tmp_path / "chains.parquet"
    pd.DataFrame(
        {"home_id": [None, "h"], "user_id": ["u", "v"], "timestamp": [[1.0], [1.0]],
         "kind": [["door"], ["door"]]}
    ).to_parquet(path)  # fmt: skip
    assert read_chains(path)["home_id"].tolist() == ["u", "h"]


def test_the_home_is_that_of_the_events_where_the_chain_names_none(write):
    path = write(
        {"home_id": None, "user_id": "u", "events": [event()]},
        {"label": "x", "events": [event(), event(home_id="h1")]},
        {"home_id": None, "label": "y", "events": [event(user_id="h2")]},
        {"home_id": "h3", "events": [event(home_id="h3"), event()]},
        {"label": "x", "events": [event(home_id="h1"), event(home_id="h2")]},
        {"home_id": "h", "events": [event(home_id="h1")]},
    )
    chains, report = read_chains(path, return_report=True)
    assert chains["home_id"].tolist() == ["u", "h1", "h2", "h3"]
    assert report.rejects[["line", "field", "got"]].to_numpy().tolist() == [
        [5, "home_id", '"h1", "h2" of its events'],
        [6, "home_id", '"h" of the chain, "h1" of its events'],
    ]


def test_one_line_does_not_decide_for_a_file(write):
    bare, told = {"events": [event()]}, {"home_id": "h", "events": [event()]}
    assert not holds_chains(write(bare, bare))
    assert len(read_chains(write(bare, bare))) == 2
    for first in (bare, event()):
        path = write(first, told)
        assert holds_chains(path)
        assert read_chains(path)["home_id"].tolist()[-1] == "h"


def test_events_are_not_read_from_chains(write, tmp_path):
    path = write({"home_id": "h", "label": "x", "events": [event()]}, {"events": [event()]})
    events, report = read_events(path, return_report=True)
    assert len(events) == 1
    assert "read_chains" in report.rejects["expected"][0]
    write_chains(one_chain(), tmp_path / "chains.parquet")
    with pytest.raises(InvalidEventError, match="read_chains reads chains"):
        read_events(tmp_path / "chains.parquet", strict=True)


@pytest.mark.parametrize("windows", ["separate", "trailing"])
def test_what_an_event_without_consent_shows_is_not_trained_on(windows):
    log = event_table(*at(100, 155, 165, 300)).assign(label="x")
    log["consent"] = [True, True, False, True]
    chains = chains_from_events(log, windows=windows)
    kept, _ = training_events(chains)
    alone = chains_from_events(log[log["consent"]], windows=windows)
    shown = {tuple(row) for row in kept.table[["start", "observed_until"]].to_numpy().tolist()}
    assert shown <= {tuple(row) for row in alone.table[["start", "observed_until"]].to_numpy()}
    until = kept["observed_until"].tolist()
    assert until == {"separate": [320], "trailing": [120, 320]}[windows]


def test_a_stream_remembers_that_an_event_it_cut_had_no_consent():
    stream = ChainStream(
        make_chain_pipeline(epochs=2).fit(random_chains(60), [0, 1] * 30), max_events=1
    )
    for time, consent in ((1.0, False), (2.0, True)):
        stream.predict_stream(event(time, consent=consent))
    assert stream.chain["consent"].tolist() == [False]
    stream.predict_stream(event(100.0, consent=True))
    assert stream.chain["consent"].tolist() == [True]


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"kind": np.array([256, 0])}, "kind of an event must be a position .* Got 256"),
        ({"kind": [1.7, 0]}, "Got 1.7"),
        ({"kind": [0, len(EVENT_KINDS)]}, f"Got {len(EVENT_KINDS)}"),
        ({"kind": ["doorbell", "motion"]}, 'Got "doorbell" .*KIND_DTYPE.categories.get_indexer'),
        ({"zone": [NAN, 0]}, "zone of an event must be a position .* Got NaN"),
        ({"kind": [True, False]}, "kind of an event must be a position"),
        ({"offsets": [0, 1.5]}, "offsets of chains must be whole numbers"),
        ({"confidence": ["0.5", "1"]}, "confidence of an event must be a number"),
        ({"table": pd.DataFrame({"home_id": ["a"], "start": ["x"]})}, "start of chains must be"),
        ({"table": pd.DataFrame({"home_id": ["a"], "start": [pd.Timestamp(1)]})},
         "start of chains must be"),
        ({"table": pd.DataFrame({"home_id": ["a"], "start": [1.0], "n_left_out": [NAN]})},
         "n_left_out of chains must be a number of events"),
    ],
)  # fmt: skip
def test_what_a_cast_would_change_is_refused(parts, message):
    with pytest.raises(InvalidEventError, match=message):
        one_chain(**parts)


def test_unknown_columns_are_refused():
    with pytest.raises(InvalidEventError, match=r"must be one of home_id.*Got 'lable'"):
        one_chain().assign(lable=["x"])


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        ("timestamp", pd.to_datetime(["2020-01-01"] * 2), "Row 0 .*seconds since 1970.*timezone="),
        ("timestamp", [1.0, "2020-01-01"], "Row 1 .*timestamp must be a number of seconds"),
        ("confidence", [0.5, "x"], 'Row 1 .*confidence must be a number from 0 to 1. Got "x"'),
        ("utc_offset", [0.0, 1e9], "Row 1 .*utc_offset must be a multiple of 900"),
        ("home_mode", ["home", "party"], 'Row 1 .*home_mode must be home.*Got "party"'),
    ],
)
def test_a_wrong_value_of_a_log_is_named_by_its_row(column, values, message):
    log = event_table({}, {}).astype({"home_mode": object})
    log[column] = pd.Series(values, dtype=None if column == "timestamp" else object)
    with pytest.raises(InvalidEventError, match=message):
        chains_from_events(log)


def test_a_stream_takes_numbers_of_numpy():
    model = make_chain_pipeline(epochs=2).fit(random_chains(60), [0, 1] * 30)
    stream = ChainStream(model)
    stream.predict_stream(event(np.float64(3.0), confidence=np.float32(0.5), consent=np.True_))
    assert stream.chain["consent"].tolist() == [True]
    assert stream.chain.confidence.tolist() == [0.5]
    with pytest.raises(ValueError, match="make_chain_pipeline"):
        ChainStream(model[-1])


def test_lists_of_a_fixed_size_are_read(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = {
        "timestamp": arrow.array([[1.0, 2.0], None], arrow.list_(arrow.float64(), 2)),
        "kind": arrow.array([["door", "motion"], None], arrow.list_(arrow.string(), 2)),
    }
    parquet.write_table(arrow.table(columns), tmp_path / "chains.parquet")
    chains, report = read_chains(tmp_path / "chains.parquet", return_report=True)
    assert chains.timestamp.tolist() == [1, 2]
    assert report.rejects[["line", "got"]].to_numpy().tolist() == [[2, "none"]]


def test_files_that_are_none(tmp_path):
    for name in ("chains.parquet", "chains.jsonl"):
        with pytest.raises(FileNotFoundError, match="where there is none"):
            read_chains(tmp_path / name)
    (tmp_path / "chains.parquet").write_text("hello")
    with pytest.raises(InvalidEventError, match="must be a Parquet file"):
        read_chains(tmp_path / "chains.parquet")


def test_no_chains_in_parquet_keep_their_labels(tmp_path):
    write_chains(one_chain().assign(label=["x"])[:0], tmp_path / "chains.parquet")
    assert "label" in read_chains(tmp_path / "chains.parquet").columns


@pytest.mark.parametrize("rows", [random_chains(3), Signals.from_arrays([[1], [2], [3]])])
def test_rows_are_not_indexed_by_what_means_something_else(rows):
    for key in (True, None, [[0, 1]], [0.0, 1.0], (slice(None), 0)):
        with pytest.raises(IndexError, match="A table is indexed by"):
            rows[key]
    with pytest.raises(IndexError, match="The rows to take must be"):
        rows.take([True, False, True])
    with pytest.raises(IndexError, match="by loc with a mask"):
        rows.loc[[0, 1]]
    mask = [True, False, True]
    assert len(rows[mask]) == len(rows.loc[np.array(mask)]) == 2
    assert len(rows[[]]) == len(rows.take([])) == 0
    with pytest.raises(InvalidEventError, match="at least one table"):
        type(rows).concatenate([])


def test_masks_are_folds():
    chains = random_chains(60)
    model = make_pipeline(ChainFeatures(), DecisionTreeClassifier(max_depth=2, random_state=0))
    even = np.arange(60) % 2 == 0
    y = chains.lengths > 5
    np.testing.assert_array_equal(
        cross_val_score(model, chains, y, cv=[(even, ~even)]),
        cross_val_score(model, chains, y, cv=[(np.flatnonzero(even), np.flatnonzero(~even))]),
    )


def test_times_of_observation_are_finite():
    with pytest.raises(ValueError, match="must be finite numbers of seconds"):
        observed_weeks(["a"], [NAN])


def test_an_interval_over_the_hour_that_comes_twice_keeps_its_length():
    log = pd.DataFrame(
        {"on": ["2024-10-27 02:50:00", "2024-10-27 12:50:00"],
         "off": ["2024-10-27 02:10:00", "2024-10-27 12:10:00"], "what": "motion"}
    )  # fmt: skip
    events, report = events_from_intervals(
        log, start="on", end="off", type="what", timezone="Europe/Madrid"
    )
    np.testing.assert_array_equal(events["duration"], [1200, NAN])
    assert report.rejects["line"].tolist() == [2]


def test_names_of_homes_may_change_their_order():
    log = event_table(*at(0, 30, 70, home_id="a"), *at(0, 5, 90, home_id="b"))
    renamed = log.assign(home_id=log["home_id"].map({"a": "z", "b": "c"}))
    for windows in ("separate", "trailing"):
        chains = chains_from_events(log, windows=windows)
        other = chains_from_events(renamed, windows=windows)
        back = other["home_id"].map({"z": "a", "c": "b"})
        last = other.timestamp[other.offsets[1:] - 1]
        order = np.lexsort((last, back.to_numpy(dtype=str), other["start"]))
        assert not np.array_equal(order, np.arange(len(order)))
        np.testing.assert_array_equal(
            ChainFeatures().fit_transform(other[order]), ChainFeatures().fit_transform(chains)
        )
