"""A federation tried on rows that are all here, beside central training and each home alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import Family, family_named
from novin_ml.evaluation import Comparison, compare_answers
from novin_ml.evaluation.truth import CLEAN, GIVEN
from novin_ml.federated.engine import Federation, train_federated
from novin_ml.federated.faults import with_faults
from novin_ml.federated.homes import homes_of
from novin_ml.federated.reach import merged_statistics
from novin_ml.federated.settings import FederationSettings
from novin_ml.federated.start import untrained_model
from novin_ml.federated.state import RoundReport
from novin_ml.lifecycle import train

_HOME = "home_id"
#: Homes that are trained alone; their mean accuracy is that of as many.
_MOST_ALONE = 20


@dataclass(frozen=True)
class FederationTrial:
    """A federation beside what it is compared with, all tested on the same homes.

    Attributes
    ----------
    pipeline : Pipeline
        The features, and the model that the federation trained.
    central : Pipeline
        The same network, trained on all rows in one place.
    federation : Federation
        The model and its rounds.
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
    federation: Federation
    n_homes: int
    n_test_homes: int
    n_test_rows: int
    accuracy: float
    accuracy_central: float
    accuracy_alone: float
    comparison: Comparison
    truth: str
    curve: list[float]


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
    central = train(
        family,
        table,
        test_fraction=test_fraction,
        random_state=random_state,
        algorithm="mlp",
        **params,
    )
    (name, features), (last, network) = central.pipeline.steps
    test = central.held_back
    X_test, y_test, homes_test, truth = _test_rows(features, test)
    rows = family.rows_in(table).to_train(table[~table[_HOME].isin(set(test[_HOME])).to_numpy()])[0]
    X = features.set_output(transform="pandas").transform(rows)
    homes, classes = homes_of(X, rows["label"].astype(object), rows[_HOME])
    taking_part = with_faults(homes, faults, random_state=random_state) if faults else homes
    statistics, _ = merged_statistics(taking_part, X.shape[1], len(classes))
    start = untrained_model(clone(network), statistics, classes, list(X.columns))
    curve: list[float] = []

    def after(report: RoundReport, model: Any) -> None:
        curve.append(float(np.mean(model.predict(X_test) == y_test)))
        if on_round is not None:
            on_round(report)

    federation = engine(start, taking_part, settings, random_state=random_state, on_round=after)
    alone = replace(settings, validation_share=0, share=1.0)
    some = sorted(homes)[:: -(-len(homes) // _MOST_ALONE)]
    models = [train_federated(start, {each: homes[each]}, alone).model for each in some]
    comparison = compare_answers(
        y_test,
        federation.model.predict(X_test),
        network.predict(X_test),
        groups=homes_test,
        names=("the federation", "training in one place"),
        unit="homes",
        random_state=random_state,
    )
    return FederationTrial(
        pipeline=Pipeline([(name, features), (last, federation.model)]),
        central=central.pipeline,
        federation=federation,
        n_homes=len(homes),
        n_test_homes=int(test[_HOME].nunique()),
        n_test_rows=len(y_test),
        accuracy=comparison.accuracy.a,
        accuracy_central=comparison.accuracy.b,
        accuracy_alone=float(np.mean([np.mean(m.predict(X_test) == y_test) for m in models])),
        comparison=comparison,
        truth=truth,
        curve=curve,
    )


def _test_rows(features: Any, test: Any) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, str]:
    """Return features, labels and homes of the rows of a table that have a label, and which."""
    X = features.set_output(transform="pandas").transform(test)
    truth = CLEAN if CLEAN in test.columns else GIVEN
    labels = test[truth]
    labelled = labels.notna().to_numpy(dtype=bool)
    homes = test[_HOME].to_numpy(dtype=object)[labelled]
    return X[labelled], labels[labelled].to_numpy(dtype=object), homes, truth
