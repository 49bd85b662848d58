"""Homes per second that `fit_fleet` fits, beside scikit-learn's IsolationForest; and scoring.

Run as ``python -m benchmarks.fleet [--homes 200 --events 10000 --jobs 2]``. Tables have 12 normal
columns, forests 100 trees of 256 rows. `fit_fleet` is timed as a whole: homes told apart, sent to
processes, fitted, calibrated on all their rows, and written to a file each. The peers fit, and
nothing more, from arrays that are ready; "fit, score" adds the scores that calibration needs.
pyod and isotree are measured where they are installed. Goals: 100 homes per second with two jobs on
two free cores, one event in 200 us, a batch in no more than scikit-learn's time.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks._common import host_line, time_pairs  # first: OpenMP

# isort: split
import joblib
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import IsolationForest

from benchmarks._forests import N_TREES, libraries
from benchmarks.suite._data import FLEET_FEATURES as N_FEATURES
from benchmarks.suite._data import fleet_table as feature_table
from novin_ml import BehaviorAnomalyDetector
from novin_ml.lifecycle import fit_fleet
from novin_ml.simulation import simulate_behavior

GOAL_EVENT = 200.0  # microseconds
GOAL_BATCH = 1.0
CALLS = 20


def timed_fleet(events: pd.DataFrame, jobs: int, estimator: Any = None) -> list[str]:
    """Fit a fleet into a folder that is thrown away; return the cells of a row."""
    warm(jobs)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        report = fit_fleet(
            events, out=Path(folder), estimator=estimator, n_jobs=jobs, random_state=0
        )
        cpu = time.process_time() - start
    if report.failed:
        raise RuntimeError(f"homes failed: {report.failed}")
    n_homes = len(report.fitted)
    each = [1e3 * seconds / n_homes for seconds in report.stage_seconds.values()]
    around = 1e3 * jobs * report.seconds / n_homes - sum(each)
    return [
        str(jobs),
        f"{n_homes:,}",
        f"{n_homes / report.seconds:.1f}",
        f"{1e3 * cpu / n_homes:.1f}" if jobs == 1 else "",
        *(f"{milliseconds:.2f}" for milliseconds in (*each, around)),
        f"{report.n_bytes / n_homes / 1e3:.0f}",
    ]


def timed_peer(tables: list[np.ndarray], jobs: int, *, score: bool) -> list[str]:
    warm(jobs)
    start, cpu = time.perf_counter(), time.process_time()
    joblib.Parallel(n_jobs=jobs)(joblib.delayed(fit_peer)(X, score=score) for X in tables)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    cpu_cell = f"{1e3 * cpu / len(tables):.1f}" if jobs == 1 else ""
    return [str(jobs), str(len(tables)), f"{len(tables) / seconds:.1f}", cpu_cell]


def fit_peer(X: np.ndarray, *, score: bool) -> None:
    forest = IsolationForest(n_estimators=N_TREES, random_state=0).fit(X)
    if score:
        forest.score_samples(X)


def warm(jobs: int) -> None:
    """Start the processes, and import in each what it will need."""
    joblib.Parallel(n_jobs=jobs)(joblib.delayed(import_all)() for _ in range(2 * jobs))


def import_all() -> None:
    from novin_ml.lifecycle.fleet import _work  # noqa: F401

    time.sleep(0.2)  # so that each process gets its share of these calls


def new_table(title: str) -> Table:
    table = Table(
        title=title,
        caption="CPU: ms per home in the only process. From 'check' on: ms per home, in the "
        "workers; 'around': of all jobs, to tell homes apart, to send them and to wait.",
    )
    names = ("", "jobs", "homes", "homes/s", "CPU", "check", "fit", "write", "around", "KB/home")
    for name in names:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    return table


def fit_table(n_homes: int, n_events: int, jobs: int) -> Table:
    """Homes per second from feature tables."""
    table = new_table(f"{n_events:,} events x {N_FEATURES} features, {N_TREES} trees")
    events = feature_table(n_homes, n_events)
    detector = BehaviorAnomalyDetector(n_estimators=N_TREES)
    for n in sorted({1, jobs}):
        table.add_row("fit_fleet", *timed_fleet(events, n, detector))
    n_few = max(2 * jobs, n_homes // 20)
    tables = np.split(events.iloc[: n_few * n_events, :N_FEATURES].to_numpy(), n_few)
    tables = [np.ascontiguousarray(X) for X in tables]
    for n in sorted({1, jobs}):
        table.add_row("sklearn fit", *timed_peer(tables, n, score=False))
    for n in sorted({1, jobs}):
        table.add_row("sklearn fit, score", *timed_peer(tables, n, score=True))
    return table


def events_table(n_homes: int, n_events: int, jobs: int) -> Table:
    """Homes per second from event logs."""
    week = len(simulate_behavior(1, weeks=8, random_state=0)) / 8
    weeks = max(2, round(n_events / week))
    events = simulate_behavior(n_homes, weeks=weeks, random_state=0).assign(consent=True)
    table = new_table(f"event logs of {len(events) / n_homes:,.0f} events, with features")
    for n in sorted({1, jobs}):
        table.add_row("fit_fleet", *timed_fleet(events, n))
    return table


def score_table(n_events: int, pairs: int) -> Table:
    """One event, and a batch."""
    table = Table(
        title=f"One process, medians of {pairs} pairs; times of the detector and of its peer",
        caption=f"goals: one event at most {GOAL_EVENT:g} us; batch ratio at most {GOAL_BATCH:g}",
    )
    for name in ("peer", "what", "detector", "peer's", "ratio", ""):
        table.add_column(name, justify="left" if name in ("peer", "what") else "right")
    X = feature_table(1, n_events).iloc[:, :N_FEATURES].to_numpy()
    X = np.ascontiguousarray(X)
    detector = BehaviorAnomalyDetector(n_estimators=N_TREES, random_state=0).fit(X)
    for library in libraries()[1:]:
        name, fit = library.name, library.fit
        model = fit(X, 0, None)
        verdicts = name == "scikit-learn"  # the others' are for comparison
        ours, peer, ratio = time_pairs(
            lambda: detector.fit(X), lambda fit=fit: fit(X, 0, None), pairs
        )
        cells = f"{1e3 * ours:.1f} ms", f"{1e3 * peer:.1f} ms", f"{ratio:.3f}"
        table.add_row(name, "fit without calibration", *cells, "")
        ours, peer, ratio = time_pairs(
            lambda: [detector.score_samples(X[:1]) for _ in range(CALLS)],
            lambda score=library.score, model=model: [score(model, X[:1]) for _ in range(CALLS)],
            pairs,
        )
        ours, peer = (1e6 * seconds / CALLS for seconds in (ours, peer))
        verdict = "ok" if ours <= GOAL_EVENT else "MISSED"
        cells = f"{ours:,.0f} us", f"{peer:,.0f} us", f"{ratio:.3f}"
        table.add_row(name, "one event", *cells, verdict if verdicts else "")
        ours, peer, ratio = time_pairs(
            lambda: detector.score_samples(X),
            lambda score=library.score, model=model: score(model, X),
            pairs,
        )
        verdict = "ok" if ratio <= GOAL_BATCH else "MISSED"
        cells = f"{1e3 * ours:.1f} ms", f"{1e3 * peer:.1f} ms", f"{ratio:.3f}"
        table.add_row(name, f"{n_events:,} events", *cells, verdict if verdicts else "")
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", choices=("fit", "events", "score"))
    options = parser.parse_args()
    console = Console(width=100, markup=False, emoji=False)
    console.print(host_line())
    start = time.perf_counter()
    if options.only in (None, "fit"):
        console.print(fit_table(options.homes, options.events, options.jobs))
    if options.only in (None, "events"):
        console.print(events_table(max(2, options.homes // 10), options.events, options.jobs))
    if options.only in (None, "score"):
        console.print(score_table(options.events, options.pairs))
    console.print(f"{time.perf_counter() - start:.0f} s; {host_line()}")


if __name__ == "__main__":
    main()
