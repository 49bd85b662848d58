"""Laws of chains: which events are in which, and what must not matter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml.events import Chains, chains_from_events, read_chains, write_chains
from tests.events import chain_reference as reference
from tests.properties.strategies import any_chains, chain_tables, event_logs

kinds_of_windows = st.sampled_from(("separate", "trailing"))
lengths = st.sampled_from((0.001, 5.0, 30.0, 60.0, 1e9))
ARRAYS = ("offsets", "timestamp", "kind", "zone", "confidence")


def assert_same(left: Chains, right: Chains) -> None:
    pd.testing.assert_frame_equal(left.table, right.table, check_exact=True)
    for name in ARRAYS:
        got, expected = getattr(left, name), getattr(right, name)
        assert got.dtype == expected.dtype
        np.testing.assert_array_equal(got, expected, err_msg=name)


def rows_of(chains):
    """Return each chain's events, as the reference has them."""
    certain = np.where(np.isnan(chains.confidence), 2.0, chains.confidence.astype(float)).tolist()
    events = list(zip(chains.timestamp.tolist(), chains.kind, chains.zone, certain, strict=True))
    return [events[begin:end] for begin, end in pairwise(chains.offsets)]


@given(event_logs, lengths, kinds_of_windows)
def test_chains_are_those_of_plain_loops(log, window, windows):
    chains = chains_from_events(log, window, windows=windows, silence=7.5)
    expected = [
        (reference.chain(rows, following, 7.5), reference.events_of(rows))
        for rows, following in reference.windows(log, window, windows)
    ]
    expected.sort(key=lambda each: (each[0]["start"], each[0]["home_id"], each[1][-1][0]))
    assert rows_of(chains) == [events for _, events in expected]
    for name in ("home_id", "start", "observed_until", "consent", "n_left_out", "label"):
        assert chains[name].tolist() == [chain[name] for chain, _ in expected], name


@given(event_logs, lengths)
def test_every_event_is_in_one_separate_chain(log, window):
    chains = chains_from_events(log, window)
    assert sorted(event for chain in rows_of(chains) for event in chain) == reference.events_of(log)


@given(event_logs, st.integers(1, 6), kinds_of_windows)
def test_overlong_chains_keep_their_latest_events(log, max_events, windows):
    whole = chains_from_events(log, windows=windows)
    cut = chains_from_events(log, windows=windows, max_events=max_events)
    assert rows_of(cut) == [chain[-max_events:] for chain in rows_of(whole)]
    assert (cut["n_left_out"] == np.maximum(whole.lengths - max_events, 0)).all()
    for name in ("home_id", "start", "observed_until"):
        assert cut[name].tolist() == whole[name].tolist()


@given(event_logs, kinds_of_windows, st.integers(1, 100), st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(log, windows, max_events, random):
    rows = list(range(len(log)))
    random.shuffle(rows)
    assert_same(
        chains_from_events(log.iloc[rows], windows=windows, max_events=max_events),
        chains_from_events(log, windows=windows, max_events=max_events),
    )


@given(event_logs, kinds_of_windows)
def test_logs_of_homes_can_be_joined(log, windows):
    together = chains_from_events(log, windows=windows)
    if len(log):
        apart = Chains.concatenate(
            [chains_from_events(part, windows=windows) for _, part in log.groupby("home_id")]
        )
        last = apart.timestamp[apart.offsets[1:] - 1]
        order = np.lexsort((last, apart["home_id"].to_numpy(dtype=str), apart["start"]))
        assert_same(apart[order], together)


@given(event_logs, kinds_of_windows)
def test_names_of_homes_do_not_matter(log, windows):
    names = {"a": "z 1", "b": "x 2", "c": "y 3"}  # in another order
    chains = chains_from_events(log, windows=windows)
    chains = chains.assign(home_id=chains["home_id"].map(names))
    last = chains.timestamp[chains.offsets[1:] - 1]
    order = np.lexsort((last, chains["home_id"].to_numpy(dtype=str), chains["start"]))
    assert_same(
        chains_from_events(log.assign(home_id=log["home_id"].map(names)), windows=windows),
        chains[order],
    )


@given(event_logs, kinds_of_windows, st.integers(-5000, 5000))
def test_windows_move_with_the_days(log, windows, days):
    chains = chains_from_events(log, windows=windows)
    moved = chains_from_events(
        log.assign(timestamp=log["timestamp"] + 86_400 * days), windows=windows
    )
    np.testing.assert_array_equal(moved.offsets, chains.offsets)
    for name in ("kind", "zone", "confidence"):
        np.testing.assert_array_equal(getattr(moved, name), getattr(chains, name))
    since = moved.timestamp - 86_400 * days
    np.testing.assert_allclose(since, chains.timestamp, rtol=0, atol=1e-6)


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
@given(chains=any_chains() | chain_tables)
def test_files_lose_nothing(suffix, chains):
    with TemporaryDirectory() as folder:
        path = Path(folder, f"chains{suffix}")
        write_chains(chains, path)
        assert_same(read_chains(path, strict=True, timezone="Asia/Tokyo"), chains)


@given(chain_tables, st.data())
def test_taking_rows_is_that_of_a_table(chains, data):
    rows = data.draw(st.lists(st.integers(0, len(chains) - 1)))
    taken = chains.take(rows)
    expected = chains.table.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(taken.table, expected)
    assert rows_of(taken) == [rows_of(chains)[row] for row in rows]
    assert_same(Chains(taken.table, *(getattr(taken, name) for name in ARRAYS)), taken)
