"""Accuracy over epsilon, and what a membership attack finds; needs dp-accounting."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks._report import Report, new_table
from benchmarks.federated._homes import N_FOLDS, Split, simulated_splits
from benchmarks.federated._kept import Kept
from novin_ml import MotionClassifier
from novin_ml.exceptions import ExtraNotInstalledError
from novin_ml.federated import (
    AggregationSettings,
    FedAvg,
    FederationSettings,
    LocalTraining,
    PrivacySettings,
    attack_membership,
    epsilon_of,
    merged_statistics,
    train_federated,
    untrained_model,
)

NOISES = (None, 0.5, 0.7, 1.0, 1.5, 2.5)
SHARE = 0.1
DELTA = 1e-5


class Point(NamedTuple):
    """What a noise costs and prevents, over seeds."""

    noise: float | None
    epsilon: float
    accuracies: list[float]
    advantages: list[float]
    intervals: list[tuple[float, float]]


def settings_of(rounds: int) -> FederationSettings:
    """Return rounds in which a home counts as one, and its change has a norm of 1 at most."""
    return FederationSettings(
        rounds=rounds,
        share=SHARE,
        step=FedAvg(),
        local=LocalTraining(epochs=10),
        aggregation=AggregationSettings(max_norm=1.0, max_examples=1),
        validation_share=0,
    )


def start_of(split: Split, seed: int) -> Any:
    """Return a network whose imputer and scaler are of other simulated homes, not of these."""
    public = next(simulated_splits(1000 + seed, 30))
    statistics, _ = merged_statistics(public.homes, split.X.shape[1], len(split.classes))
    network = MotionClassifier("mlp", random_state=seed)
    return untrained_model(network, statistics, split.classes)


def points(options: Namespace, kept: Kept) -> list[Point] | None:
    """Return a point for each noise; None if the time is over before."""
    settings = settings_of(options.rounds)
    found = []
    for noise in NOISES:
        epsilon = np.inf
        if noise is not None:
            private = PrivacySettings(noise, DELTA)
            epsilon = epsilon_of(private, share=SHARE, rounds=options.rounds)
        found.append(Point(noise, epsilon, [], [], []))
    for seed in range(options.seeds):
        drawn = lru_cache(lambda s=seed: drawn_homes(s, options.homes))
        for point in found:
            result = kept.get(
                f"privacy, {options.homes} homes, {options.rounds} rounds, noise {point.noise}, "
                f"seed {seed}",
                lambda d=drawn, p=point, s=seed: tried(d(), settings, p.noise, s),
            )
            if result is None:
                return None
            point.accuracies.append(result["accuracy"])
            point.advantages.append(result["advantage"])
            point.intervals.append(tuple(result["interval"]))
    return found


def drawn_homes(seed: int, n_homes: int) -> tuple[Split, Any]:
    """Return homes, and an untrained network for them."""
    split = next(simulated_splits(seed, n_homes))
    return split, start_of(split, seed)


def tried(
    drawn: tuple[Split, Any], settings: FederationSettings, noise: float | None, seed: int
) -> dict[str, Any]:
    """Train half of the homes with a noise; return accuracy, and what an attack finds."""
    split, start = drawn
    half = dict(list(split.homes.items())[::2])
    others = dict(list(split.homes.items())[1::2])
    if noise is not None:
        settings = replace(settings, privacy=PrivacySettings(noise, DELTA, noise_seed=seed))
    model = train_federated(start, half, settings, random_state=seed).model
    attack = attack_membership(model, half, others, random_state=seed)
    accuracy = float(model.score(split.X_test, split.y_test))
    return {
        "accuracy": accuracy,
        "advantage": attack.advantage,
        "interval": attack.interval,
    }


def write_plot(found: list[Point], title: str, path: Path) -> None:
    """Draw accuracy and the attack's advantage over epsilon."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "privacy", "text.parse_math": False}):
        figure = Figure(figsize=(6.4, 4.8), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        none, noisy = found[0], found[1:]
        epsilons = [point.epsilon for point in noisy]
        for axes, numbers, label in (
            (above, lambda p: [100 * each for each in p.accuracies], "% right in homes held back"),
            (below, lambda p: p.advantages, "attack's advantage"),
        ):
            means = [np.mean(numbers(point)) for point in noisy]
            low = [mean - min(numbers(point)) for mean, point in zip(means, noisy, strict=True)]
            high = [max(numbers(point)) - mean for mean, point in zip(means, noisy, strict=True)]
            axes.errorbar(epsilons, means, (low, high), fmt="o-", capsize=3, label="with noise")
            axes.axhline(np.mean(numbers(none)), color="0.35", linestyle="--", label="without")
            axes.set_ylabel(label)
            axes.grid(alpha=0.3)
        above.set_title(title, fontsize=10)
        above.legend(fontsize=8)
        below.set(xlabel="epsilon, at delta 1e-5", xscale="log")
        below.set_xticks(epsilons, [f"{each:.1f}" for each in epsilons])
        below.minorticks_off()
        below.set_ylim(bottom=0)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None}, facecolor="white")


def show(options: Namespace, report: Report) -> None:
    """Print the table, and draw it if a file is named."""
    kept = Kept(options.kept, options.seconds)
    try:
        found = points(options, kept)
    except ExtraNotInstalledError as error:
        report.say(str(error))
        return
    kept.say(report)
    if found is None:
        return
    n = (options.homes - round(options.homes / N_FOLDS) + 1) // 2
    title = f"{n} simulated homes, {options.rounds} rounds, a tenth of them in each"
    columns = ("noise", "epsilon", "accuracy", "least to most", "attack's advantage", "interval")
    table = new_table(f"{title}; delta 1e-5; {options.seeds} seeds", columns)
    for point in found:
        low, high = np.mean(point.intervals, axis=0)
        table.add_row(
            "none" if point.noise is None else f"{point.noise:g}",
            "none" if point.noise is None else f"{point.epsilon:.1f}",
            f"{np.mean(point.accuracies):.3f}",
            f"{min(point.accuracies):.3f} to {max(point.accuracies):.3f}",
            f"{np.mean(point.advantages):.2f}",
            f"{low:.2f} to {high:.2f}",
        )
    report.show(table)
    if options.plot is not None:
        write_plot(found, title, options.plot / "federated_privacy.svg")
