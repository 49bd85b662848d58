"""How many updates a second one process checks and adds, and what that means for many homes."""

from __future__ import annotations

import resource
import tempfile
import time
from argparse import Namespace
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

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


class Cost(NamedTuple):
    """Seconds of an update: on the clock, and of processors, which other work does not change."""

    clock: float
    cpu: float


def cost_of(work: Callable[[], object], n_updates: int) -> Cost:
    """Return what an update costs."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    spent = time.perf_counter() - clock, time.process_time() - cpu
    return Cost(*(each / n_updates for each in spent))


def cost_from_memory(model: Any, n_updates: int) -> Cost:
    """Return the cost to read, check and add an update that is in memory."""
    contents = [update_to_bytes(update_of(model, seed)) for seed in range(50)]
    base, of = get_weights(model), bytes.fromhex(model_sha256(model))
    total = RoundAggregation(base, of, SETTINGS)

    def work() -> None:
        with ThreadPoolExecutor(1) as pool:  # hashing beside adding, as aggregate_folder does
            waiting: deque[Any] = deque()
            for number in range(n_updates):
                waiting.append(pool.submit(update_from_bytes, contents[number % len(contents)]))
                if len(waiting) == 8:
                    total.add(waiting.popleft().result())
            for each in waiting:
                total.add(each.result())

    return cost_of(work, n_updates)


def user_times(model: Any, n_updates: int = 200) -> tuple[float, float]:
    """Return the user milliseconds to read and hash an update, and to check and add it.

    The least of five: other work on the machine makes a run longer, and none shorter.
    """
    contents = [update_to_bytes(update_of(model, seed)) for seed in range(20)]
    updates = [update_from_bytes(content) for content in contents]
    total = RoundAggregation(get_weights(model), bytes.fromhex(model_sha256(model)), SETTINGS)

    def time_of(work: Callable[[int], object]) -> float:
        found = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
            for number in range(n_updates):
                work(number % len(contents))
            found.append(resource.getrusage(resource.RUSAGE_SELF).ru_utime - before)
        return 1e3 * min(found) / n_updates

    return (
        time_of(lambda number: update_from_bytes(contents[number])),
        time_of(lambda number: total.add(updates[number])),
    )


def cost_from_files(model: Any, n_files: int) -> Cost:
    """Return the cost to read, check and add an update file."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_files):
            content = update_to_bytes(update_of(model, number))
            (Path(folder) / f"{number:04}").write_bytes(content)
        return cost_of(lambda: aggregate_folder(folder, model, SETTINGS), n_files)


def speed_tables(n_updates: int) -> list[Table]:
    """Return what was measured, and what homes without number would take by that."""
    columns = ("weights", "MB each", "from", "updates/s", "ms of a core each")
    measured = new_table("Checked and added by one process", columns, text=0)
    times = new_table("User milliseconds of an update", ("weights", "hash", "check, add"), text=0)
    fleets = new_table(
        "A round of all homes at one server",
        (
            "weights", "homes", "up, GB", "down, GB", "up at 1 Gbit/s, s",
            "core seconds, from memory", "from files",
        ),
        text=0,
    )  # fmt: skip
    for hidden in ((64, 32), (400, 420)):
        model = network(hidden)
        size, n_values = len(update_to_bytes(update_of(model, 0))), len(get_weights(model))
        times.add_row(f"{n_values:,}", *(f"{each:.2f}" for each in user_times(model)))
        memory = cost_from_memory(model, n_updates)
        files = cost_from_files(model, min(N_FILES, n_updates))
        for source, cost in (("memory", memory), ("files", files)):
            measured.add_row(
                f"{n_values:,}",
                f"{size / 1e6:.2f}",
                source,
                f"{1 / cost.clock:,.0f}",
                f"{1e3 * cost.cpu:.2f}",
            )
        for n_homes in FLEETS:
            up = n_homes * size / 1e9
            fleets.add_row(
                f"{n_values:,}",
                f"{n_homes:,}",
                f"{up:,.1f}",
                f"{n_homes * 4 * n_values / 1e9:,.1f}",
                f"{8 * up:,.0f}",
                f"{n_homes * memory.cpu:,.0f}",
                f"{n_homes * files.cpu:,.0f}",
            )
    return [measured, times, fleets]


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
        "Seconds and gigabytes of a fleet are those of one update times the homes. Shards divide "
        "the core seconds; their sums merge in milliseconds."
    )
    report.show(rounds_table(5 * options.homes, 2))
