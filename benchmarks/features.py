"""Microseconds per event for the 16 delivery features, beside pandas doing the same.

Run with ``python -m benchmarks.features``. Medians of alternating runs, raw signals and the context
of the home included; neither side uses more than one core. The peer computes the same columns
with pandas: a rolling window per home for the counts, ``merge_asof`` for the last doorbell and
vehicle, a shift for the silence, ``Series.map`` over the raw signals. The results are compared
before any time is reported. The last line is what the check of the event table costs, which every
function that takes one calls.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
import pandas as pd

from novin_ml.events import ZONES
from novin_ml.events.tables.check import checked_events
from novin_ml.features import DeliveryFeatures, attach_context
from novin_ml.features.context import CONTEXT_INPUTS
from novin_ml.features.orders import HOME_MODE_ORDER, ZONE_KIND_ORDER
from novin_ml.simulation import simulate_deliveries

N_EVENTS = 50_000
LIMIT = 20.0  # microseconds per event
CHECK_AIM = 5.0  # percent of the time of attach_context
REPEATS = 5


def novin(events: pd.DataFrame) -> np.ndarray:
    return DeliveryFeatures().fit_transform(events)


def pandas_peer(events: pd.DataFrame) -> np.ndarray:
    """The same features as one would write them with pandas (timestamps distinct in a home)."""
    table = events[["home_id", "kind", "timestamp", "zone"]].copy()
    table["row"] = np.arange(len(table))
    table["home_id"] = table["home_id"].astype(object)
    table = table.sort_values("timestamp", kind="stable")

    by_zone = table.groupby(["home_id", "zone"], observed=True)["timestamp"]
    table["silence_after"] = (by_zone.shift(-1) - table["timestamp"]).clip(upper=20).fillna(20)
    table["when"] = pd.to_datetime((table["timestamp"] * 1000).round().astype("int64"), unit="ms")
    rolled = (
        table.set_index("when")
        .groupby("home_id", sort=False)["row"]
        .rolling("60s", closed="both")
        .count()
    )
    order = np.concatenate(list(table.groupby("home_id", sort=False).indices.values()))
    counts = np.empty(len(table))
    counts[order] = rolled.to_numpy()
    table["events_in_window"] = counts
    for kind in ("doorbell", "vehicle"):
        rung = table.loc[table["kind"] == kind, ["home_id", "timestamp"]]
        rung = rung.assign(last=rung["timestamp"])
        merged = pd.merge_asof(table, rung, on="timestamp", by="home_id", tolerance=60.0)
        table[kind] = (table["timestamp"].to_numpy() - merged["last"].to_numpy()).astype(float)
    table = table.sort_values("row")

    raw = events["raw"]
    known = raw.notna()
    signals = raw[known]
    statistics_of = pd.DataFrame(index=events.index, columns=["len", "rms", "peak", "var"])
    statistics_of = statistics_of.astype(float)
    statistics_of.loc[known, "len"] = signals.map(len)
    statistics_of.loc[known, "rms"] = signals.map(
        lambda s: min(np.sqrt(np.nanmean(np.square(s, dtype=np.float64))), 1.0)
    )
    statistics_of.loc[known, "peak"] = signals.map(np.nanmax)
    statistics_of.loc[known, "var"] = signals.map(lambda s: np.nanvar(s, dtype=np.float64))
    local = events["timestamp"] + events["utc_offset"].astype(float)
    day = 2 * np.pi * (local % 86_400) / 86_400
    week = 2 * np.pi * ((local + 3 * 86_400) % 604_800) / 604_800
    zone = events["zone"].astype(object)
    kinds = {kind: float(code) for code, kind in enumerate(ZONE_KIND_ORDER)}
    modes = {mode: float(code) for code, mode in enumerate(HOME_MODE_ORDER)}
    columns = [
        np.sin(day),
        np.cos(day),
        np.sin(week),
        np.cos(week),
        events["duration"].astype(float).fillna(statistics_of["len"] / events["sample_rate"]),
        events["energy"].astype(float).fillna(statistics_of["rms"]),
        statistics_of["peak"],
        statistics_of["var"],
        zone.map(lambda name: ZONES[name].risk),
        zone.map(lambda name: kinds.get(ZONES[name].kind, np.nan)),
        table["doorbell"].fillna(60),
        table["silence_after"],
        table["events_in_window"],
        table["vehicle"].fillna(60),
        events["home_mode"].astype(object).map(modes),
        events["confidence"],
    ]
    return np.column_stack([np.asarray(column, dtype=np.float32) for column in columns])


def main() -> int:
    events = simulate_deliveries(N_EVENTS, random_state=0)
    np.testing.assert_allclose(novin(events), pandas_peer(events), rtol=2e-5, atol=2e-6)
    seconds: dict[str, list[float]] = {"novin_ml": [], "pandas": []}
    for _ in range(REPEATS):
        for name, function in (("novin_ml", novin), ("pandas", pandas_peer)):
            start = time.perf_counter()
            function(events)
            seconds[name].append(time.perf_counter() - start)
    each = {name: 1e6 * statistics.median(runs) / len(events) for name, runs in seconds.items()}
    print(
        f"{len(events):,} events ({N_EVENTS:,} motions, raw signals of {events['raw'].count():,})"
    )
    for name, microseconds in each.items():
        print(f"{name:10s} {microseconds:8.2f} us per event")
    print(f"ratio      {each['pandas'] / each['novin_ml']:8.1f}")
    passed = each["novin_ml"] <= LIMIT
    print(f"limit      {LIMIT:8.2f} us per event: {'kept' if passed else 'MISSED'}")
    share = share_of_check(events)
    print(f"the check of the table takes {share:.1f} % of attach_context (aim {CHECK_AIM:g} %)")
    return 0 if passed else 1


def share_of_check(events: pd.DataFrame) -> float:
    """Return what the check of a table from a reader costs, in percent: the least of many runs."""
    seconds: dict[str, list[float]] = {"check": [], "whole": []}
    functions = {
        "check": lambda table: checked_events(table, CONTEXT_INPUTS, "attach_context"),
        "whole": attach_context,
    }
    for name, function in functions.items():
        for _ in range(5 * REPEATS):
            start = time.process_time()
            function(events)
            seconds[name].append(time.process_time() - start)
    return 100 * min(seconds["check"]) / min(seconds["whole"])


if __name__ == "__main__":
    sys.exit(main())
