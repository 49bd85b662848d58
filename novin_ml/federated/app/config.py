"""The settings of a federation as flwr's run configuration holds them: flat, one name each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.aggregation import AggregationSettings
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
}

_STEPS: dict[str, type[Any]] = {"fedavg": FedAvg, "fedadam": FedAdam}
_PARTS = ("local", "aggregation", "step", "privacy")
_OF_ADAM = ("learning_rate", "beta_1", "beta_2", "tau")


def _names(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind) if each.name not in _PARTS)


_OF_FEDERATION, _OF_LOCAL = _names(FederationSettings), _names(LocalTraining)
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


def _flat(part: Any, names: tuple[str, ...], prefix: str = "") -> dict[str, Any]:
    return {f"{prefix}{name.replace('_', '-')}": getattr(part, name) for name in names}


def _own(config: Mapping[str, Any], names: tuple[str, ...], prefix: str = "") -> dict[str, Any]:
    return {name: config[f"{prefix}{name.replace('_', '-')}"] for name in names}
