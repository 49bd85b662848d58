"""A federation tried on rows that are all here, beside central training and each home alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import Family, family_named
from novin_ml.evaluation import Comparison, compare_answers
from novin_ml.federated.boosting import BoostingSettings, FederatedTrees, train_boosting
from novin_ml.federated.engine import Federation, train_federated
from novin_ml.federated.faults import with_faults
from novin_ml.federated.reach import merged_statistics
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.start import untrained_model
from novin_ml.federated.state import RoundReport
from novin_ml.federated.trial_rows import TrialRows


@dataclass(frozen=True)
class FederationTrial:
    """A federation beside what it is compared with, all tested on the same homes.

    Attributes
    ----------
    pipeline : Pipeline
        The features, and the model that the federation trained.
    central : Pipeline
        The same network, trained on all rows in one place.
    federation : Federation or FederatedTrees
        The model and its rounds, or its trees.
    n_homes, n_test_homes, n_test_rows : int
        Homes that took part; homes that were held back, and their labelled rows.
    accuracy, accuracy_central : float
        Shares of the test rows that are answered right.
    accuracy_alone : float
        Mean over homes, twenty at most, of what a model answers right that was trained on one of
        them.
    comparison : Comparison
        Federation against central training, with the interval of the difference over homes.
    truth : {"clean_label", "label"}
        The column of labels that accuracies are of.
    curve : list of float
        Accuracy on the test rows after each round.
    """

    pipeline: Pipeline
    central: Pipeline
    federation: Federation | FederatedTrees
    n_homes: int
    n_test_homes: int
    n_test_rows: int
    accuracy: float
    accuracy_central: float
    accuracy_alone: float
    comparison: Comparison
    truth: str
    curve: list[float]

    @property
    def kept(self) -> int:
        """Number of the round whose model is kept; of trees the last."""
        return self.federation.kept if isinstance(self.federation, Federation) else len(self.curve)


def try_federation(
    family: Family | str,
    table: Any,
    settings: FederationSettings | None = None,
    *,
    faults: Mapping[str, float] | None = None,
    test_fraction: float = 0.2,
    random_state: int = 0,
    on_round: Callable[[RoundReport], None] | None = None,
    engine: Callable[..., Federation] = train_federated,
    **params: Any,
) -> FederationTrial:
    """Train a network by a federation of the homes of a table, and compare it.

    Homes that are held back take no part. All models are tested on them.

    Parameters
    ----------
    family : Family or str
        A family of classifiers, or its name.
    table : DataFrame or Chains
        Events or chains, with `label`, `consent` and `home_id`. Rows without consent take no part.
    settings : FederationSettings, default=None
        None takes the defaults.
    faults : mapping of str to float, default=None
        Shares of the rounds in which homes have faults, as `with_faults` takes them.
    test_fraction : float, default=0.2
        Share of the homes to hold back, above 0.
    random_state : int, default=0
        Chooses the homes, and seeds everything else.
    on_round : callable, default=None
        Called after each round with its report.
    engine : callable, default=train_federated
        What runs the rounds; it is called as `train_federated`.
    **params
        Parameters of the family's pipeline, such as ``learner_params``.

    Returns
    -------
    trial : FederationTrial
        The federation and what it is compared with.

    Raises
    ------
    HomeMismatchError, InvalidEventError, ValueError
        As `novin_ml.lifecycle.train` raises them.
    InvalidParametersError
        If a setting or a share is out of its range.

    Examples
    --------
    >>> from novin_ml.federated import FederationSettings, try_federation
    >>> from novin_ml.simulation import simulate_motions
    >>> motions = simulate_motions(2000, n_homes=30, random_state=0)
    >>> trial = try_federation("motion", motions, FederationSettings(rounds=10))
    >>> trial.n_homes, trial.n_test_homes, len(trial.curve)
    (23, 6, 10)
    >>> trial.accuracy > trial.accuracy_alone
    True
    """
    settings = settings or FederationSettings()
    settings.check()
    if isinstance(family, str):
        family = family_named(family)
    rows = TrialRows.of(family, table, "mlp", test_fraction, random_state, params)
    homes, classes, X_test, y_test = rows.homes, rows.classes, rows.X_test, rows.y_test
    taking_part = with_faults(homes, faults, random_state=random_state) if faults else homes
    statistics, _ = merged_statistics(taking_part, len(rows.columns), len(classes))
    start = untrained_model(clone(rows.central_model), statistics, classes, rows.columns)
    curve: list[float] = []

    def after(report: RoundReport, model: Any) -> None:
        curve.append(float(np.mean(model.predict(X_test) == y_test)))
        if on_round is not None:
            on_round(report)

    federation = engine(start, taking_part, settings, random_state=random_state, on_round=after)
    alone = replace(settings, validation_share=0, share=1.0)
    models = [train_federated(start, {each: homes[each]}, alone).model for each in rows.some]
    return _trial(rows, federation, models, curve, random_state)


def try_boosting(
    family: Family | str,
    table: Any,
    settings: BoostingSettings | None = None,
    *,
    test_fraction: float = 0.2,
    random_state: int = 0,
    engine: Callable[..., FederatedTrees] = train_boosting,
    **params: Any,
) -> FederationTrial:
    """Grow trees over the homes of a table, and compare them.

    Homes that are held back take no part. All models are tested on them.

    Parameters
    ----------
    family : Family or str
        A family of classifiers, or its name.
    table : DataFrame or Chains
        As for `try_federation`.
    settings : BoostingSettings, default=None
        None takes the defaults.
    test_fraction : float, default=0.2
        Share of the homes to hold back, above 0.
    random_state : int, default=0
        Chooses the homes, and seeds everything else.
    engine : callable, default=train_boosting
        What grows the trees; it is called as `train_boosting`.
    **params
        Parameters of the family's pipeline, such as ``learner_params``.

    Returns
    -------
    trial : FederationTrial
        The trees, and boosting with the family's defaults on all rows in one place. A home alone
        grows trees as the federation does.

    Raises
    ------
    HomeMismatchError, InvalidEventError, ValueError
        As `novin_ml.lifecycle.train` raises them.
    InvalidParametersError
        If a setting is out of its range.

    Examples
    --------
    >>> from novin_ml.federated import BoostingSettings, try_boosting
    >>> from novin_ml.simulation import simulate_motions
    >>> motions = simulate_motions(600, n_homes=12, random_state=0)
    >>> trial = try_boosting("motion", motions, BoostingSettings(rounds=3))
    >>> trial.n_homes + trial.n_test_homes, len(trial.curve), trial.federation.n_refused
    (12, 3, 0)
    """
    settings = settings or BoostingSettings()
    settings.check()
    if isinstance(family, str):
        family = family_named(family)
    rows = TrialRows.of(family, table, "boosting", test_fraction, random_state, params)
    known = merged_statistics(rows.homes, len(rows.columns), len(rows.classes))[0]
    own = (clone(rows.central_model), rows.homes, known, rows.classes, settings)
    grown = engine(*own, feature_names=rows.columns)
    codes = [rows.codes_after(grown.model, number + 1) for number in range(settings.rounds)]
    curve = [float(np.mean(rows.classes[each] == rows.y_test)) for each in codes]
    models = []
    for each in rows.some:
        home = {each: rows.homes[each]}
        statistics = merged_statistics(home, len(rows.columns), len(rows.classes))[0]
        args = (clone(rows.central_model), home, statistics, rows.classes, settings)
        models.append(train_boosting(*args, feature_names=rows.columns).model)
    return _trial(rows, grown, models, curve, random_state)


def _trial(
    rows: TrialRows,
    federation: Federation | FederatedTrees,
    alone: list[Any],
    curve: list[float],
    random_state: int,
) -> FederationTrial:
    """Test the models on the homes that were held back."""
    X_test, y_test = rows.X_test, rows.y_test
    comparison = compare_answers(
        y_test,
        federation.model.predict(X_test),
        rows.central_model.predict(X_test),
        groups=rows.homes_test,
        names=("the federation", "training in one place"),
        unit="homes",
        random_state=random_state,
    )
    name, last = (each for each, _ in rows.central.steps)
    return FederationTrial(
        pipeline=Pipeline([(name, rows.central[0]), (last, federation.model)]),
        central=rows.central,
        federation=federation,
        n_homes=len(rows.homes),
        n_test_homes=rows.n_test_homes,
        n_test_rows=len(y_test),
        accuracy=comparison.accuracy.a,
        accuracy_central=comparison.accuracy.b,
        accuracy_alone=float(np.mean([np.mean(m.predict(X_test) == y_test) for m in alone])),
        comparison=comparison,
        truth=rows.truth,
        curve=curve,
    )
