"""A federation whose homes flwr simulates on this machine."""

from __future__ import annotations

import json
import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.arrays import write_arrays
from novin_ml.estimators.weights import get_weights, set_weights
from novin_ml.exceptions import FlowerError, InvalidParametersError
from novin_ml.federated.app.config import run_config
from novin_ml.federated.app.messages import flower
from novin_ml.federated.app.running import Link, run_app, serve_link, write_app
from novin_ml.federated.app.server import ROUNDS, kept_round
from novin_ml.federated.engine import Federation
from novin_ml.federated.faults import FaultyHome
from novin_ml.federated.homes import Home, LocalHome
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.state import FederationState, RoundReport, StateKeeper, identity_of
from novin_ml.files import replace_whole
from novin_ml.lifecycle import save_estimator
from novin_ml.plain import plural, shown


def train_on_flower(
    model: Any,
    homes: Mapping[str, Home],
    settings: FederationSettings | None = None,
    *,
    random_state: int = 0,
    state: str | os.PathLike[str] | None = None,
    on_round: Callable[[RoundReport, Any], None] | None = None,
    say: Callable[[str], None] = lambda command: None,
    n_jobs: int = 1,
) -> Federation:
    """Train a network over homes that flwr simulates: `train_federated`, by messages.

    A SuperLink listens on a free port of this machine while it trains. The weights are
    those of `train_federated` to the last bit, if `max_norm` is stated or at most 50 homes are
    asked.

    Parameters
    ----------
    model : classifier or Pipeline
        Fitted, with ``algorithm="mlp"``: from `untrained_model`, or trained.
    homes : mapping of str to LocalHome or FaultyHome
        By name. Faults must be the same in all homes.
    settings : FederationSettings, default=None
        None takes the defaults.
    random_state : int, default=0
        As in `train_federated`.
    state : str or path-like, default=None
        A folder for the Flower app, its rows, the state after each round and the logs of flwr. A
        federation that was killed goes on from its last round. None takes a temporary one.
    on_round : callable, default=None
        Called after each round with its report and the model as it is then.
    say : callable, default=None
        Called with each command that is run.
    n_jobs : int, default=1
        Homes that train at once.

    Returns
    -------
    federation : Federation
        The model and its rounds.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    FlowerError
        If flwr ends without a model.
    InvalidParametersError
        If a setting is out of its range, or homes are of another kind.
    """
    flower("ray")
    settings = settings or FederationSettings()
    settings.check()
    with tempfile.TemporaryDirectory(prefix="novin-flower-") as scratch:
        folder = Path(scratch if state is None else state).resolve()
        config = _prepared(folder, model, homes, settings, random_state)
        told = _Told(folder / "state", model, on_round)
        run_simulated(folder, config, len(homes), say=say, n_jobs=n_jobs, meanwhile=told.tell)
        keeper = StateKeeper(folder / "state", identity_of(model, homes, settings, random_state))
        start = FederationState(get_weights(model), settings.step, [], get_weights(model))
        at = keeper.load(start)
        if len(at.reports) < settings.rounds and not at.is_over(settings.patience):
            raise FlowerError(
                f"Flower must run {plural(settings.rounds, 'round')}. Got {len(at.reports)}. "
                f"{why_of(folder)}"
            )
        return Federation(set_weights(model, at.best), at.reports, at.kept)


def run_simulated(
    folder: Path,
    config: Mapping[str, Any],
    n_homes: int,
    *,
    say: Callable[[str], None],
    n_jobs: int,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Run an app over homes that flwr simulates.

    Parameters
    ----------
    folder : Path
        For the app, flwr's files and its logs.
    config : mapping
        The run configuration.
    n_homes : int
        Number of homes.
    say, n_jobs
        As in `train_on_flower`.
    meanwhile : callable, default=None
        Called again and again while it runs.

    Raises
    ------
    FlowerError
        If the app cannot be started.
    """
    app = write_app(folder / "app", config)
    simulated = f"num-supernodes={n_homes} client-resources-num-cpus=1"
    simulated += f" init-args-num-cpus={n_jobs} init-args-log-to-driver=false"
    with serve_link(folder, Link(port=_free_port()), say=say, simulated=True):
        options = ["--federation-config", simulated]
        run_app(folder, app, say=say, options=options, meanwhile=meanwhile)


def write_rows(homes: Mapping[str, LocalHome], labels: Any, path: str | os.PathLike[str]) -> Path:
    """Write the features of homes as the app reads them.

    Parameters
    ----------
    homes : mapping of str to LocalHome
        By name.
    labels : array-like of shape (n_classes,)
        Of the codes of the homes.
    path : str or path-like
        An npz file with ``X``, float32 (n_samples, n_features), ``labels`` and ``homes``.

    Returns
    -------
    path : Path
        The file.
    """
    path, texts = Path(path), np.array([str(label) for label in labels])
    ordered = [homes[name] for name in sorted(homes)]
    arrays = {
        "X": np.concatenate([home.X for home in ordered]),
        "labels": texts[np.concatenate([home.codes for home in ordered])],
        "homes": np.repeat(sorted(homes), [len(home.codes) for home in ordered]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with replace_whole(path) as new:
        new.write_bytes(write_arrays(arrays))
    return path


class _Told:
    """Tells of rounds as their files appear."""

    def __init__(
        self, state: Path, model: Any, on_round: Callable[[RoundReport, Any], None] | None
    ) -> None:
        self._folder, self._model, self._on_round = state / ROUNDS, model, on_round
        self._told = set(self._folder.glob("*.json"))

    def tell(self) -> None:
        """Tell of those that are new."""
        for said in sorted(set(self._folder.glob("*.json")) - self._told):
            report = RoundReport.from_dict(json.loads(said.read_text(encoding="utf-8")))
            _, values = kept_round(said.with_suffix(".npz"))
            if self._on_round is not None:
                self._on_round(report, set_weights(self._model, values))
            self._told.add(said)


def _prepared(
    folder: Path,
    model: Any,
    homes: Mapping[str, Home],
    settings: FederationSettings,
    random_state: int,
) -> dict[str, Any]:
    plain_homes: dict[str, LocalHome] = {}
    faults: list[dict[str, float]] = []
    for name, home in homes.items():
        shares: dict[str, float] = {}
        if isinstance(home, FaultyHome):
            shares, home = dict(home.faults), home.home
        faults += [] if shares in faults else [shares]
        if not isinstance(home, LocalHome) or len(faults) > 1:
            raise InvalidParametersError(
                "The 'homes' parameter of a simulation with Flower must have homes of this "
                f"process, all with the same faults or none. Got a {type(home).__name__} with "
                f"{shown(shares)}."
            )
        plain_homes[name] = replace(home, name=name)
    rows = write_rows(plain_homes, model.classes_, folder / "rows.npz")
    save_estimator(model, folder / "given")
    return run_config(
        settings,
        model=str(folder / "given"),
        state=str(folder / "state"),
        homes=len(homes),
        seed=random_state,
        rows=str(rows),
        faults=json.dumps(faults[0]),
    )


def why_of(folder: Path) -> str:
    """Return the last error of flwr's log, and where the log is."""
    text = (folder / "flwr.log").read_text(encoding="utf-8", errors="replace")
    lines = [line.strip() for line in text.splitlines() if "Error" in line]
    return f"{lines[-1]} See {folder / 'flwr.log'}." if lines else f"See {folder / 'flwr.log'}."


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
