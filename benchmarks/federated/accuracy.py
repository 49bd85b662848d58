"""Accuracy beside training in one place and homes alone, with homes that fail or do harm."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator

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
from benchmarks.federated._kept import Kept
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


def accuracy_table(
    title: str,
    draw: Callable[[int], Iterator[Split]],
    seeds: int,
    settings: FederationSettings,
    kept: Kept,
) -> Table | None:
    """Return the table of one population; None if the time is up before it is there."""
    by_seed: list[dict[str, float]] = []
    is_whole = True
    for seed in range(seeds):
        folds = []
        for number, split in enumerate(draw(seed)):
            name = f"{title}, seed {seed}, fold {number}, {settings.rounds} rounds"
            found = kept.get(name, lambda s=split, n=seed: accuracies(s, n, settings))
            is_whole &= found is not None
            folds.append(found or {})
        if not is_whole:
            continue  # the other seeds may be for this process
        by_seed.append({way: float(np.mean([fold[way] for fold in folds])) for way in folds[0]})
    if not is_whole:
        return None
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
    kept = Kept(options.kept, options.seconds, options.part)
    populations: dict[str, Callable[[int], Iterator[Split]]] = {}
    if (SHARED / "wisdm").is_dir():
        populations[f"wisdm, {N_FOLDS} folds of people"] = wisdm_splits
    else:
        report.say(f"wisdm is not in {SHARED}: left out.")
    name = f"Motions of {options.homes} simulated homes; clean labels"
    populations[name] = lambda seed: simulated_splits(seed, options.homes)
    for title, draw in populations.items():
        table = accuracy_table(title, draw, options.seeds, settings, kept)
        if table is not None:
            report.show(table)
    kept.say(report)
