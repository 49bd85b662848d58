"""Accuracy beside training in one place and homes alone, with homes that fail or do harm.

Each row of the results is written to a file (``--kept FILE``) as soon as it is there, so that a
command that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from rich.table import Table
from scipy.stats import t as student

from benchmarks._datasets import SHARED
from benchmarks._report import Report, new_table
from benchmarks.federated._homes import (
    N_FOLDS,
    Split,
    federated,
    simulated_splits,
    wisdm_splits,
)
from novin_ml import MotionClassifier
from novin_ml.federated import FederationSettings, with_faults

FAULTS = {"dead": 0.30, "nan": 0.10, "poisoned": 0.01}
ONE_PLACE = "all rows in one place"


def accuracies(split: Split, seed: int, settings: FederationSettings) -> dict[str, float]:
    """Return what each way to train answers right in the homes that were held back."""
    central = MotionClassifier("mlp", random_state=seed)
    central.fit(split.X, split.y, groups=split.groups)
    models = {ONE_PLACE: central, "federation": federated(split, split.homes, seed, settings)}
    for lasting, name in ((False, "with faults in each round"), (True, "with faults for good")):
        faulty = with_faults(split.homes, FAULTS, lasting=lasting, random_state=seed)
        models[name] = federated(split, faulty, seed, settings)
    found = {name: float(model.score(split.X_test, split.y_test)) for name, model in models.items()}
    alone = []
    for name in sorted(split.homes)[::6]:
        home = split.homes[name]
        if len(np.unique(home.codes)) > 1:
            own = MotionClassifier("mlp", random_state=seed).fit(home.X, split.classes[home.codes])
            alone.append(own.score(split.X_test, split.y_test))
    return found | {"each home alone": float(np.mean(alone))}


class Kept:
    """Results by name, in a file of lines; without a file they are computed anew."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._found: dict[str, dict[str, float]] = {}
        if path is not None and path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._found.update(json.loads(line))

    def get(self, name: str, compute: Callable[[], dict[str, float]]) -> dict[str, float]:
        """Return a result, from the file if it is there."""
        if name not in self._found:
            self._found[name] = compute()
            if self._path is not None:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({name: self._found[name]}) + "\n")
        return self._found[name]


def accuracy_table(
    title: str,
    draw: Callable[[int], Iterator[Split]],
    seeds: int,
    settings: FederationSettings,
    kept: Kept,
    until: float,
) -> Table | None:
    """Return the table of one population; None if the time is up before it is there."""
    by_seed: list[dict[str, float]] = []
    for seed in range(seeds):
        folds = []
        for number, split in enumerate(draw(seed)):
            if time.monotonic() > until:
                return None
            name = f"{title}, seed {seed}, fold {number}, {settings.rounds} rounds"
            folds.append(kept.get(name, lambda s=split, n=seed: accuracies(s, n, settings)))
        by_seed.append({way: float(np.mean([fold[way] for fold in folds])) for way in folds[0]})
    columns = ("trained", "accuracy", "interval", "to one place, points", "interval ")
    table = new_table(f"{title}; mean of {seeds} seeds", columns)
    base = np.array([each[ONE_PLACE] for each in by_seed])
    for way in by_seed[0]:
        values = np.array([each[way] for each in by_seed])
        row = [way, f"{values.mean():.3f}", _interval(values, ".3f")]
        if way != ONE_PLACE:
            apart = 100 * (values - base)
            row += [f"{apart.mean():+.1f}", _interval(apart, "+.1f")]
        table.add_row(*row)
    return table


def _interval(values: np.ndarray, form: str) -> str:
    """Return the 95 % interval of a mean over seeds."""
    if len(values) < 2:
        return ""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{format(values.mean() - half, form)} to {format(values.mean() + half, form)}"


def show(options: Namespace, report: Report) -> None:
    """Print both tables."""
    settings = FederationSettings(rounds=options.rounds)
    kept = Kept(options.kept)
    until = time.monotonic() + options.seconds
    populations: dict[str, Callable[[int], Iterator[Split]]] = {}
    if (SHARED / "wisdm").is_dir():
        populations[f"wisdm, {N_FOLDS} folds of people"] = wisdm_splits
    else:
        report.say(f"wisdm is not in {SHARED}: left out.")
    name = f"Motions of {options.homes} simulated homes; clean labels"
    populations[name] = lambda seed: simulated_splits(seed, options.homes)
    for title, draw in populations.items():
        table = accuracy_table(title, draw, options.seeds, settings, kept, until)
        if table is None:
            report.say(f"{title}: stopped after {options.seconds:g} s. Run it again to go on.")
        else:
            report.show(table)
