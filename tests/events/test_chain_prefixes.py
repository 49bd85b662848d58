"""The beginnings of chains are what a stream is asked about."""

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import ChainStream
from novin_ml.events import chain_prefixes, chains_from_events, event_kind
from novin_ml.simulation import simulate_chain_events, simulate_chains


class Listener:
    """A model of chains that keeps what it was asked about."""

    def __init__(self):
        self.asked = []

    def predict_proba(self, chains):
        self.asked.append(chains)
        return np.zeros((len(chains), 1), dtype=np.float32)


def test_prefixes_are_the_chains_of_a_stream():
    log = simulate_chain_events(300, n_homes=1, random_state=0).sort_values("timestamp")
    log["home_mode"] = "home"
    log = log[~log.duplicated("timestamp")]
    listener = Listener()
    stream = ChainStream(listener)
    for event in log.to_dict("records"):
        sent = {"type": event["type"], "timestamp": event["timestamp"], "metadata": {}}
        if event["location"] is not None:
            sent["metadata"]["location"] = event["location"]
        if event["confidence"] == event["confidence"]:
            sent["confidence"] = float(event["confidence"])
        stream.predict_stream(sent)
    prefixes = chain_prefixes(chains_from_events(log.assign(kind=event_kind(log["type"]).array)))
    assert len(prefixes) == len(listener.asked) == len(log)
    for i, asked in enumerate(listener.asked):
        for name in ("timestamp", "kind", "zone", "confidence"):
            part = slice(prefixes.offsets[i], prefixes.offsets[i + 1])
            np.testing.assert_array_equal(getattr(prefixes, name)[part], getattr(asked, name))
        assert prefixes["start"][i] == asked["start"][0]
        assert prefixes["observed_until"][i] == asked["observed_until"][0]


def test_the_last_prefix_is_the_whole_chain():
    chains = simulate_chains(200, random_state=1)
    last = chain_prefixes(chains)[chains.offsets[1:] - 1]
    np.testing.assert_array_equal(last.timestamp, chains.timestamp)
    np.testing.assert_array_equal(last.kind, chains.kind)
    other = [name for name in chains.columns if name != "observed_until"]
    pd.testing.assert_frame_equal(last.table[other], chains.table[other])
    assert (last["observed_until"] <= chains["observed_until"]).all()


@pytest.mark.parametrize("n", [0, 1])
def test_few_chains(n):
    chains = simulate_chains(5, random_state=0)[:n]
    assert len(chain_prefixes(chains)) == chains.lengths.sum()
