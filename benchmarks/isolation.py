"""Isolation forests of one home: fit, score, score one event, beside scikit-learn, pyod, isotree.

Run with ``python -m benchmarks.isolation``. 100 trees, 12 columns, one thread; processor time,
which other processes disturb least, medians of alternating runs. Fit is the whole
``BehaviorAnomalyDetector.fit``: validation, trees, the threshold from the budget, quantiles and
hash of the rows; the peers set no threshold. Score is all training rows; one row includes
validation, and the line "trees alone" is the learner. The last table is AUROC on four public sets,
mean of 5 seeds, beside the published figure. Stored are the learner's files, without pickle. A peer
that is not installed is left out.
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

from benchmarks._common import alternating, host_line
from benchmarks._datasets import SHARED
from benchmarks._forests import N_TREES, Library, libraries
from novin_ml import BehaviorAnomalyDetector
from novin_ml.estimators.learners import grow_forest

N_COLUMNS = 12
SIZES = (10_000, 50_000)
RUNS = 5
ONE_ROW_RUNS = 100
SEEDS = range(5)
FIT_LIMIT = 0.020  # seconds of one core for a home of 10,000 events: 100 homes/s on two
ONE_ROW_LIMIT = 200.0  # microseconds
PUBLISHED_POINTS, PEER_POINTS = 2.5, 1.0


def home(n_rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Eight continuous columns, three of counts and a rare flag; 90 days."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_rows, N_COLUMNS)).astype(np.float32)
    X[:, 8:11] = rng.poisson(3, size=(n_rows, 3))
    X[:, 11] = rng.random(n_rows) < 0.01
    return X, 1.7e9 + np.sort(rng.uniform(0, 90 * 86_400, n_rows))


def cpu_seconds_of(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def measure(n_rows: int, peers: list[Library]) -> dict[str, tuple[float, float, float]]:
    """Return seconds to fit, to score all, and to score one row, by library."""
    X, times = home(n_rows)
    one = X[:1].copy()
    models = [library.fit(X, 0, times) for library in peers]
    pairs = list(zip(peers, models, strict=True))
    kinds = (
        ([lambda lib=lib: lib.fit(X, 0, times) for lib in peers], RUNS),
        ([lambda lib=lib, m=m: lib.score(m, X) for lib, m in pairs], RUNS),
        ([lambda lib=lib, m=m: lib.score(m, one) for lib, m in pairs], ONE_ROW_RUNS),
    )
    columns = [np.median(alternating(calls, runs, cpu_seconds_of), axis=0) for calls, runs in kinds]
    return {lib.name: tuple(column[i] for column in columns) for i, lib in enumerate(peers)}


def parts(n_rows: int) -> tuple[float, float]:
    """Return seconds of growing the trees alone, and of the learner's score of one row."""
    X, _ = home(n_rows)
    one = X[:1].copy()

    def grow() -> Any:
        return grow_forest(
            X,
            n_estimators=N_TREES,
            max_samples=256,
            max_features=N_COLUMNS,
            bootstrap=False,
            random_state=np.random.RandomState(0),
        )

    learner = grow()
    return (
        median(cpu_seconds_of(grow) for _ in range(RUNS)),
        median(cpu_seconds_of(lambda: learner.score_samples(one)) for _ in range(ONE_ROW_RUNS)),
    )


def stored_bytes(n_rows: int) -> tuple[int, int]:
    """Return the bytes of our forest's files, and of scikit-learn's forest as a pickle."""
    X, times = home(n_rows)
    ours = BehaviorAnomalyDetector(n_estimators=N_TREES, random_state=0).fit(X, timestamps=times)
    theirs = IsolationForest(n_estimators=N_TREES, random_state=0).fit(X)
    files = ours.learner_.to_files().values()
    return sum(len(content) for content in files), len(pickle.dumps(theirs))


def aurocs(folder: Path, peers: list[Library]) -> dict[str, dict[str, float]]:
    """Return 100 times the mean AUROC by data set, of the libraries and as published."""
    published = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    result = {}
    for name, entry in published.items():
        with np.load(folder / entry["file"]) as arrays:
            X, y = np.ascontiguousarray(arrays["X"], dtype=np.float32), arrays["y"]
        result[name] = {
            library.name: 100
            * float(
                np.mean(
                    [
                        roc_auc_score(y, library.score(library.fit(X, seed, None), X))
                        for seed in SEEDS
                    ]
                )
            )
            for library in peers
        } | {"published": entry["paper_iforest_auroc"]}
    return result


def main() -> int:
    print(host_line())
    peers = libraries()
    kept = True
    for n_rows in SIZES:
        print(f"\n{n_rows:,} rows x {N_COLUMNS} columns, {N_TREES} trees, one thread")
        print(f"{'':14s} {'fit s':>8s} {'score s':>8s} {'one row us':>11s}   ratios to novin_ml")
        measured = measure(n_rows, peers)
        ours = measured["novin_ml"]
        for name, seconds in measured.items():
            ratios = "  ".join(f"{a / b:7.2f}" for a, b in zip(seconds, ours, strict=True))
            fit, score, one = seconds
            print(f"{name:14s} {fit:8.4f} {score:8.4f} {1e6 * one:11.1f}   {ratios}")
        grow, one = parts(n_rows)
        print(f"{'trees alone':14s} {grow:8.4f} {'':8s} {1e6 * one:11.1f}")
        print("stored: {:,} bytes, scikit-learn's pickle {:,}".format(*stored_bytes(n_rows)))
        kept &= ours[1] <= measured["scikit-learn"][1] and 1e6 * ours[2] <= ONE_ROW_LIMIT
        if n_rows == SIZES[0]:
            print(f"{1 / ours[0]:.0f} homes/s on a core, limit {1 / FIT_LIMIT:.0f}")
            kept &= ours[0] <= FIT_LIMIT
    folder = SHARED / "adbench"
    if not folder.is_dir():
        print(f"\nThe public sets are not at {folder}: no AUROC.")
    else:
        names = [*(library.name for library in peers), "published"]
        print(
            f"\nAUROC, mean of {len(SEEDS)} seeds\n{'':14s}" + "".join(f"{n:>14s}" for n in names)
        )
        for dataset, figures in aurocs(folder, peers).items():
            print(f"{dataset:14s}" + "".join(f"{figures[name]:14.2f}" for name in names))
            own = figures["novin_ml"]
            kept &= abs(own - figures["published"]) < PUBLISHED_POINTS
            kept &= abs(own - figures["scikit-learn"]) < PEER_POINTS
    print("kept" if kept else "MISSED")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
