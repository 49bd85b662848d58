"""What a federation reaches beside central training, what it stands, and how fast it is.

Run as ``python -m benchmarks.federated [--only accuracy,speed,rounds,privacy] [--seeds 5]``.

- accuracy: wisdm's 36 people as homes, 6 folds of people who are held back, and motions of
  simulated homes; the federation with its defaults, the same network trained on all rows in one
  place, and each home alone. Faults: 30 % of the answers never come, 10 % have NaN, 1 % do harm, in
  each round anew; and the same shares of homes for good, whose knowledge is lost.
- speed: rounds a second of 1,000 homes; updates of 200,000 weights a second that one process checks
  and adds, from memory and from files; and what 10,000 to 1,000,000 homes take, from that.
- privacy: accuracy over epsilon, and what a membership attack finds (needs dp-accounting).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks._common import host_line  # first: OpenMP

# isort: split
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import t as student

from benchmarks._datasets import SHARED, read_wisdm
from novin_ml import MotionClassifier
from novin_ml.estimators.weights import get_weights, weight_layout, weights_sha256
from novin_ml.exceptions import ExtraNotInstalledError
from novin_ml.features import MotionFeatures, training_rows
from novin_ml.federated import (
    AggregationSettings,
    FedAvg,
    FederationSettings,
    LocalHome,
    LocalTraining,
    PrivacySettings,
    RoundAggregation,
    Update,
    aggregate_folder,
    attack_membership,
    epsilon_of,
    homes_of,
    merged_statistics,
    train_federated,
    untrained_model,
    update_from_bytes,
    update_to_bytes,
    with_faults,
)
from novin_ml.simulation import simulate_motions

FAULTS = {"dead": 0.30, "nan": 0.10, "poisoned": 0.01}
N_FOLDS = 6


@dataclass(frozen=True)
class Split:
    """Homes to train on, and rows of others."""

    homes: dict[str, LocalHome]
    classes: np.ndarray
    X: np.ndarray
    y: np.ndarray
    groups: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def splits_of(X: np.ndarray, y: np.ndarray, groups: np.ndarray, seed: int) -> Iterator[Split]:
    """Give six folds of homes."""
    names = np.random.default_rng(seed).permutation(np.unique(groups.astype(str)))
    for held_back in np.array_split(names, N_FOLDS):
        test = np.isin(groups.astype(str), held_back)
        homes, classes = homes_of(X[~test], y[~test], groups[~test])
        yield Split(homes, classes, X[~test], y[~test], groups[~test], X[test], y[test])


def federated(split: Split, homes: Any, seed: int, settings: FederationSettings) -> Any:
    """Return the model of a federation from its homes' statistics on."""
    statistics, _ = merged_statistics(homes, split.X.shape[1], len(split.classes))
    network = MotionClassifier("mlp", random_state=seed)
    start = untrained_model(network, statistics, split.classes)
    return train_federated(start, homes, settings, random_state=seed).model


def accuracies(split: Split, seed: int, settings: FederationSettings) -> dict[str, float]:
    """Return what each way to train answers right in the homes that were held back."""
    central = MotionClassifier("mlp", random_state=seed)
    central.fit(split.X, split.y, groups=split.groups)
    models = {
        "all rows in one place": central,
        "federation": federated(split, split.homes, seed, settings),
    }
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
    name: str, draw: Callable[[int], Iterator[Split]], seeds: int, settings: FederationSettings
) -> Table:
    """Return the table of one population."""
    by_seed: list[dict[str, float]] = []
    for seed in range(seeds):
        folds = [accuracies(split, seed, settings) for split in draw(seed)]
        by_seed.append({way: float(np.mean([fold[way] for fold in folds])) for way in folds[0]})
    table = Table("trained", "accuracy", "interval", "to one place", title=name)
    base = np.array([each["all rows in one place"] for each in by_seed])
    for way in by_seed[0]:
        values = np.array([each[way] for each in by_seed])
        table.add_row(
            way, f"{values.mean():.3f}", _interval(values), f"{100 * (values - base).mean():+.1f}"
        )
    return table


def _interval(values: np.ndarray) -> str:
    """Return the 95 % interval of a mean over seeds."""
    if len(values) < 2:
        return ""
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean() - half:.3f} to {values.mean() + half:.3f}"


def wisdm_splits(seed: int) -> Iterator[Split]:
    """Give folds of wisdm's people."""
    data = read_wisdm(SHARED)
    assert data.groups is not None
    return splits_of(data.X.to_numpy(np.float32), data.y, data.groups, seed)


def simulated_splits(seed: int, n_homes: int = 200) -> Iterator[Split]:
    """Give one fold of simulated homes with 50 motions each."""
    motions = simulate_motions(50 * n_homes, n_homes=n_homes, random_state=seed)
    rows, _ = training_rows(motions)
    X = np.asarray(MotionFeatures().transform(rows), dtype=np.float32)
    labels, homes = rows["clean_label"].to_numpy(dtype=object), rows["home_id"].to_numpy()
    yield next(splits_of(X, labels, homes.astype(object), seed))


