"""Accuracy over bytes: what a smaller size budget costs the motion model.

Run as ``python -m benchmarks.size [--events 500000]``. Homes are held back, and the accuracy there
is against the clean labels.
"""

from __future__ import annotations

import argparse
import json
import time

from benchmarks._common import core_ml_bytes, host_line, seconds_of  # first: OpenMP

# isort: split
import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.suite._data import Part, classifier_rows
from novin_ml import MotionClassifier

BUDGETS = (250_000, 500_000, 1_000_000, 2_000_000, 5_000_000, None)
#: Points of accuracy that the default budget may cost.
BAR = 0.5


def size_table(train: Part, test: Part, threads: int, params: dict[str, object]) -> Table:
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
        n_bytes = core_ml_bytes(model)
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
    parser.add_argument("--params", type=json.loads, default={}, help="learner_params as JSON")
    options = parser.parse_args()
    console = Console(markup=False, emoji=False)
    console.print(host_line())
    split = classifier_rows("motion", options.events)
    console.print(size_table(split.train, split.test, options.threads, options.params))
    console.print(host_line())


if __name__ == "__main__":
    main()
