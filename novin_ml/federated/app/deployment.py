"""The server of a federation whose homes are elsewhere, reached by TLS."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from novin_ml.exceptions import FlowerError, InvalidParametersError
from novin_ml.federated.app.boosting import COUNTED, RESULT, counted_of
from novin_ml.federated.app.config import boosting_config, run_config
from novin_ml.federated.app.messages import flower
from novin_ml.federated.app.nodes import HOMES
from novin_ml.federated.app.running import Link, register, run_app, serve_link, write_app
from novin_ml.federated.app.server import REPORTS
from novin_ml.federated.boosting import BoostingSettings, FederatedTrees
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.state import RoundReport
from novin_ml.files import write_text
from novin_ml.lifecycle import load_estimator
from novin_ml.plain import shown

#: Suffix of the public keys of homes.
_KEY = ".pub"


def serve_homes(
    folder: str | os.PathLike[str],
    keys: str | os.PathLike[str],
    link: Link,
    settings: FederationSettings | None = None,
    *,
    family: str = "motion",
    model: str | os.PathLike[str] | None = None,
    min_homes: int | None = None,
    wait: float = 600.0,
    random_state: int = 0,
    say: Callable[[str], None] = lambda command: None,
) -> tuple[Any, list[RoundReport]]:
    """Run a federation over homes that connect by TLS, each with a key that is known.

    It starts flwr's SuperLink, registers the keys, runs the app and stops the SuperLink. If it is
    killed, call it again with the same folder: it goes on from its last round.

    Parameters
    ----------
    folder : str or path-like
        For the app, the state after each round and the logs of flwr.
    keys : str or path-like
        A folder of public keys in OpenSSH's form, ``NAME.pub`` for the home NAME. No other home
        can connect. The list is made once: a key that is added later waits for a new federation.
    link : Link
        Where the server listens, with its certificate.
    settings : FederationSettings, default=None
        None takes the defaults.
    family : str, default="motion"
        The family of the model, if there is none yet.
    model : str or path-like, default=None
        A saved network to begin from. None begins with the statistics of the homes and random
        weights.
    min_homes : int, default=None
        Begin when so many are connected; None waits for all.
    wait : float, default=600.0
        Seconds to wait for them.
    random_state : int, default=0
        As in `train_federated`.
    say : callable, default=None
        Called with each command that is run.

    Returns
    -------
    model : classifier or Pipeline
        With the weights that are kept.
    reports : list of RoundReport
        Those of this call's rounds and of earlier ones.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    FlowerError
        If flwr ends without a model.
    InvalidParametersError
        If there are no keys, no certificate, or a setting is out of its range.
    """
    settings = settings or FederationSettings()
    settings.check()
    config = run_config(
        settings,
        family=family,
        model="" if model is None else str(Path(model).resolve()),
        seed=random_state,
    )
    state = _served(folder, keys, link, config, REPORTS, min_homes, wait, say)
    documents = json.loads((state / REPORTS).read_text(encoding="utf-8"))
    reports = [RoundReport.from_dict(document) for document in documents]
    return load_estimator(state / RESULT), reports


def serve_boosting_homes(
    folder: str | os.PathLike[str],
    keys: str | os.PathLike[str],
    link: Link,
    settings: BoostingSettings | None = None,
    *,
    family: str = "motion",
    min_homes: int | None = None,
    wait: float = 600.0,
    say: Callable[[str], None] = lambda command: None,
) -> FederatedTrees:
    """Grow trees over homes that connect by TLS, as `serve_homes` trains a network.

    Parameters
    ----------
    folder : str or path-like
        For the app, the trees after each round and the logs of flwr.
    keys : str or path-like
        A folder of public keys, as in `serve_homes`.
    link : Link
        Where the server listens, with its certificate.
    settings : BoostingSettings, default=None
        None takes the defaults.
    family : str, default="motion"
        The family of the model.
    min_homes : int, default=None
        Begin when so many are connected; None waits for all.
    wait : float, default=600.0
        Seconds to wait for them.
    say : callable, default=None
        Called with each command that is run.

    Returns
    -------
    result : FederatedTrees
        The pipeline of the family, and what was refused since it was called.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    FlowerError
        If flwr ends without a model.
    InvalidParametersError
        If there are no keys, no certificate, or a setting is out of its range.
    """
    settings = settings or BoostingSettings()
    settings.check()
    config = boosting_config(settings, family=family)
    state = _served(folder, keys, link, config, COUNTED, min_homes, wait, say)
    return counted_of(state, load_estimator(state / RESULT))


def _served(
    folder: str | os.PathLike[str],
    keys: str | os.PathLike[str],
    link: Link,
    config: dict[str, Any],
    last: str,
    min_homes: int | None,
    wait: float,
    say: Callable[[str], None],
) -> Path:
    """Run the app until it has written its last file, and return the folder of the state."""
    flower()
    if None in (link.ca, link.certificate, link.key):
        raise InvalidParametersError(
            "The 'link' parameter must have a 'ca', a 'certificate' and a 'key': homes connect by "
            f"TLS alone. Got {shown(link)}."
        )
    found = {path.stem: path.resolve() for path in sorted(Path(keys).glob(f"*{_KEY}"))}
    if not found:
        raise InvalidParametersError(
            f"The 'keys' parameter must name a folder of files NAME{_KEY}, one for each home. Got "
            f"{shown(str(keys))}, which has none."
        )
    folder = Path(folder).resolve()
    state = folder / "state"
    config = config | {
        "state": str(state),
        "homes": len(found) if min_homes is None else min_homes,
        "wait": float(wait),
    }
    if not (state / HOMES).exists():
        write_text(json.dumps(sorted(found)), state / HOMES)
    (state / last).unlink(missing_ok=True)  # of a call with fewer rounds
    app = write_app(folder / "app", config)
    with serve_link(folder, link, say=say):
        register(folder, found, say=say)
        run_app(folder, app, say=say)
    if not (state / last).exists():
        raise FlowerError(f"The federation must end with a model. Got none. See {folder}/flwr.log.")
    return state
