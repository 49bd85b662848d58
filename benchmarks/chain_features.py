"""Seconds for the chain features of half a million chains, beside pandas and polars.

Run with ``python -m benchmarks.chain_features [--chains 500000]``: chains of 12 events in the mean,
one core, processor time, the least of several runs. The peers compute the same columns, as one does
without ragged arrays. "pandas groupby" leaves all that regards chains to groupby: its shifts, its
rolling windows, its aggregations and counts. "pandas by hand" shifts and searches whole columns
instead where it can, and is held against no limit; polars does so too. Each peer's columns are
compared with the library's, chain by chain, before any time is reported. pandas gets fewer chains,
and its time is scaled up; the figure says so.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["POLARS_MAX_THREADS"] = "1"

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._chain_peers import event_frame, pandas_features, polars_features
from benchmarks._common import host_line
from novin_ml.estimators import ChainStream, make_chain_pipeline
from novin_ml.events import HOME_MODES, KINDS, ZONES, Chains
from novin_ml.features import CHAIN_FEATURES, ChainFeatures

N_CHAINS = 500_000
N_PANDAS = 50_000
LIMIT = 1.5  # seconds for 500,000 chains
LIMIT_ONE = 1000.0  # microseconds for one chain alone
LIMIT_EVENT = 2000.0  # microseconds for an event of a stream, without the learner
LEAST_RATIO = 20.0  # over pandas
REPEATS = 5
PANDAS = "pandas groupby"


def some_chains(n_chains: int, seed: int = 0) -> Chains:
    """Chains of 1 to 100 events, 12 in the mean, within a minute, one event in ten unsure."""
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.geometric(1 / 12, n_chains), 100)
    offsets = np.append(0, np.cumsum(lengths))
    owner = np.repeat(np.arange(n_chains), lengths)
    n_events = len(owner)
    ms = np.sort(owner * 100_000 + rng.integers(0, 60_000, n_events)) - owner * 100_000
    start = rng.integers(1_600_000_000_000, 1_700_000_000_000, n_chains)
    timestamp = (start[owner] + ms) / 1000
    common = np.array([40, 8, 12, 8, 2, 6, 6, 6, 6, 2, 2])
    shares = np.append(common / 100, 0.02)
    kind = rng.choice(len(KINDS) + 1, n_events, p=shares)
    confidence = rng.random(n_events, dtype=np.float32)
    confidence[rng.random(n_events) < 0.1] = np.nan
    table = pd.DataFrame(
        {
            "home_id": "home_1",
            "start": timestamp[offsets[:-1]],
            "observed_until": timestamp[offsets[1:] - 1] + rng.integers(0, 20_001, n_chains) / 1000,
            "utc_offset": 3600.0,
            "home_mode": rng.choice(HOME_MODES, n_chains),
        }
    )
    zone = rng.integers(0, len(ZONES), n_events)
    return Chains(table, offsets, timestamp, kind, zone, confidence)


def least_seconds(function: Callable[[], Any], repeats: int = REPEATS) -> tuple[float, Any]:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        result = function()
        best = min(best, time.process_time() - start)
    return best, result


def microseconds_of_one(chain: Chains) -> float:
    transformer = ChainFeatures()
    times = []
    for _ in range(1_000):
        start = time.process_time()
        transformer.transform(chain)
        times.append(time.process_time() - start)
    return 1e6 * float(np.median(times))


def microseconds_of_events(chains: Chains) -> tuple[float, float]:
    """Time a stream's answer to an event, end to end, and the learner's part in it."""
    chains = chains[:5_000].assign(consent=True)
    features = np.ascontiguousarray(ChainFeatures().transform(chains))
    labels = np.digitize(features[:, 0], np.quantile(features[:, 0], [0.2, 0.4, 0.6, 0.8]))
    model = make_chain_pipeline(n_jobs=1, random_state=0).fit(chains, labels)
    stream = ChainStream(model)
    times, of_learner = [], []
    for number in range(1_000):
        metadata = {"location": "Front Door Camera", "home_mode": "away"}
        event = {"type": "front_motion", "timestamp": number * 2.0, "metadata": metadata}
        start = time.process_time()
        stream.predict_stream(event)
        times.append(time.process_time() - start)
        row = features[[number]]
        start = time.process_time()
        model[-1].learner_.predict_proba(row)
        of_learner.append(time.process_time() - start)
    return 1e6 * float(np.median(times)), 1e6 * float(np.median(of_learner))


def extra_mib(chains: Chains) -> float:
    """Peak of what is allocated beside the result."""
    tracemalloc.start()
    features = ChainFeatures().transform(chains)
    peak = tracemalloc.get_traced_memory()[1] - features.nbytes
    tracemalloc.stop()
    return peak / 2**20


def check_same(peer: np.ndarray, novin: np.ndarray) -> None:
    for column, spec in enumerate(CHAIN_FEATURES):
        np.testing.assert_allclose(
            peer[:, column], novin[:, column], rtol=2e-6, atol=2e-6, err_msg=spec.name
        )


def peers(chains: Chains, novin: np.ndarray) -> dict[str, tuple[float, int]]:
    """Time the peers: seconds, and for how many chains."""
    found = {}
    few = chains[: min(N_PANDAS, len(chains))]
    events, table = event_frame(few)
    for name, by_hand in ((PANDAS, False), ("pandas by hand", True)):
        function = partial(pandas_features, events, table, by_hand=by_hand)
        seconds, features = least_seconds(function, 2)
        check_same(features, novin[: len(few)])
        found[name] = (seconds, len(few))
    try:
        import polars
    except ImportError:
        print("polars is not installed: it is left out.")
        return found
    frames = [polars.from_pandas(frame) for frame in event_frame(chains)]
    seconds, features = least_seconds(lambda: polars_features(*frames), 2)
    check_same(features, novin)
    found["polars group_by"] = (seconds, len(chains))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--chains", type=int, default=N_CHAINS)
    n_chains = parser.parse_args().chains
    chains = some_chains(n_chains)
    seconds, novin = least_seconds(lambda: ChainFeatures().transform(chains))
    one = microseconds_of_one(chains[[0]])
    event, learner = microseconds_of_events(chains)
    others = peers(chains, novin)

    print(host_line())
    print(
        f"{n_chains:,} chains, {len(chains.timestamp):,} events, {len(CHAIN_FEATURES)} columns, "
        "one core"
    )
    print(f"{'':18s} {'seconds':>9s} {'ratio':>7s}")
    print(f"{'novin_ml':18s} {seconds:9.2f} {1:7.1f}")
    for name, (peer_seconds, n_timed) in others.items():
        scaled = peer_seconds * n_chains / n_timed
        note = "" if n_timed == n_chains else f"  scaled up from {n_timed:,} chains"
        print(f"{name:18s} {scaled:9.2f} {scaled / seconds:7.1f}{note}")
    print(f"one chain alone: {one:.0f} us in the median, limit {LIMIT_ONE:g}")
    print(f"an event of a stream, end to end: {event:.0f} us in the median, learner {learner:.0f}")
    print(f"peak memory beside the result: {extra_mib(chains):.0f} MiB")
    peer_seconds, n_timed = others[PANDAS]
    passed = (
        seconds <= LIMIT * n_chains / N_CHAINS
        and one <= LIMIT_ONE
        and event - learner <= LIMIT_EVENT
        and peer_seconds / n_timed >= LEAST_RATIO * seconds / n_chains
    )
    print("kept" if passed else "MISSED")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
