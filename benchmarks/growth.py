"""How time and memory grow with the rows: exponents, and the peak above the feature table.

Run as ``python -m benchmarks.growth [--only time,memory] [--largest 200000] [--runs 3]``.

An exponent of 1 is time in proportion to the rows; bar 1.2, so that nothing is quadratic. Trees are
grown for a fixed number of rounds, networks trained for a fixed number of epochs of batches
of 512, so that all do the same for each row. The fit is `novin_ml.compute.fit_scaling_law`,
with its 95 % interval. Memory is measured in a fresh process, of a fit that holds rows back as by
default: the peak during the fit, above what the process held before it with the table in memory, in
units of that float32 table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks._common import alternating, noisy_table  # first: OpenMP

# isort: split
import numpy as np
import pandas as pd
from rich.table import Table

from benchmarks._host import available_cores
from benchmarks._one_run import measured_run
from benchmarks._report import Report, add_report_options, new_table
from benchmarks.suite._data import Part, Split, home_log
from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.compute import fit_scaling_law
from novin_ml.events import chains_from_events, sensor_names
from novin_ml.features import (
    BehaviorFeatures,
    ChainFeatures,
    DeliveryFeatures,
    MotionFeatures,
    activity_rows,
)
from novin_ml.simulation import simulate_chains, simulate_deliveries, simulate_motions

LARGEST = 200_000
STEPS = 4  # sizes, each half of the next
MOST_EXPONENT = 1.2
MEMORY_ROWS = 500_000
MOST_TABLES = 2.5
#: Whose memory is measured: algorithm, features, epochs at most.
MEMORY = (("boosting", 24, 60), ("mlp", 24, 2))


def fits(sizes: list[int]) -> dict[str, list[Callable[[], object]]]:
    """Return what is timed, by name: a call for each size."""
    X, y = noisy_table(sizes[-1], 16, 2)
    seconds = 1.7e9 + np.sort(np.random.default_rng(0).uniform(0, 90 * 86_400, len(X)))

    def classifier(algorithm: str, n: int, **params: object) -> Callable[[], object]:
        model = DeliveryClassifier(
            algorithm, early_stopping=False, n_jobs=1, random_state=0, **params
        )
        return lambda: model.fit(X[:n], y[:n])

    batches = {"batch_size": 512}
    return {
        "fit, boosting": [classifier("boosting", n, epochs=30) for n in sizes],
        "fit, mlp": [classifier("mlp", n, epochs=2, learner_params=batches) for n in sizes],
        "fit, isolation forest": [
            lambda n=n: BehaviorAnomalyDetector(random_state=0).fit(X[:n], timestamps=seconds[:n])
            for n in sizes
        ],
    }


def features(sizes: list[int]) -> dict[str, list[Callable[[], object]]]:
    """Return the same for features; motions and deliveries have signals, so that they are fewer."""
    largest = sizes[-1]
    deliveries = simulate_deliveries(largest // 4, random_state=0)
    motions = simulate_motions(largest // 10, random_state=0)
    chains = simulate_chains(largest, random_state=0)
    log = home_log(largest // 4).train
    cases = {
        "features, delivery": (DeliveryFeatures(), deliveries),
        "features, motion": (MotionFeatures(), motions),
        "features, chains": (ChainFeatures(), chains),
        "features, behavior": (BehaviorFeatures(), log),
    }

    def first(transformer: Any, rows: Any, share: float) -> Callable[[], object]:
        few = rows[: int(share * len(rows))]
        return lambda: transformer.fit_transform(few)

    def of_sensors(part: pd.DataFrame) -> Callable[[], object]:
        transformer = ChainFeatures(sensors=sensor_names(part), memory=300.0)
        chains = chains_from_events(part)
        return lambda: transformer.fit_transform(chains)

    parts = [log[: int(n / largest * len(log))] for n in sizes]
    return {
        name: [first(transformer, rows, n / largest) for n in sizes]
        for name, (transformer, rows) in cases.items()
    } | {
        "features, chains with sensors": [of_sensors(part) for part in parts],
        "features, activity": [lambda part=part: activity_rows(part) for part in parts],
    }


def time_table(largest: int, runs: int, report: Report) -> Table:
    """Fit the exponent of each."""
    sizes = [largest >> step for step in range(STEPS - 1, -1, -1)]
    table = new_table(
        f"time over sizes up to {largest:,}, one thread, {runs} alternating runs of each",
        ("what", "seconds, smallest", "seconds, largest", "exponent", "95 %", ""),
        caption=f"bar: exponent at most {MOST_EXPONENT}; sizes are {STEPS}, each half of the next",
    )
    for name, calls in (fits(sizes) | features(sizes)).items():
        report.progress(f"timing {name}")
        calls[0]()  # warm
        times = alternating(calls, runs)
        law = fit_scaling_law(times.ravel(), 1, np.tile(sizes, runs))
        low, high = law.size_interval or (0.0, 0.0)
        exponent = law.size_exponent or 0.0
        report.figures.setdefault("exponents", {})[name] = [low, exponent, high]
        table.add_row(
            name,
            *(f"{np.median(times[:, place]):.4f}" for place in (0, -1)),
            f"{exponent:.2f}",
            f"{low:.2f} to {high:.2f}",
            "ok" if exponent <= MOST_EXPONENT else "ABOVE",
        )
    return table


def memory_table(n_rows: int, report: Report) -> Table:
    """Measure the peak of a fit above the table."""
    table = new_table(
        f"memory of a fit on {n_rows:,} rows of six classes, one thread",
        ("algorithm", "table MB", "peak above MB", "tables", "process MB", ""),
        caption=f"bar: at most {MOST_TABLES} float32 tables above the process that holds the table",
    )
    for algorithm, n_features, epochs in MEMORY:
        report.progress(f"memory of {algorithm}")
        X, y = noisy_table(n_rows, n_features, 6)
        part = Part(X, y, y, np.arange(n_rows) % 50)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "rows.npz")
            Split(part, part, [], [], 0.0, 0.0).save(file)
            run = measured_run("motion", algorithm, file, available_cores()[:1], epochs=epochs)
        table_mb = X.nbytes / 1e6
        tables = run.extra_mb / table_mb
        report.figures.setdefault("memory", {})[algorithm] = tables
        table.add_row(
            algorithm,
            f"{table_mb:.0f}",
            f"{run.extra_mb:.0f}",
            f"{tables:.2f}",
            f"{run.peak_mb:.0f}",
            # Of fewer rows, what the libraries hold anyway is more than the table.
            "" if n_rows < MEMORY_ROWS else "ok" if tables <= MOST_TABLES else "ABOVE",
        )
    return table


def main() -> None:
    """Measure and show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("time", "memory"))
    parser.add_argument("--largest", type=int, default=LARGEST)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-rows", type=int, default=MEMORY_ROWS)
    add_report_options(parser)
    options = parser.parse_args()
    report = Report(options, "growth")
    if options.only in (None, "time"):
        report.show(time_table(options.largest, options.runs, report))
    if options.only in (None, "memory"):
        report.show(memory_table(options.memory_rows, report))
    report.close()


if __name__ == "__main__":
    main()