def speed_table(n_updates: int) -> Table:
    """Return how fast one process checks and adds updates of 200,000 weights."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 64)).astype(np.float32)
    params = {"hidden_layer_sizes": (400, 420)}
    model = MotionClassifier("mlp", epochs=1, max_bytes=None, learner_params=params)
    model.fit(X, np.array(list("abcdef"))[rng.integers(0, 6, len(X))])
    base = get_weights(model)
    of = bytes.fromhex(weights_sha256(weight_layout(model), base))

    def update() -> Update:
        change = (0.01 * rng.normal(size=len(base))).astype(np.float32)
        return Update(base + change, int(rng.integers(1, 500)), of)

    contents = [update_to_bytes(update()) for _ in range(50)]
    settings = AggregationSettings(max_norm=10.0)
    table = Table("updates from", "weights", "MB each", "updates/s", title="Checked and added")

    def add(name: str, seconds: float, n: int) -> None:
        table.add_row(
            name, f"{len(base):,}", f"{len(contents[0]) / 1e6:.2f}", f"{n / seconds:,.0f}"
        )

    started = time.perf_counter()
    total = RoundAggregation(base, of, settings)
    with ThreadPoolExecutor(1) as pool:  # hashing beside adding, as aggregate_folder does
        waiting: deque[Any] = deque()
        for number in range(n_updates):
            waiting.append(pool.submit(update_from_bytes, contents[number % len(contents)]))
            if len(waiting) == 8:
                total.add(waiting.popleft().result())
        for each in waiting:
            total.add(each.result())
    add("memory", time.perf_counter() - started, n_updates)
    n_files = min(500, n_updates)
    with tempfile.TemporaryDirectory() as folder:
        for number in range(n_files):
            (Path(folder) / f"{number:04}").write_bytes(update_to_bytes(update()))
        started = time.perf_counter()
        aggregate_folder(folder, model, settings)
        add("files", time.perf_counter() - started, n_files)
    return table


def rounds_table(n_homes: int, rounds: int) -> Table:
    """Return how fast this process runs rounds of many homes."""
    split = next(simulated_splits(0, round(n_homes * N_FOLDS / (N_FOLDS - 1))))
    statistics, _ = merged_statistics(split.homes, split.X.shape[1], len(split.classes))
    start = untrained_model(MotionClassifier("mlp", random_state=0), statistics, split.classes)
    settings = FederationSettings(rounds=rounds, validation_share=0)
    started = time.perf_counter()
    train_federated(start, split.homes, settings)
    seconds = (time.perf_counter() - started) / rounds
    table = Table("homes", "weights", "s a round", "rounds/s", title="Rounds in this process")
    n_values, n = len(get_weights(start)), len(split.homes)
    table.add_row(f"{n:,}", f"{n_values:,}", f"{seconds:.2f}", f"{1 / seconds:.2f}")
    return table


def privacy_table(seeds: int, n_homes: int, rounds: int) -> Table:
    """Return accuracy and a membership attack over epsilon."""
    columns = ("noise", "epsilon", "accuracy", "attack's advantage", "interval")
    title = f"{n_homes} simulated homes, {rounds} rounds, a tenth in each, delta 1e-5"
    table = Table(*columns, title=title)
    share = 0.1
    for noise in (None, 0.3, 0.6, 1.0, 2.0):
        scores, attacks = [], []
        for seed in range(seeds):
            split = next(simulated_splits(seed, n_homes))
            half = dict(list(split.homes.items())[::2])
            others = dict(list(split.homes.items())[1::2])
            # The imputer and the scaler come from other simulated homes, not from these.
            public = next(simulated_splits(1000 + seed, 30))
            statistics, _ = merged_statistics(public.homes, split.X.shape[1], len(split.classes))
            network = MotionClassifier("mlp", random_state=seed)
            start = untrained_model(network, statistics, split.classes)
            settings = FederationSettings(
                rounds=rounds,
                share=share,
                step=FedAvg(),
                local=LocalTraining(epochs=10),
                aggregation=AggregationSettings(max_norm=1.0, max_examples=1),
                validation_share=0,
            )
            if noise is not None:
                privacy = PrivacySettings(noise, noise_seed=seed)
                settings = replace(settings, privacy=privacy)
            model = train_federated(start, half, settings, random_state=seed).model
            scores.append(model.score(split.X_test, split.y_test))
            attacks.append(attack_membership(model, half, others, random_state=seed))
        epsilon = "none"
        if noise is not None:
            found = epsilon_of(PrivacySettings(noise), share=share, rounds=rounds)
            epsilon = f"{found:.1f}"
        low, high = np.mean([each.interval for each in attacks], axis=0)
        table.add_row(
            "none" if noise is None else f"{noise:g}",
            epsilon,
            f"{np.mean(scores):.3f}",
            f"{np.mean([each.advantage for each in attacks]):.2f}",
            f"{low:.2f} to {high:.2f}",
        )
    return table


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="accuracy,speed,rounds,privacy")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--homes", type=int, default=200)
    parser.add_argument("--updates", type=int, default=2000)
    options = parser.parse_args()
    parts = options.only.split(",")
    console = Console(width=120, markup=False, emoji=False, highlight=False)
    console.print(host_line())
    settings = FederationSettings(rounds=options.rounds)
    if "accuracy" in parts:
        if (SHARED / "wisdm").is_dir():
            name = f"wisdm, {N_FOLDS} folds of people, {options.seeds} seeds"
            console.print(accuracy_table(name, wisdm_splits, options.seeds, settings))
        else:
            console.print(f"wisdm is not in {SHARED}: left out.")
        name = f"motions of {options.homes} simulated homes, {options.seeds} seeds; clean labels"

        def draw(seed: int) -> Iterator[Split]:
            return simulated_splits(seed, options.homes)

        console.print(accuracy_table(name, draw, options.seeds, settings))
    if "speed" in parts:
        console.print(speed_table(options.updates))
    if "rounds" in parts:
        console.print(rounds_table(5 * options.homes, 2))
    if "privacy" in parts:
        try:
            console.print(privacy_table(options.seeds, options.homes, options.rounds))
        except ExtraNotInstalledError as error:
            console.print(str(error))


if __name__ == "__main__":
    main()
