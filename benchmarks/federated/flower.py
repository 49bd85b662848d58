"""Rounds a second of homes that flwr simulates, beside the same rounds in this process and by loky.

Run as ``python -m benchmarks.federated.flower [--homes 1000] [--shares 0.05,1]``, in the
environment of ``make test-federated``; without flwr it prints the other two. Each home has 20 rows
of 4 features; the network has one hidden layer of 16. A round is what its report says that it took
at the server; what flwr needs to start and to stop is beside it. All weights are compared with
those of this process to the last bit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import joblib
import numpy as np

from benchmarks._host import host_line
from novin_ml import MotionClassifier
from novin_ml.estimators.weights import get_weights
from novin_ml.exceptions import UpdateError
from novin_ml.federated import (
    AggregationSettings,
    Federation,
    FederationSettings,
    HomesHere,
    RoundTask,
    Update,
    homes_of,
    merged_statistics,
    train_federated,
    untrained_model,
)
from novin_ml.federated.app import train_on_flower
from novin_ml.optional import installed_versions

N_ROWS, N_FEATURES = 20, 4


def federation_of(n_homes: int) -> tuple[Any, dict[str, Any]]:
    """Return an untrained network and its homes."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n_homes * N_ROWS, N_FEATURES)).astype(np.float32)
    y = np.where(X[:, 0] > 0, "pet", "person")
    homes, classes = homes_of(X, y, np.repeat(np.arange(n_homes), N_ROWS))
    statistics, _ = merged_statistics(homes, N_FEATURES, len(classes))
    network = MotionClassifier("mlp", learner_params={"hidden_layer_sizes": (16,)}, random_state=0)
    return untrained_model(network, statistics, classes), homes


class HomesByLoky(HomesHere):
    """Homes in processes of joblib, some at a time."""

    def __init__(self, homes: Mapping[str, Any], n_jobs: int) -> None:
        super().__init__(homes)
        self._here, self._n_jobs = homes, n_jobs

    def updates(
        self, names: Sequence[str], task: RoundTask, deadline: float
    ) -> Iterator[tuple[str, Update | UpdateError]]:
        """Yield the update of each home; what one raises ends the benchmark."""
        parts = [part.tolist() for part in np.array_split(np.array(names, object), self._n_jobs)]
        parallel = joblib.Parallel(n_jobs=self._n_jobs, return_as="generator")
        jobs = (joblib.delayed(_updates_of)([self._here[name] for name in p], task) for p in parts)
        for part, found in zip(parts, parallel(jobs), strict=True):
            yield from zip(part, found, strict=True)


def _updates_of(homes: list[Any], task: RoundTask) -> list[Update]:
    return [home.update(task) for home in homes]


def measured(train: Any, model: Any, homes: Any, settings: Any, **options: Any) -> tuple[Any, ...]:
    """Return a federation, the median seconds of its rounds, and the seconds of all else."""
    began = time.monotonic()
    federation: Federation = train(model, homes, settings, **options)
    taken = time.monotonic() - began
    seconds = [report.seconds for report in federation.rounds]
    return federation, float(np.median(seconds)), taken - sum(seconds)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=1000)
    parser.add_argument("--shares", default="0.05,1", help="shares of them that a round asks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1, help="homes that flwr trains at once")
    options = parser.parse_args()
    print(host_line(), installed_versions("flwr", "ray"), sep="; ")
    model, homes = federation_of(options.homes)
    print(
        f"\n{options.homes:,} homes\n\n| engine | homes asked | seconds a round | "
        "rounds a second | seconds of the rest | same weights |\n"
        "| --- | ---: | ---: | ---: | ---: | --- |"
    )
    for share in map(float, options.shares.split(",")):
        settings = FederationSettings(
            rounds=options.rounds,
            share=share,
            validation_share=0,
            aggregation=AggregationSettings(max_norm=2.0),
        )
        here = measured(train_federated, model, homes, settings)
        found = {"in process": here}
        loky = HomesByLoky(homes, max(2, options.jobs))
        found["joblib's processes (loky)"] = measured(train_federated, model, loky, settings)
        if find_spec("flwr") is not None:
            found["flwr, simulated"] = measured(
                train_on_flower, model, homes, settings, n_jobs=options.jobs
            )
        asked = here[0].rounds[0].n_asked
        for name, (federation, seconds, rest) in found.items():
            same = get_weights(here[0].model).tobytes() == get_weights(federation.model).tobytes()
            equal = "" if name == "in process" else "yes" if same else "no"
            print(
                f"| {name} | {asked:,} | {seconds:.2f} | {1 / seconds:.2f} | {rest:.0f} | {equal} |"
            )


if __name__ == "__main__":
    main()
