"""Laws of the chain features and of the stream of a home."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.estimators import ChainStream, make_chain_pipeline
from novin_ml.events import Chains, chains_from_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import CHAIN_FEATURES, ChainFeatures
from tests.features.builders import event_table
from tests.features.chain_builders import random_chains
from tests.features.chain_reference import CLOCK, reference_table
from tests.properties.strategies import chain_tables, event_logs

NAMES = [spec.name for spec in CHAIN_FEATURES]
IS_CLOCK = np.isin(NAMES, CLOCK)
WEEK = 7 * 86_400_000


def features(chains):
    return ChainFeatures().fit_transform(chains)


def with_events(chains, events):
    """Return the chains with their events in another order."""
    return Chains(
        chains.table,
        chains.offsets,
        *(getattr(chains, name)[events] for name in ("timestamp", "kind", "zone", "confidence")),
    )


@given(chain_tables, st.randoms(use_true_random=False))
def test_order_of_chains_does_not_matter(chains, random):
    rows = list(range(len(chains)))
    random.shuffle(rows)
    np.testing.assert_array_equal(features(chains[rows]), features(chains)[rows])


@given(chain_tables, chain_tables)
def test_tables_can_be_joined(left, right):
    np.testing.assert_array_equal(
        features(Chains.concatenate([left, right])),
        np.concatenate([features(left), features(right)]),
    )


@given(chain_tables)
def test_a_chain_alone_is_the_same_chain_in_a_batch(chains):
    alone = [features(chains[[row]]) for row in range(len(chains))]
    np.testing.assert_array_equal(np.concatenate(alone), features(chains))


@given(chain_tables, st.randoms(use_true_random=False))
def test_order_in_which_events_come_does_not_matter(chains, random):
    order = []
    for begin, stop in zip(chains.offsets, chains.offsets[1:], strict=False):
        events = list(range(begin, stop))
        random.shuffle(events)
        order += events
    np.testing.assert_array_equal(features(with_events(chains, order)), features(chains))


@given(event_logs)
def test_names_of_homes_do_not_matter(log):
    def sorted_features(log):
        rows = features(chains_from_events(log))
        return rows[np.lexsort(rows.T)]

    renamed = log.assign(home_id=log["home_id"].map({"a": "z", "b": "x", "c": "y"}))
    np.testing.assert_array_equal(sorted_features(renamed), sorted_features(log))


@given(chain_tables, st.integers(-1_000_000_000, 1_000_000_000), st.integers(-2000, 2000))
def test_a_shift_of_time_moves_the_clock_alone(chains, ms, weeks):
    def shifted(ms):
        def moved(seconds):
            return (np.rint(np.asarray(seconds) * 1000) + ms) / 1000

        table = chains.table.assign(
            start=moved(chains["start"]), observed_until=moved(chains["observed_until"])
        )
        time = moved(chains.timestamp)
        return Chains(table, chains.offsets, time, chains.kind, chains.zone, chains.confidence)

    before, after = features(chains), features(shifted(ms))
    np.testing.assert_array_equal(after[:, ~IS_CLOCK], before[:, ~IS_CLOCK])
    after = features(shifted(weeks * WEEK))
    np.testing.assert_array_equal(after[:, ~IS_CLOCK], before[:, ~IS_CLOCK])
    np.testing.assert_allclose(after[:, IS_CLOCK], before[:, IS_CLOCK], atol=1e-6)


@given(chain_tables)
def test_every_column_is_its_plain_loop(chains):
    got, expected = features(chains), reference_table(chains, NAMES)
    np.testing.assert_array_equal(got[:, ~IS_CLOCK], expected[:, ~IS_CLOCK])
    np.testing.assert_allclose(got[:, IS_CLOCK], expected[:, IS_CLOCK], atol=1e-6)


@given(chain_tables)
def test_columns_keep_to_their_ranges(chains):
    for spec, column in zip(CHAIN_FEATURES, features(chains).T, strict=True):
        known = column[~np.isnan(column)]
        assert ((known >= spec.low) & (known <= spec.high)).all(), spec.name


@cache
def small_model():
    chains = random_chains(300, longest=12)
    labels = np.where(chains.lengths > 5, "many", "few").astype(object)
    labels[features(chains)[:, NAMES.index("openings_in_15s")] > 2] = "openings"
    return make_chain_pipeline(epochs=8, random_state=0, n_jobs=1).fit(chains, labels)


#: Steps in milliseconds, most of them forward: late events, ties, new windows.
sent_events = st.fixed_dictionaries(
    {
        "step": st.sampled_from((0, 0, 1, 500, 9_000, 61_000, -1, -700, -20_000))
        | st.integers(-30_000, 90_000),
        "type": st.sampled_from(("motion", "doorbell", "front_door", "glassbreak", "leak")),
        "confidence": st.none() | st.floats(0, 1),
        "location": st.sampled_from((None, "garage", "Front Door", "nowhere")),
        "home_mode": st.none() | st.sampled_from(("home", "away")),
        "utc_offset": st.sampled_from((None, 3600.0, -7200.0)),
        "consent": st.booleans(),
    }
)


@given(st.lists(sent_events, min_size=1, max_size=15), st.sampled_from((100, 4, 1)))
def test_the_stream_answers_as_the_batch_does(sent, max_events):
    model = small_model()
    stream = ChainStream(model, max_events=max_events)
    accepted, time, start = [], 1_700_000_000_000, 0.0
    for event in sent:
        time += event["step"]
        seconds = time / 1000
        metadata = {name: event[name] for name in ("location", "home_mode")}
        as_json = {"home_id": "home_1", "timestamp": seconds, "metadata": metadata}
        as_json |= {name: event[name] for name in event if name not in {"step", *metadata}}
        if seconds < start:
            with pytest.raises(InvalidEventError, match="older than the first"):
                stream.predict_stream(as_json)
            continue
        answer = stream.predict_stream(as_json)
        row = {name: value for name, value in event.items() if value is not None} | metadata
        row = {"utc_offset": 0.0, "confidence": np.nan} | row | {"timestamp": seconds}
        row.pop("step")
        accepted.append(row)
        chains = chains_from_events(event_table(*accepted), max_events=max_events)
        batch = chains[-1:]
        start = float(batch["start"].iloc[0])
        np.testing.assert_array_equal(stream.predict_silence(), model.predict_proba(batch)[0])
        last = batch.timestamp[-1]
        watched = batch.assign(observed_until=last)
        assert answer.dtype == np.float32
        np.testing.assert_array_equal(answer, model.predict_proba(watched)[0])
        assert stream.chain.table.equals(watched.table)
