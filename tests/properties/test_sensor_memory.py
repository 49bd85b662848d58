"""Columns of sensors and of what was before: by hand, row by row, in parts, and event by event."""

import json

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from novin_ml.estimators import ChainStream
from novin_ml.events import (
    Vocabulary,
    chain_prefixes,
    chains_from_events,
    events_from_json,
    sensor_names,
)
from novin_ml.features import ChainFeatures
from tests.properties.strategies import sensor_logs

MEMORY = 300.0


def table_of(events, vocabulary=None):
    table = events_from_json(json.dumps(events), strict=True, vocabulary=vocabulary)
    names = table["type"] + " at " + table["location"]
    keys = table.assign(sensor=table.get("sensor", names))
    keys["state"] = [
        {"on": 1, "off": 0, "closed": 0}.get(state, -1)
        for state in (table["state"] if "state" in table else [None] * len(table))
    ]
    keys["end"] = table["end"].fillna(-1.0) if "end" in table else -1.0
    order = ["home_id", "timestamp", "kind", "zone", "consent", "sensor", "state", "end"]
    return table.loc[keys.sort_values(order, kind="stable").index].reset_index(drop=True)


def features_of(table, memory=MEMORY):
    return ChainFeatures(sensors=sensor_names(table), zones=("kitchen",), memory=memory)


def by_hand(table, name, row_of_last, begin, memory):
    """Return the columns of one sensor in one chain, from the rows of its home up to its last."""
    home = table["home_id"] == table["home_id"][row_of_last]
    if table["consent"][begin : row_of_last + 1].all():
        home &= table["consent"]
    last, first = table["timestamp"][row_of_last], table["timestamp"][begin]
    is_it = (table["type"] + " at " + table["location"] == name) & home
    state = table["state"].astype(object) if "state" in table else table["type"].map({})
    count = int(is_it[begin : row_of_last + 1].sum())
    since, ends, is_on = np.nan, 0, 0
    for row in np.flatnonzero(is_it & (np.arange(len(table)) < row_of_last)):
        if state[row] in ("off", "closed"):
            continue
        end = table["end"][row] if "end" in table else np.nan
        if np.isnan(end) and state[row] in ("on", "open"):
            later = is_it & state.isin(["on", "off", "closed"]) & (np.arange(len(table)) > row)
            end = table["timestamp"][later].min() if later.any() else np.inf
        since = last - table["timestamp"][row]
        is_on |= end >= last
        ends += first <= end < last
    recent = 0 if np.isnan(since) else memory / (memory + since)
    return count, is_on, ends, min(since, 604_800.0) if since == since else since, recent


def kitchen(seconds, consent, state=None):
    """Return an event of the motion sensor there."""
    metadata = {"location": "kitchen"} | ({"state": state} if state else {})
    return {
        "type": "motion", "timestamp": 1e6 + seconds, "home_id": "a", "consent": consent,
        "metadata": metadata,
    }  # fmt: skip


#: Only an event without consent tells that the sensor is off.
HIDDEN = [
    kitchen(0, True, "on"),
    kitchen(100, False, "off"),
    kitchen(5000, True),
    kitchen(9000, True, "off"),
    kitchen(9001, False),
    kitchen(12_000, True),
]


@given(sensor_logs())
@example(HIDDEN)
def test_the_columns_are_what_one_counts_by_hand(events):
    table = table_of(events)
    chains = chains_from_events(table)
    features = features_of(table).set_output(transform="pandas")
    found = features.fit_transform(chains)
    key = [*zip(table["home_id"], table["timestamp"], strict=True)]
    for number in range(len(chains)):
        home = chains["home_id"][number]
        times = chains[number]["timestamp"].tolist()
        begin = key.index((home, times[0]))
        stop = begin + len(times)
        assert key[stop - 1] == (home, times[-1])
        for name in features.sensors:
            slug = name.replace(" ", "_")
            columns = [f"{what}_sensor_{slug}" for what in ("n", "on", "ends", "since", "recent")]
            expected = by_hand(table, name, stop - 1, begin, MEMORY)
            assert_array_equal(found.loc[number, columns], np.float32(expected), err_msg=name)
        codes = {name: code for code, name in enumerate(features.sensors)}
        own = table["home_id"] == home
        if table["consent"][begin:stop].all():
            own &= table["consent"]
        rows = np.flatnonzero(own & (np.arange(len(table)) < stop))[::-1][:3]
        names = (table["type"] + " at " + table["location"])[rows]
        told = [codes[name] for name in names] + [np.nan] * (3 - len(rows))
        assert_array_equal(
            found.loc[number, ["sensor_last", "sensor_before_1", "sensor_before_2"]],
            np.float32(told),
        )


