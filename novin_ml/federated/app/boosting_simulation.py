"""A federation of trees whose homes flwr simulates on this machine."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.exceptions import FlowerError
from novin_ml.federated.app.boosting import COUNTED, counted_of, kept_trees
from novin_ml.federated.app.config import boosting_config
from novin_ml.federated.app.messages import flower
from novin_ml.federated.app.simulation import run_simulated, why_of, write_rows
from novin_ml.federated.boosting import BoostingSettings, FederatedTrees
from novin_ml.federated.boosting.server import with_trees
from novin_ml.federated.homes import LocalHome
from novin_ml.federated.start import untrained_trees
from novin_ml.federated.statistics import FeatureStatistics


def train_boosting_on_flower(
    estimator: Any,
    homes: Mapping[str, LocalHome],
    statistics: FeatureStatistics,
    classes: np.ndarray,
    settings: BoostingSettings | None = None,
    *,
    feature_names: list[str] | None = None,
    state: str | os.PathLike[str] | None = None,
    say: Callable[[str], None] = lambda command: None,
    n_jobs: int = 1,
) -> FederatedTrees:
    """Train boosting over homes that flwr simulates: `train_boosting`, by messages.

    The trees are those of `train_boosting` to the last bit.

    Parameters
    ----------
    estimator : classifier of novin_ml
        With ``algorithm="boosting"``; it stays unfitted.
    homes : mapping of str to LocalHome
        By name.
    statistics : FeatureStatistics
        Of all homes, from `merged_statistics`.
    classes : ndarray of shape (n_classes,)
        Labels, sorted.
    settings : BoostingSettings, default=None
        None takes the defaults.
    feature_names : list of str, default=None
        Names of the features.
    state : str or path-like, default=None
        A folder for the Flower app, its rows, the trees after each round and the logs of flwr. A
        federation that was killed goes on from its last round. None takes a temporary one.
    say : callable, default=None
        Called with each command that is run.
    n_jobs : int, default=1
        Homes that answer at once.

    Returns
    -------
    result : FederatedTrees
        The model, and what was refused.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    FlowerError
        If flwr ends without a model.
    InvalidParametersError
        If a setting is out of its range.
    """
    flower("ray")
    settings = settings or BoostingSettings()
    settings.check()
    model = untrained_trees(estimator, statistics, classes, feature_names)
    with tempfile.TemporaryDirectory(prefix="novin-flower-") as scratch:
        folder = Path(scratch if state is None else state).resolve()
        rows = write_rows(homes, classes, folder / "rows.npz")
        config = boosting_config(
            settings,
            state=str(folder / "state"),
            homes=len(homes),
            rows=str(rows),
            features=len(statistics.n),
            classes=json.dumps([str(label) for label in classes]),
        )
        counted = folder / "state" / COUNTED
        counted.unlink(missing_ok=True)  # of a call with fewer rounds
        run_simulated(folder, config, len(homes), say=say, n_jobs=n_jobs)
        if not counted.exists():
            raise FlowerError(f"Flower must end with trees. Got none. {why_of(folder)}")
        trees, edges = kept_trees(folder / "state")
        return counted_of(folder / "state", with_trees(model, trees, edges))
