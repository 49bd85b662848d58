"""The server of a federation as flwr's ServerApp: the same rounds, with homes behind its grid."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.estimators.families import family_named
from novin_ml.estimators.weights import get_weights
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.app import messages
from novin_ml.federated.app.boosting import RESULT, serve_boosting
from novin_ml.federated.app.config import BOOSTING, settings_from
from novin_ml.federated.app.nodes import kept_homes, nodes_of
from novin_ml.federated.app.reach import FlowerReach
from novin_ml.federated.engine import train_federated
from novin_ml.federated.reach import merged_statistics
from novin_ml.federated.start import untrained_model
from novin_ml.federated.state import RoundReport
from novin_ml.files import replace_whole, write_text
from novin_ml.lifecycle import load_estimator, save_estimator

#: What a folder of state holds beside the state itself.
START, ROUNDS, REPORTS = "start", "rounds", "rounds.json"

_log = logging.getLogger(__name__)


def server_app() -> Any:
    """Return the ServerApp of a federation.

    Returns
    -------
    app : flwr.serverapp.ServerApp
        It writes the model into the folder ``state`` of the run configuration.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    """
    app = messages.flower("flwr.serverapp").ServerApp()
    app.main()(_main)
    return app


def _main(grid: Any, context: Any) -> None:
    serve(grid, context.run_config)


def serve(grid: Any, config: Mapping[str, Any]) -> None:
    """Run a federation over the nodes of a grid.

    Parameters
    ----------
    grid : flwr.serverapp.Grid
        Of the run.
    config : mapping
        The run configuration, as `run_config` of this package returns it. ``state`` is the folder
        that holds the state after each round, ``model`` when it is over, and the list of homes,
        which is made once: a home that connects later takes no part.

    Raises
    ------
    InvalidParametersError
        If the configuration cannot be used, or too few homes connect.
    UpdateError
        If no home has statistics that count.
    """
    if config["algorithm"] == BOOSTING:
        serve_boosting(grid, config)
        return
    settings = settings_from(config)
    if not config["state"]:
        raise InvalidParametersError(
            "The 'state' of the run configuration must name a folder. Got ''."
        )
    state = Path(str(config["state"]))
    state.mkdir(parents=True, exist_ok=True)
    nodes = nodes_of(grid, config)
    names = kept_homes(state, nodes, config)
    begun = (state / START).exists()
    model = load_estimator(state / START) if begun else _given_model(config)
    labels = family_named(str(config["family"])).labels if model is None else list(model.classes_)
    classes = [str(label) for label in labels]
    classes = sorted(classes) if model is None else classes
    reach = FlowerReach(grid, names, classes, nodes, settings.deadline)
    if model is None:
        model = _untrained(reach, classes, config)
    if not begun:
        save_estimator(model, state / START)

    def after(report: RoundReport, current: Any) -> None:
        _keep_round(state, report, current)
        refused = sum(report.count.rejected.values())
        _log.info("round %d: %d counted, %d refused", report.number, report.count.accepted, refused)

    federation = train_federated(
        model,
        reach,
        settings,
        random_state=int(config["seed"]),
        state=state,
        on_round=after,
    )
    save_estimator(federation.model, state / RESULT)
    reports = [report.to_dict() for report in federation.rounds]
    write_text(json.dumps(reports), state / REPORTS)  # last: it says that all is there


def kept_round(path: str | os.PathLike[str]) -> tuple[int, np.ndarray]:
    """Read a round that a server has kept.

    Parameters
    ----------
    path : str or path-like
        A file in the folder ``rounds`` of its state.

    Returns
    -------
    number : int
        Of the round.
    values : ndarray of shape (n_values,), float32
        The weights after it.
    """
    path = Path(path)
    return int(path.stem), read_arrays(path.read_bytes())["values"]


def _keep_round(state: Path, report: RoundReport, model: Any) -> None:
    folder = state / ROUNDS
    folder.mkdir(exist_ok=True)
    with replace_whole(folder / f"{report.number:05}.npz") as new:
        new.write_bytes(write_arrays({"values": get_weights(model)}))
    write_text(json.dumps(report.to_dict()), folder / f"{report.number:05}.json")


def _given_model(config: Mapping[str, Any]) -> Any:
    return load_estimator(Path(str(config["model"]))) if config["model"] else None


def _untrained(reach: FlowerReach, classes: list[str], config: Mapping[str, Any]) -> Any:
    family = family_named(str(config["family"]))
    (name, features), (last, network) = family.make_pipeline(algorithm="mlp").steps
    names = [spec.name for spec in features.feature_specs]
    statistics, refusals = merged_statistics(reach, len(names), len(classes))
    for each in refusals:
        _log.warning("no statistics of %s: %s", each.source, each.reason)
    network.set_params(random_state=int(config["seed"]))
    start = untrained_model(network, statistics, np.array(classes, dtype=object), names)
    return Pipeline([(name, features), (last, start)])
