"""Homes to train on, and rows of homes that are held back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks._datasets import SHARED, read_wisdm
from novin_ml import MotionClassifier
from novin_ml.features import MotionFeatures, training_rows
from novin_ml.federated import (
    FederationSettings,
    LocalHome,
    homes_of,
    merged_statistics,
    train_federated,
    untrained_model,
)
from novin_ml.simulation import simulate_motions

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
