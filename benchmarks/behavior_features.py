"""Milliseconds per 10,000 events for the 17 behavior features, beside pandas doing the same.

Run with ``python -m benchmarks.behavior_features``. Logs of 1, 10 and 100 homes, 10,000 events
each, no two of a home simultaneous; processor time of one core, the best of alternating runs. The
peer is what one writes with pandas: ``groupby().cumcount()`` for the counts of the past, cumulative
sums of a column for each hour of the day, shifts for the previous event and the gaps, rolling
windows. All columns are compared before any time is reported. Then the time of one
`BehaviorHistory.update`, as a device does it, and of starting from a log of 10,000 events.

Where the data sets lie beside the checkout: AUROC of scikit-learn's IsolationForest for events
planted into the log of a real home (8 times 8 events in a row: of the other home, or its own at
another time of day), by all 17 columns and by the two that only count. The forest sees the first
half of the log, without any planted; the second half is scored.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from benchmarks._common import host_line
from novin_ml.events.fields import HOME_MODES
from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.zones import ZONE_DTYPE
from novin_ml.features import BEHAVIOR_FEATURES, BehaviorFeatures, BehaviorHistory

N_EVENTS = 10_000  # of a home
LIMIT = 100.0  # milliseconds per 10,000 events
REPEATS = 5
DAY = 86_400.0
MONDAY = 1_735_516_800.0
NAMES = [spec.name for spec in BEHAVIOR_FEATURES]
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "ordonez"


def some_logs(n_homes: int, seed: int = 0) -> pd.DataFrame:
    """Eight months of homes that each have a few habits, rows in the order of time."""
    rng = np.random.default_rng(seed)
    n_events = n_homes * N_EVENTS
    home = np.repeat(np.arange(n_homes), N_EVENTS)
    habit = rng.integers(0, 12, n_events)
    hour = rng.uniform(0, 24, (n_homes, 12))[home, habit] + rng.normal(0, 1, n_events)
    seconds = MONDAY + rng.integers(0, 240, n_events) * DAY + hour * 3600
    pick = [rng.integers(0, n, (n_homes, 12))[home, habit] for n in (4, 7, 3)]
    events = pd.DataFrame(
        {
            "home_id": pd.Series([f"home_{number}" for number in range(n_homes)])
            .take(home)
            .to_numpy(object),
            "timestamp": np.round(seconds, 3),
            "utc_offset": np.zeros(n_events, dtype=np.float32),
            "kind": pd.Categorical.from_codes(pick[0], dtype=KIND_DTYPE),
            "zone": pd.Categorical.from_codes(pick[1], dtype=ZONE_DTYPE),
            "home_mode": pd.Categorical.from_codes(pick[2], categories=list(HOME_MODES)),
        }
    )
    events = events.drop_duplicates(["home_id", "timestamp"])
    return events.sort_values("timestamp", kind="stable", ignore_index=True)


def pandas_peer(events: pd.DataFrame) -> pd.DataFrame:
    """The same columns as one would write them with pandas; rows in the order of time."""
    table = events[["home_id", "timestamp", "kind", "zone", "home_mode"]].copy()
    when = pd.to_datetime((table["timestamp"] * 1000).round().astype("int64"), unit="ms")
    table["hour"] = when.dt.hour
    table["weekend"] = (when.dt.floor("D") - pd.Timestamp("1970-01-05")).dt.days % 7 >= 5
    table["pair"] = table["kind"].astype(str) + " " + table["zone"].astype(str)
    home = table.groupby("home_id", sort=False)
    table["previous"] = home["pair"].shift(fill_value="none")
    n = home.cumcount()

    def count(*names: str) -> pd.Series:
        return table.groupby(["home_id", *names], sort=False, observed=True).cumcount()

    n_pair, n_mode, n_order = count("pair"), count("pair", "home_mode"), count("previous", "pair")
    one_hot = pd.get_dummies(table["hour"], dtype="int32").reindex(columns=range(24), fill_value=0)
    rows = np.arange(len(table))

    def by_hour(groups: list[pd.Series], beside: int) -> np.ndarray:
        running = one_hot.groupby(groups, sort=False, observed=True).cumsum() - one_hot
        return running.to_numpy()[rows, (table["hour"].to_numpy() + beside) % 24]

    pair = [table["home_id"], table["pair"]]
    around = (2 * by_hour(pair, 0) + by_hour(pair, -1) + by_hour(pair, 1)) / 4
    pair.append(table["home_mode"])
    around_in_mode = (2 * by_hour(pair, 0) + by_hour(pair, -1) + by_hour(pair, 1)) / 4
    days = (table["timestamp"] - home["timestamp"].transform("first")).div(DAY).clip(lower=1)
    minute = (when.dt.minute + 1) / 60
    whole = [table["home_id"]]
    usual = (minute * by_hour(whole, 0) + (1 - minute) * by_hour(whole, -1)) / days
    by_minute = (
        table.assign(row=rows).set_index(when.dt.floor("min")).groupby("home_id", sort=False)
    )
    order = np.concatenate(list(home.indices.values()))
    in_last = {}
    for window in ("60min", "1440min"):
        in_last[window] = np.empty(len(table))
        in_last[window][order] = by_minute["row"].rolling(window).count().to_numpy() - 1
    share = (n_pair + 0.25) / (n + 1)
    mode_hour_rarity = log2((n + 1) / (around_in_mode + 0.25))
    table["rarity"] = np.floor(16 * mode_hour_rarity)
    before = home["rarity"].shift(fill_value=0).groupby(table["home_id"], sort=False)
    recent = np.empty(len(table))
    recent[order] = before.rolling(8, min_periods=1).sum().to_numpy() / 16 / 8
    gap = table["timestamp"] - home["timestamp"].shift()
    of_kind = table.groupby(["home_id", "kind"], sort=False, observed=True)["timestamp"].shift()
    gap_kind = table["timestamp"] - of_kind.fillna(home["timestamp"].transform("first"))
    unseen = sum(1 * (counts == 0) for counts in (n_pair, around, n_mode, n_order))
    angle = 2 * np.pi * (table["hour"] * 60 + when.dt.minute) / 1440
    columns = (
        np.sin(angle),
        np.cos(angle),
        log2((n + 1) / (count("zone", "weekend", "hour") + 0.25)),
        log2((n + 1) / (n_pair + 0.25)),
        log2((n + 1) / (around + 0.25)),
        log2((n_pair + 2) / (around + 1 / 12)),
        log2((n + 1) / (n_mode + 0.25)),
        mode_hour_rarity,
        log2((n_mode + 2) / (around_in_mode + 1 / 12)),
        log2((n + 1) / (n_order + 0.25)),
        log2((count("previous") + 2) / (n_order + 2 * share)),
        unseen * log2(n + 1.0),
        recent,
        log2(1 + gap.fillna(0).round(3)),
        log2(1 + gap_kind.round(3)),
        np.maximum(log2((in_last["60min"] + 1) / (usual + 1)), 0),
        np.maximum(log2((in_last["1440min"] + 1) / (n / days + 1)), 0),
    )
    return pd.DataFrame(dict(zip(NAMES, map(np.asarray, columns), strict=True)))


def log2(x: pd.Series | np.ndarray) -> np.ndarray:
    mantissa, exponent = np.frexp(np.asarray(x))
    return exponent + 2 * mantissa - 2


def timed(function, *arguments):
    start = time.process_time()
    result = function(*arguments)
    return time.process_time() - start, result


def report_speed() -> float:
    worst = 0.0
    print(f"{'homes':>6s} {'novin_ml':>12s} {'pandas':>12s} {'ratio':>8s}   ms per 10,000 events")
    for n_homes in (1, 10, 100):
        events = some_logs(n_homes)
        transformer, ours, theirs = BehaviorFeatures(), [], []
        for _ in range(REPEATS if n_homes < 100 else 3):
            elapsed, features = timed(transformer.transform, events)
            ours.append(elapsed)
            elapsed, peer = timed(pandas_peer, events)
            theirs.append(elapsed)
        for name in peer.columns:
            np.testing.assert_allclose(
                features[:, NAMES.index(name)], peer[name], rtol=1e-5, atol=1e-5, err_msg=name
            )
        per_10k = 1e3 * 10_000 / len(events)
        each, peer_each = min(ours) * per_10k, min(theirs) * per_10k
        print(f"{n_homes:6d} {each:12.1f} {peer_each:12.1f} {peer_each / each:8.1f}")
        worst = max(worst, each)
    return worst


def report_history() -> None:
    events = some_logs(1)
    records = events.to_dict("records")
    history = BehaviorHistory()
    elapsed, rows = timed(lambda: [history.update(record) for record in records])
    same = np.array_equal(np.array(rows), BehaviorFeatures().transform(events))
    print(f"one BehaviorHistory.update {1e6 * elapsed / len(records):.1f} us; same bits: {same}")
    sent = [
        {"type": "motion", "timestamp": 2e9 + second, "metadata": {"location": "porch"}}
        for second in range(1000)
    ]
    elapsed, _ = timed(lambda: [history.update(event) for event in sent])
    print(f"the same for an event as the SDK sends it, checked: {1e6 * elapsed / 1000:.1f} us")
    elapsed = min(timed(BehaviorHistory.from_events, events)[0] for _ in range(REPEATS))
    print(f"BehaviorHistory.from_events of {len(events):,} events {1e3 * elapsed:.1f} ms")


def real_log(home: str) -> pd.DataFrame:
    zones = {
        "Bathroom": "unknown",
        "Bedroom": "bedroom",
        "Kitchen": "kitchen",
        "Living": "living_room",
        "Entrance": "front_door",
    }
    kinds = {
        "PIR": "motion",
        "Magnetic": "door",
        "Pressure": "sound",
        "Flush": "other",
        "Electric": "window",
    }
    rows = []
    for line in (DATA / f"Ordonez{home}_Sensors.txt").read_text().splitlines()[2:]:
        words = line.split()
        if len(words) == 7:
            moment = pd.Timestamp(f"{words[0]} {words[1]}", tz="UTC").timestamp()
            rows.append((moment, kinds[words[5]], zones[words[6]]))
    log = pd.DataFrame(rows, columns=["timestamp", "kind", "zone"])
    log = log.assign(home_id="home", utc_offset=np.float32(0), home_mode=None)
    return log.sort_values("timestamp", ignore_index=True)


def planted_auroc(home: str, other: str, seed: int) -> dict[str, float]:
    rng = np.random.default_rng(seed)
    log = real_log(home)
    source = log if other == home else real_log(other)
    start, end = log["timestamp"].min(), log["timestamp"].max()
    half = start + (end - start) / 2
    planted = []
    for moment in rng.uniform(half, end - DAY, 8):
        first = rng.integers(0, len(source) - 8)
        visit = source[first : first + 8]
        if other == home:  # as many hours later or earlier as make it another time of day
            ahead = 3600 * rng.uniform(6, 18)
            days = np.floor((moment - visit["timestamp"].iloc[0]) / DAY)
            shift = days * DAY + ahead
        else:
            shift = moment - visit["timestamp"].iloc[0]
        planted.append(visit.assign(timestamp=visit["timestamp"] + shift))
    events = pd.concat([log, *planted], ignore_index=True)
    is_new = np.arange(len(events)) >= len(log)
    features = BehaviorFeatures().set_output(transform="pandas").transform(events)
    early = (events["timestamp"] < half).to_numpy()
    found = {}
    for what, columns in (("all", NAMES), ("counts", ["hour_excess", "day_excess"])):
        forest = IsolationForest(random_state=seed).fit(features.loc[early, columns].to_numpy())
        scores = -forest.score_samples(features.loc[~early, columns].to_numpy())
        found[what] = roc_auc_score(is_new[~early], scores)
    return found


def report_novelty() -> None:
    if not DATA.is_dir():
        print("no real logs beside the checkout: novelty was not measured")
        return
    print("AUROC of planted events, mean of 5 draws: 17 columns, counts alone")
    for name, home, other in (
        ("house A, visits of house B", "A", "B"),
        ("house B, visits of house A", "B", "A"),
        ("house A, at another time of day", "A", "A"),
        ("house B, at another time of day", "B", "B"),
    ):
        runs = [planted_auroc(home, other, seed) for seed in range(5)]
        mean = {what: statistics.mean(run[what] for run in runs) for what in runs[0]}
        print(f"{name:34s} {mean['all']:.3f} {mean['counts']:.3f}")


def main() -> int:
    print(host_line())
    worst = report_speed()
    report_history()
    report_novelty()
    passed = worst <= LIMIT
    print(f"limit {LIMIT:g} ms per 10,000 events: {'kept' if passed else 'MISSED'}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
