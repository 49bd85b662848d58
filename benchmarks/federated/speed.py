"""How many updates a second one process checks and adds, and what that means for many homes."""

from __future__ import annotations

import tempfile
import time
from argparse import Namespace
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from benchmarks._report import Report, new_table
from benchmarks.federated._homes import N_FOLDS, simulated_splits
from novin_ml import MotionClassifier
from novin_ml.estimators import get_weights, model_sha256
from novin_ml.federated import (
    AggregationSettings,
    FederationSettings,
    RoundAggregation,
    Update,
    aggregate_folder,
    merged_statistics,
    train_federated,
    untrained_model,
    update_from_bytes,
    update_to_bytes,
)

SETTINGS = AggregationSettings(max_norm=10.0)
#: Fleets that the last table is about.
FLEETS = (10_000, 100_000, 1_000_000)
N_FILES = 500


def network(hidden: tuple[int, ...], n_features: int = 64) -> Any:
    """Return a small network of many weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, n_features)).astype(np.float32)
    params = {"hidden_layer_sizes": hidden}
    model = MotionClassifier("mlp", epochs=1, max_bytes=None, learner_params=params)
    return model.fit(X, np.array(list("abcdef"))[rng.integers(0, 6, len(X))])


def update_of(model: Any, seed: int) -> Update:
    """Return an update that a home might send."""
    rng = np.random.default_rng(seed)
    base = get_weights(model)
    change = (0.01 * rng.normal(size=len(base))).astype(np.float32)
    return Update(base + change, int(rng.integers(1, 500)), bytes.fromhex(model_sha256(model)))


def seconds_from_memory(model: Any, n_updates: int) -> float:
    """Return the seconds to read, check and add an update that is in memory."""
    contents = [update_to_bytes(update_of(model, seed)) for seed in range(50)]
    base, of = get_weights(model), bytes.fromhex(model_sha256(model))
    started = time.perf_counter()
    total = RoundAggregation(base, of, SETTINGS)
    with ThreadPoolExecutor(1) as pool:  # hashing beside adding, as aggregate_folder does
        waiting: deque[Any] = deque()
        for number in range(n_updates):
            waiting.append(pool.submit(update_from_bytes, contents[number % len(contents)]))
            if len(waiting) == 8:
                total.add(waiting.popleft().result())
        for each in waiting:
            total.add(each.result())
    return (time.perf_counter() - started) / n_updates


def seconds_from_files(model: Any, n_files: int) -> float:
    """Return the seconds to read, check and add an update file."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_files):
            content = update_to_bytes(update_of(model, number))
            (Path(folder) / f"{number:04}").write_bytes(content)
        started = time.perf_counter()
        aggregate_folder(folder, model, SETTINGS)
        return (time.perf_counter() - started) / n_files


def speed_tables(n_updates: int) -> list[Table]:
    """Return what was measured, and what homes without number would take by that."""
    measured = new_table(
        "Checked and added by one process", ("network", "weights", "MB each", "from", "updates/s")
    )
    columns = ("network", "homes", "up, GB a round", "down, GB a round", "from memory, s")
    fleets = new_table(
        "A round of all homes at one server", (*columns, "from files, s", "in 10 shards, s")
    )
    for name, hidden in (("the default of motion", (64, 32)), ("large", (400, 420))):
        model = network(hidden, 36 if hidden[0] == 64 else 64)
        size = len(update_to_bytes(update_of(model, 0)))
        n_values = len(get_weights(model))
        from_memory = seconds_from_memory(model, n_updates)
        from_files = seconds_from_files(model, min(N_FILES, n_updates))
        for source, seconds in (("memory", from_memory), ("files", from_files)):
            measured.add_row(
                name, f"{n_values:,}", f"{size / 1e6:.2f}", source, f"{1 / seconds:,.0f}"
            )
        for n_homes in FLEETS:
            fleets.add_row(
                name,
                f"{n_homes:,}",
                f"{n_homes * size / 1e9:,.1f}",
                f"{n_homes * 4 * n_values / 1e9:,.1f}",
                f"{n_homes * from_memory:,.0f}",
                f"{n_homes * from_files:,.0f}",
                f"{n_homes * from_memory / 10:,.0f}",
            )
    return [measured, fleets]


def rounds_table(n_homes: int, rounds: int) -> Table:
    """Return how fast this process runs rounds of many homes."""
    split = next(simulated_splits(0, round(n_homes * N_FOLDS / (N_FOLDS - 1))))
    statistics, _ = merged_statistics(split.homes, split.X.shape[1], len(split.classes))
    start = untrained_model(MotionClassifier("mlp", random_state=0), statistics, split.classes)
    settings = FederationSettings(rounds=rounds, validation_share=0)
    started = time.perf_counter()
    train_federated(start, split.homes, settings)
    seconds = (time.perf_counter() - started) / rounds
    table = new_table("Rounds in this process", ("homes", "weights", "s a round", "rounds/s"))
    n_values, n = len(get_weights(start)), len(split.homes)
    table.add_row(f"{n:,}", f"{n_values:,}", f"{seconds:.2f}", f"{1 / seconds:.2f}")
    return table


def show(options: Namespace, report: Report) -> None:
    """Print the tables."""
    for table in speed_tables(options.updates):
        report.show(table)
    report.say(
        "Seconds and gigabytes of a fleet are those of one update, measured above, times the "
        "homes; the shards are as many processes, each with its own cores, whose sums merge in "
        "milliseconds."
    )
    report.show(rounds_table(5 * options.homes, 2))
