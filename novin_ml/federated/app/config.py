"""The settings of a federation as flwr's run configuration holds them: flat, one name each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.aggregation import AggregationSettings
from novin_ml.federated.boosting import BoostingSettings
from novin_ml.federated.local_training import LocalTraining
from novin_ml.federated.privacy import PrivacySettings
from novin_ml.federated.server_steps import FedAdam, FedAvg, ServerStep
from novin_ml.federated.settings import FederationSettings
from novin_ml.plain import shown

#: What a server has to know beside the settings, and what it is when nothing is said.
PLACES: dict[str, Any] = {
    "family": "motion",
    "model": "",
    "state": "",
    "homes": 2,
    "wait": 60.0,
    "seed": 0,
    "rows": "",
    "faults": "{}",
    "algorithm": "mlp",
    "features": 0,
    "classes": "[]",
}
#: The algorithm of a federation of trees.
BOOSTING = "boosting"

_STEPS: dict[str, type[Any]] = {"fedavg": FedAvg, "fedadam": FedAdam}
_PARTS = ("local", "aggregation", "step", "privacy")
_OF_ADAM = ("learning_rate", "beta_1", "beta_2", "tau")


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name not in _PARTS)


_OF_FEDERATION, _OF_LOCAL = _names(FederationSettings), _names(LocalTraining)
_OF_BOOSTING = _names(BoostingSettings)
_OF_AGGREGATION, _OF_PRIVACY = _names(AggregationSettings), _names(PrivacySettings)


def run_config(settings: FederationSettings, **places: Any) -> dict[str, Any]:
    """Return settings as the run configuration of a Flower app.

    Parameters
    ----------
    settings : FederationSettings
        How the federation trains.
    **places
        Values of `PLACES` that are others than stated there.

    Returns
    -------
    config : dict of str to bool, int, float or str
        Names have dashes. What is None is left out of no run: it is the text "none".

    Raises
    ------
    InvalidParametersError
        If a step is neither FedAvg nor FedAdam.
    """
    step = settings.step
    name = next((name for name, kind in _STEPS.items() if type(step) is kind), None)
    if name is None:
        raise InvalidParametersError(
            f"The 'step' parameter of a federation with Flower must be one of {sorted(_STEPS)}. "
            f"Got a {type(step).__name__}."
        )
    adam = step if isinstance(step, FedAdam) else FedAdam()
    privacy = settings.privacy
    flat = {
        **PLACES,
        **places,
        **_flat(settings, _OF_FEDERATION),
        **_flat(settings.local, _OF_LOCAL, "local-"),
        **_flat(settings.aggregation, _OF_AGGREGATION),
        "step": name,
        **_flat(adam, _OF_ADAM, "server-"),
        **{each.replace("_", "-"): getattr(privacy, each, None) for each in _OF_PRIVACY},
    }
    return {name: "none" if value is None else value for name, value in flat.items()}


def settings_from(config: Mapping[str, Any]) -> FederationSettings:
    """Read the settings of a run configuration.

    Parameters
    ----------
    config : mapping of str to bool, int, float or str
        As `run_config` returns it, or changed by `flwr run --run-config`.

    Returns
    -------
    settings : FederationSettings
        Checked.

    Raises
    ------
    InvalidParametersError
        If a name is missing, or a setting is out of its range.
    """
    given = {name: None if value == "none" else value for name, value in config.items()}
    try:
        step: ServerStep = _STEPS[str(given["step"])]()
        if isinstance(step, FedAdam):
            step = replace(step, **_own(given, _OF_ADAM, "server-"))
        noise = _own(given, _OF_PRIVACY)
        private = noise["noise_multiplier"] is not None
        settings = FederationSettings(
            **_own(given, _OF_FEDERATION),
            local=LocalTraining(**_own(given, _OF_LOCAL, "local-")),
            aggregation=AggregationSettings(**_own(given, _OF_AGGREGATION)),
            step=step,
            privacy=PrivacySettings(**noise) if private else None,
        )
        settings.check()
    except (KeyError, TypeError) as error:
        raise InvalidParametersError(
            "The run configuration must have the settings of a federation, as "
            f"'novin-ml federated' writes them. Got {shown(str(error))} instead."
        ) from None
    return settings


def boosting_config(settings: BoostingSettings, **places: Any) -> dict[str, Any]:
    """Return the settings of a federation of trees as the run configuration of a Flower app.

    Parameters
    ----------
    settings : BoostingSettings
        How trees are grown.
    **places
        Values of `PLACES` that are others than stated there.

    Returns
    -------
    config : dict of str to bool, int, float or str
        Names have dashes.
    """
    own = _flat(settings, _OF_BOOSTING, "boosting-")
    # Also where nodes of a simulation are looked for.
    return {**PLACES, **places, "algorithm": BOOSTING, "deadline": settings.deadline, **own}


def boosting_settings_from(config: Mapping[str, Any]) -> BoostingSettings:
    """Read the settings of a run configuration.

    Parameters
    ----------
    config : mapping of str to bool, int, float or str
        As `boosting_config` returns it, or changed by `flwr run --run-config`.

    Returns
    -------
    settings : BoostingSettings
        Checked.

    Raises
    ------
    InvalidParametersError
        If a name is missing, a setting is out of its range, or noise is asked for.
    """
    if config.get("noise-multiplier", "none") != "none":
        raise InvalidParametersError(
            "The 'noise-multiplier' of a federation of trees must be left out. Got "
            f"{shown(config['noise-multiplier'])}. A home answers each level of each round with "
            "sums of all its rows: noise that covers all of them would hide the splits. Take a "
            "network, or homes that trust the server."
        )
    try:
        settings = BoostingSettings(**_own(config, _OF_BOOSTING, "boosting-"))
        settings.check()
    except (KeyError, TypeError) as error:
        raise InvalidParametersError(
            "The run configuration must have the settings of a federation of trees, as "
            f"'novin-ml federated' writes them. Got {shown(str(error))} instead."
        ) from None
    return settings


def _flat(part: Any, names: tuple[str, ...], prefix: str = "") -> dict[str, Any]:
    return {f"{prefix}{name.replace('_', '-')}": getattr(part, name) for name in names}


def _own(config: Mapping[str, Any], names: tuple[str, ...], prefix: str = "") -> dict[str, Any]:
    return {name: config[f"{prefix}{name.replace('_', '-')}"] for name in names}