@given(sensor_logs(), st.integers(0, 2**32 - 1))
def test_a_row_depends_on_no_other_row_and_on_nothing_later(events, seed):
    table = table_of(events)
    chains = chains_from_events(table)
    features = features_of(table)
    rows = features.fit_transform(chains)
    part = np.random.default_rng(seed).permutation(len(chains))[: len(chains) // 2 + 1]
    assert_array_equal(features.transform(chains[part]), rows[part])
    # What comes after a chain's window, and its ends, changes nothing in it.
    until = float(np.median(chains["start"]))
    early = chains_from_events(table[table["timestamp"] <= until + 60])
    same = np.flatnonzero(chains["start"].to_numpy() <= until)
    silence = [spec.name for spec in features.feature_specs].index("silence_after")
    keep = np.arange(rows.shape[1]) != silence
    early = features.transform(early[early["start"].to_numpy() <= until])
    assert_array_equal(early[:, keep], rows[same][:, keep])


#: None, kinds and zones of their own, and sensors of their own, of which one is not named.
VOCABULARIES = {
    "sdk": None,
    "home": Vocabulary.home(),
    "sensors": Vocabulary.from_dict(
        {
            "name": "flat",
            "sensors": [
                {"name": "tap", "type": "kettle"},
                {"name": "bath", "location": "bathroom"},
                {"name": "pir", "type": "motion", "location": "kitchen"},
            ],
        }
    ),
}


@pytest.mark.parametrize("name", VOCABULARIES)
@given(events=sensor_logs())
@example(events=HIDDEN)
def test_a_stream_computes_the_bits_of_the_batch(name, events):
    table = table_of(events, VOCABULARIES[name])
    features = features_of(table)
    for home in table["home_id"].unique():
        own = table[table["home_id"] == home].reset_index(drop=True)
        batch = features.fit_transform(chain_prefixes(chains_from_events(own)))
        stream = ChainStream(_Answers(features))
        for number in range(len(own)):
            stream.predict_stream(own.iloc[number])
            assert_array_equal(features.transform(stream.chain)[0], batch[number])


def test_a_stream_keeps_no_more_of_a_sensor_that_is_never_off():
    event = {"type": "motion", "metadata": {"location": "hall", "state": "on"}}
    table = table_of([event | {"timestamp": 100.0 * number} for number in range(1, 60)])
    features = features_of(table)
    batch = features.fit_transform(chain_prefixes(chains_from_events(table)))
    stream = ChainStream(_Answers(features))
    for number in range(len(table)):
        stream.predict_stream(table.iloc[number])
        assert_array_equal(features.transform(stream.chain)[0], batch[number])
        assert len(stream.chain.log) <= 4


class _Answers:
    def __init__(self, features):
        self.features = features
        self.vocabulary_ = features.vocabulary_

    def predict_proba(self, chains):
        return self.features.transform(chains)


def test_without_names_the_columns_are_those_of_set_1():
    table = table_of([{"type": "motion", "timestamp": 5.0, "metadata": {"location": "hall"}}])
    chains = chains_from_events(table)
    plain = ChainFeatures()
    for other in (ChainFeatures(sensors=()), ChainFeatures(zones=[])):
        assert other.feature_specs == plain.feature_specs
        assert_array_equal(other.fit_transform(chains), plain.fit_transform(chains))
    more = ChainFeatures(sensors=sensor_names(table), memory=60.0)
    assert more.feature_specs[: len(plain.feature_specs)] == plain.feature_specs
    assert_array_equal(
        more.fit_transform(chains)[:, : len(plain.feature_specs)], plain.fit_transform(chains)
    )


@pytest.mark.parametrize("windows", ["separate", "trailing"])
def test_a_chain_cut_amid_simultaneous_events_finds_its_own(windows):
    events = [kitchen(seconds, True) for seconds in (0, 5, 5, 5)]
    for event, place in zip(events, ("kitchen", "kitchen", "bathroom", "attic"), strict=True):
        event["metadata"]["location"] = place
    table = table_of(events)
    chains = chains_from_events(table, windows=windows, max_events=2)
    features = ChainFeatures(sensors=sensor_names(table)).set_output(transform="pandas")
    counts = features.fit_transform(chains).filter(like="n_sensor_").iloc[-1]
    # The latest two of four: unknown zones come last.
    assert counts[counts > 0].index.tolist() == [
        "n_sensor_motion_at_attic", "n_sensor_motion_at_bathroom",
    ]  # fmt: skip
