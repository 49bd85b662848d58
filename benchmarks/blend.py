"""What a blend gains over its parts on homes that were held back, and what it costs.

Run as ``python -m benchmarks.blend [--samples 20000] [--seeds 3] [--family delivery]``. Homes are
held back. Log loss and accuracy there are against the annotators' labels, of which
the models know such as these, and against the clean ones.
"""

from __future__ import annotations

import argparse
from statistics import mean
from typing import Any

from benchmarks._common import core_ml_bytes, host_line, seconds_of  # first: OpenMP

# isort: split
import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.metrics import accuracy_score, log_loss

from benchmarks.suite._data import Split, classifier_rows
from novin_ml.estimators.families import classifier_families
from novin_ml.estimators.learners import LEARNERS


def _measure(model: Any, split: Split) -> dict[str, float]:
    train, test = split.train, split.test
    seconds = seconds_of(lambda: model.fit(train.X, train.label, groups=train.home))
    probabilities = model.predict_proba(test.X).astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    scores: dict[str, float] = {}
    for prefix, truth in (("", test.label), ("clean ", test.clean_label)):
        labels = model.classes_[probabilities.argmax(axis=1)]
        scores[prefix + "log loss"] = log_loss(truth, probabilities, labels=model.classes_)
        scores[prefix + "accuracy"] = accuracy_score(truth, labels)
    return scores | {
        "bytes": core_ml_bytes(model),
        "seconds": seconds,
        "weight": float(getattr(model.learner_, "weight", np.nan)),
    }


def family_table(name: str, samples: int, seeds: int, threads: int) -> Table:
    """Boosting, mlp and blend, means over seeds, and how often the blend has the least loss."""
    measured: dict[str, list[dict[str, float]]] = {algorithm: [] for algorithm in LEARNERS}
    for seed in range(seeds):
        split = classifier_rows(name, samples, seed)
        for algorithm, results in measured.items():
            pipeline = classifier_families()[name].make_pipeline(
                algorithm=algorithm, n_jobs=threads, random_state=seed
            )
            results.append(_measure(pipeline[-1], split))
    table = Table(
        title=f"{name}: {samples:,} labelled events, means of {seeds} seeds",
        caption="clean: against clean labels; best: how often its log loss is the least",
    )
    kinds = ("log loss", "clean log loss", "accuracy", "clean accuracy")
    headers = ("log loss", "clean", "accuracy", "clean", "bytes", "fit s", "weight", "best")
    for column in ("", *headers):
        table.add_column(column, justify="right" if column else "left")
    losses = {a: [r["log loss"] for r in results] for a, results in measured.items()}
    for algorithm, results in measured.items():
        means = {key: mean(result[key] for result in results) for key in results[0]}
        least = sum(
            losses[algorithm][i] == min(of_all[i] for of_all in losses.values())
            for i in range(seeds)
        )
        table.add_row(
            algorithm,
            *(f"{means[kind]:.4f}" for kind in kinds),
            f"{means['bytes'] / 1e3:,.0f} K",
            f"{means['seconds']:.1f}",
            "" if np.isnan(means["weight"]) else f"{means['weight']:.2f}",
            f"{least} of {seeds}",
        )
    return table


def main() -> None:
    """Print a table for each family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--family", choices=sorted(classifier_families()))
    options = parser.parse_args()
    console = Console(markup=False, emoji=False)
    console.print(host_line())
    for name in classifier_families():
        if options.family in (None, name):
            console.print(family_table(name, options.samples, options.seeds, options.threads))
    console.print(host_line())


if __name__ == "__main__":
    main()
