"""Accuracy over bytes: what a smaller size budget costs the motion model.

Run as ``python -m benchmarks.size [--events 500000] [--cache FILE]``. A fifth of the homes is held
back, and the accuracy there is against the clean labels.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import NamedTuple

from benchmarks._common import host_line, seconds_of  # first: OpenMP

# isort: split
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.model_selection import GroupShuffleSplit

from novin_ml import MotionClassifier
from novin_ml.coreml.registry import adopt, converter_for
from novin_ml.events import training_events
from novin_ml.events.synthetic import simulate_motions
from novin_ml.features import MotionFeatures

BUDGETS = (250_000, 500_000, 1_000_000, 2_000_000, 5_000_000, None)
#: Points of accuracy that the default budget may cost.
BAR = 0.5


class Motions(NamedTuple):
    """Feature rows of simulated motions, with what annotators say and what is true."""

    X: np.ndarray
    label: np.ndarray
    clean_label: np.ndarray
    home: np.ndarray

    def take(self, rows: np.ndarray) -> Motions:
        """Return the rows at `rows`."""
        return Motions(*(column[rows] for column in self))


def simulated(n_events: int, cache: Path | None = None) -> Motions:
    """Simulate events and compute their features, or read them from a file of an earlier run."""
    if cache is not None and cache.exists():
        with np.load(cache) as columns:
            if columns["n_events"] == n_events:
                return Motions(*(columns[name] for name in Motions._fields))
    events, _ = training_events(simulate_motions(n_events, random_state=0))
    texts = (events[name].to_numpy(dtype=str) for name in ("label", "clean_label", "home_id"))
    motions = Motions(MotionFeatures().fit_transform(events), *texts)
    if cache is not None:
        np.savez(cache, n_events=n_events, **motions._asdict())
    return motions


def by_home(motions: Motions, test_fraction: float = 0.2) -> tuple[Motions, Motions]:
    """Divide so that no home is on both sides."""
    splitter = GroupShuffleSplit(1, test_size=test_fraction, random_state=0)
    train, test = next(splitter.split(motions.X, groups=motions.home))
    return motions.take(train), motions.take(test)


def size_table(train: Motions, test: Motions, threads: int, params: dict[str, object]) -> Table:
    """Fit with each budget."""
    table = Table(
        title=f"{len(train.X):,} motions to train on, {len(test.X):,} of other homes",
        caption=f"bar: 5 MB within {BAR} points of no budget; points: of accuracy, against it",
    )
    for column in ("max_bytes", "accuracy", "points", "rounds", "bound", "bytes", "s", "CPU s"):
        table.add_column(column, justify="right")
    rows, accuracies = [], []
    for budget in BUDGETS:
        model = MotionClassifier(
            max_bytes=budget, n_jobs=threads, random_state=0, learner_params=params
        )
        cpu = time.process_time()
        seconds = seconds_of(lambda model=model: model.fit(train.X, train.label, groups=train.home))
        cpu = time.process_time() - cpu
        subject = adopt(model)
        n_bytes = converter_for(subject.learner).convert(subject).ByteSize()
        accuracies.append(float(np.mean(model.predict(test.X) == test.clean_label)))
        rows.append(
            [
                "none" if budget is None else f"{budget:,}",
                f"{accuracies[-1]:.4f}",
                f"{model.fit_report_.epochs_kept} of {model.n_iter_}",
                "yes" if model.size_report_.bound else "no",
                f"{n_bytes:,}",
                f"{seconds:.1f}",
                f"{cpu:.1f}",
            ]
        )
    for row, accuracy in zip(rows, accuracies, strict=True):
        row.insert(2, f"{100 * (accuracy - accuracies[-1]):+.2f}")
        table.add_row(*row)
    return table


def main() -> None:
    """Print the curve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, help=".npz in which the features are kept")
    parser.add_argument("--params", type=json.loads, default={}, help="learner_params as JSON")
    options = parser.parse_args()
    console = Console()
    console.print(host_line())
    train, test = by_home(simulated(options.events, options.cache))
    console.print(size_table(train, test, options.threads, options.params))
    console.print(host_line())


if __name__ == "__main__":
    main()
