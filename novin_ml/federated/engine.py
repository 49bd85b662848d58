"""Rounds of federated averaging, wherever the homes are."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.estimators.behavior import BehaviorAnomalyDetector
from novin_ml.estimators.home_models import learner_holder
from novin_ml.estimators.model_hash import frozen_sha256, hash_of_both
from novin_ml.estimators.weights import get_weights, set_weights, weight_layout, weights_sha256
from novin_ml.exceptions import InvalidParametersError, UnsupportedLearnerError, UpdateError
from novin_ml.federated.aggregation import RoundAggregation
from novin_ml.federated.homes import Home, RoundTask
from novin_ml.federated.reach import Reach, reach_of
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.state import FederationState, RoundReport, StateKeeper, identity_of
from novin_ml.federated.update_files import Update

_FEWEST_TO_HOLD_BACK = 100
_VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Federation:
    """The result of `train_federated`.

    Attributes
    ----------
    model : classifier or Pipeline
        The model with the weights of the round that is kept.
    rounds : list of RoundReport
        All rounds, those before a resumption included.
    kept : int
        Number of the round whose weights the model has.
    """

    model: Any
    rounds: list[RoundReport]
    kept: int


def train_federated(
    model: Any,
    homes: Mapping[str, Home] | Reach,
    settings: FederationSettings | None = None,
    *,
    random_state: int = 0,
    state: str | os.PathLike[str] | None = None,
    on_round: Callable[[RoundReport, Any], None] | None = None,
) -> Federation:
    """Train a network over homes whose rows stay where they are.

    In each round, homes train from the global weights and send theirs; every update is checked
    before it is counted.

    Parameters
    ----------
    model : classifier or Pipeline
        Fitted, with ``algorithm="mlp"``: from `untrained_model`, or trained on rows that the server
        has. It stays as it is.
    homes : mapping of str to Home, or Reach
        By name, or how they are reached. What a home raises is counted as a refusal of its update.
    settings : FederationSettings, default=None
        None takes the defaults.
    random_state : int, default=0
        Decides which homes are asked, and the order of the rows in them.
    state : str or path-like, default=None
        A folder where the state is kept after each round. A federation that was killed goes on
        from its last round, with the same result.
    on_round : callable, default=None
        Called after each round with its report and the model as it is then.

    Returns
    -------
    federation : Federation
        The model and its rounds.

    Raises
    ------
    InvalidParametersError
        If a setting is out of its range, or no home is there.
    UnsupportedLearnerError
        If the model is no network.
    SavedModelError
        If the state is damaged, or of another federation.

    References
    ----------
    McMahan, Moore, Ramage, Hampson and Aguera y Arcas, "Communication-efficient learning of deep
    networks from decentralized data", AISTATS 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.federated import (
    ...     FederationSettings, LocalTraining, homes_of, merged_statistics, train_federated,
    ...     untrained_model,
    ... )
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(600, 4))
    >>> y = np.where(X[:, 0] > 0, "pet", "person")
    >>> homes, classes = homes_of(X, y, rng.integers(0, 20, 600))
    >>> statistics, _ = merged_statistics(homes, 4, len(classes))
    >>> network = MotionClassifier("mlp", learner_params={"hidden_layer_sizes": (8,)})
    >>> start = untrained_model(network.set_params(random_state=0), statistics, classes)
    >>> settings = FederationSettings(rounds=10, local=LocalTraining(epochs=5))
    >>> federation = train_federated(start, homes, settings)
    >>> bool(federation.model.score(X, y) > 0.9)
    True
    """
    settings = settings or FederationSettings()
    settings.check()
    if isinstance(learner_holder(model), BehaviorAnomalyDetector):
        raise UnsupportedLearnerError(
            "The 'model' parameter must be a classifier with algorithm='mlp': homes train labels. "
            "Got a BehaviorAnomalyDetector. Average autoencoders of phones by aggregate_folder."
        )
    reach = reach_of(homes)
    names = sorted(reach.names)
    if not names:
        raise InvalidParametersError("The 'homes' parameter must have a home. Got none.")
    held_back = _held_back(names, settings, random_state)
    training = [name for name in names if name not in held_back]
    keeper = StateKeeper(state, identity_of(model, names, settings, random_state))
    at = keeper.load(FederationState(get_weights(model), settings.step, [], get_weights(model)))
    while len(at.reports) < settings.rounds and not at.is_over(settings.patience):
        number, started = len(at.reports) + 1, time.monotonic()
        asked = _draw(training, settings, np.random.default_rng([random_state, number]))
        seed = int(np.random.default_rng([random_state, number, 1]).integers(2**62))
        task = _task(model, at.values, settings, seed)
        aggregation = RoundAggregation(
            at.values, task.model_sha256, settings.aggregation, max_updates=len(training)
        )
        _count(reach.updates(asked, task, settings.deadline), aggregation)
        if settings.privacy is None:
            change = aggregation.change()
        else:
            n_expected = settings.share * len(training)
            change = settings.privacy.noisy_mean(aggregation.total(), n_expected, number)
        values, step = at.step(at.values, change)
        losses = []
        if held_back:
            task = _task(model, values, settings, 0)
            losses = reach.losses(held_back, task, settings.deadline)
        report = RoundReport(
            number=number,
            n_asked=len(asked),
            count=aggregation.count,
            refusals=aggregation.refusals,
            max_norm=aggregation.max_norm if aggregation.count.accepted else None,
            # The median: no single home decides.
            validation_loss=float(np.median(losses)) if losses else None,
            seconds=time.monotonic() - started,
        )
        at = at.after(values, step, report)
        keeper.save(at)
        if on_round is not None:
            on_round(report, set_weights(model, values))
    return Federation(set_weights(model, at.best), at.reports, at.kept)


def _held_back(names: Sequence[str], settings: FederationSettings, random_state: int) -> list[str]:
    share = settings.validation_share
    if share is None:
        share = _VALIDATION_SHARE if len(names) >= _FEWEST_TO_HOLD_BACK else 0.0
    if share == 0 or len(names) < 2:
        return []
    n = min(max(1, round(share * len(names))), len(names) - 1)
    drawn = np.random.default_rng([random_state, 0]).choice(sorted(names), size=n, replace=False)
    return sorted(drawn.tolist())


def _count(answers: Iterable[tuple[str, Update | UpdateError]], into: RoundAggregation) -> None:
    for name, answer in answers:
        if isinstance(answer, UpdateError):
            into.refuse(answer, name)
        else:
            into.add(answer, name)


def _draw(names: list[str], settings: FederationSettings, rng: np.random.Generator) -> list[str]:
    if settings.privacy is not None:  # each by itself: the number says nothing of who is there
        return [name for name in names if rng.random() < settings.share]
    n = max(1, round(settings.share * len(names)))
    return sorted(rng.choice(names, size=n, replace=False).tolist())


def _task(model: Any, values: np.ndarray, settings: FederationSettings, seed: int) -> RoundTask:
    learner = learner_holder(model).learner_
    layout = weight_layout(model)
    sha256 = hash_of_both(weights_sha256(layout, values), frozen_sha256(learner))
    return RoundTask(
        values=values,
        model_sha256=bytes.fromhex(sha256),
        layout=layout,
        activation=learner.activation,
        medians=learner.medians,
        mean=learner.mean,
        scale=learner.scale,
        local=settings.local,
        seed=seed,
    )
