"""The table of the model families, which the rest of the library works from.

Whatever differs between families is a field of `Family`, or an entry in a table of another stage
under the name of the family: the words for its features, and its Swift code.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.pipeline import Pipeline

from novin_ml.estimators.behavior import BehaviorAnomalyDetector, make_behavior_pipeline
from novin_ml.estimators.chains import EventChainClassifier, make_chain_pipeline
from novin_ml.estimators.delivery import DeliveryClassifier, make_delivery_pipeline
from novin_ml.estimators.motion import MotionClassifier, make_motion_pipeline
from novin_ml.estimators.row_kinds import CHAIN_ROWS, EVENT_ROWS, LOG_ROWS, SIGNAL_ROWS, RowKind
from novin_ml.estimators.rules import ChainRules, DeliveryRules, MotionRules
from novin_ml.estimators.steps import last_step
from novin_ml.events import (
    CHAIN_PATTERNS,
    NO_PATTERN,
    ChannelSignals,
)
from novin_ml.events.labels import MOTION_LABELS, UNUSUAL, USUAL
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features import (
    BehaviorFeatures,
    ChainFeatures,
    DeliveryFeatures,
    MotionFeatures,
)
from novin_ml.features.base import EventFeatures, shown_vocabulary
from novin_ml.plain import shown


@dataclass(frozen=True)
class Family:
    """A kind of model: the features of events, an estimator and its purpose.

    Attributes
    ----------
    name : str
        The key of the family in commands, exported metadata and Swift.
    rows : RowKind
        The rows that the family answers for: events or chains.
    features : type
        The transformer from rows to features. Its parameters have defaults.
    estimator : type
        The classifier or detector that uses those features.
    simulate : callable
        For a classifier, ``simulate(n, n_homes=..., annotator_error=..., random_state=...)``
        returns a table with n labelled rows; in a family with a quiet label, ``no_pattern=...`` is
        the share of that label. For a detector, ``simulate(n_homes, weeks=..., random_state=...)``
        returns the logs of homes.
    make_pipeline : callable
        ``make_pipeline(**params)`` returns an unfitted pipeline from rows to answers.
    make_rules : callable or None
        Returns the hand-written rules, as a classifier of rows, that the model must beat. A
        detector has none.
    positive_label : str or None
        The label that matters most; None if all labels matter the same.
    quiet_label : str or None
        The label that raises no alarm, if every other label does; else None.
    purpose : str
        One sentence: what the model answers.
    labels : tuple of str
        The labels that the simulation gives. A classifier takes any others as well.
    signal_rows : RowKind or None
        Signals of several channels, if the family has models of them as well.
    """

    name: str
    rows: RowKind
    features: type[EventFeatures]
    estimator: type[BaseEstimator]
    simulate: Callable[..., Any]
    make_pipeline: Callable[..., Pipeline]
    make_rules: Callable[[], Any] | None = None
    positive_label: str | None = None
    quiet_label: str | None = None
    purpose: str = ""
    labels: tuple[str, ...] = ()
    signal_rows: RowKind | None = None

    @property
    def is_detector(self) -> bool:
        """Whether the family learns what is usual for one home, without labels."""
        return issubclass(self.estimator, OutlierMixin)

    def feature_table(self, rows: Any) -> pd.DataFrame:
        """Return the features of rows, computed with the transformer's default parameters.

        Signals of several channels are scaled by their own means and deviations.
        """
        features = self.features_of(shown_vocabulary(rows)).set_output(transform="pandas")
        if params := self.params_for(rows):
            features.set_params(**params).fit(rows)
        table: pd.DataFrame = features.transform(rows)
        return table

    def features_of(self, vocabulary: Vocabulary) -> EventFeatures:
        """Return the transformer for events of a vocabulary, with its default parameters."""
        features = self.features()
        features.vocabulary_ = vocabulary
        return features

    def rows_in(self, table: Any) -> RowKind:
        """Return the kind of rows that a table has; a file is named by its path."""
        is_file = isinstance(table, (str, os.PathLike))
        is_signals = str(table).endswith(".npz") if is_file else isinstance(table, ChannelSignals)
        return self.signal_rows if is_signals and self.signal_rows is not None else self.rows

    def params_for(self, table: Any) -> dict[str, Any]:
        """Return the parameters of `make_pipeline` that a table decides: its channels."""
        return {"channels": table.channels} if self.rows_in(table) is self.signal_rows else {}

    def rules(self) -> Any:
        """Return the hand-written rules of the family.

        Raises
        ------
        ValueError
            If the family has no rules.
        """
        if self.make_rules is None:
            raise ValueError(
                "A family must have hand-written rules to be compared with them. "
                f"Got {self.name}, which has none. Compare the model with another one."
            )
        return self.make_rules()


def _simulator(name: str) -> Callable[..., Any]:
    """Return a function of novin_ml.simulation, which is imported when it is called."""

    def simulate(*args: Any, **params: Any) -> Any:
        return getattr(importlib.import_module("novin_ml.simulation"), name)(*args, **params)

    return simulate


#: The families by name. All other tables of families are made from this one, or keyed by its names.
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in [
        Family(
            name="delivery",
            rows=EVENT_ROWS,
            features=DeliveryFeatures,
            estimator=DeliveryClassifier,
            simulate=_simulator("simulate_deliveries"),
            make_pipeline=make_delivery_pipeline,
            make_rules=DeliveryRules,
            positive_label="delivery",
            purpose="Says for each motion at a home whether somebody is delivering a parcel.",
            labels=("delivery", "no_delivery"),
        ),
        Family(
            name="motion",
            rows=EVENT_ROWS,
            features=MotionFeatures,
            estimator=MotionClassifier,
            simulate=_simulator("simulate_motions"),
            make_pipeline=make_motion_pipeline,
            make_rules=MotionRules,
            purpose="Says for each motion at a home what moves: a person, a pet, a vehicle, and "
            "how.",
            labels=MOTION_LABELS,
            signal_rows=SIGNAL_ROWS,
        ),
        Family(
            name="chains",
            rows=CHAIN_ROWS,
            features=ChainFeatures,
            estimator=EventChainClassifier,
            simulate=_simulator("simulate_chains"),
            make_pipeline=make_chain_pipeline,
            make_rules=ChainRules,
            quiet_label=NO_PATTERN,
            purpose="Says what happened at a home within a minute, from the order of its events: a "
            "delivery, one of several threats, or nothing to tell.",
            labels=(*CHAIN_PATTERNS, NO_PATTERN),
        ),
        Family(
            name="behavior",
            rows=LOG_ROWS,
            features=BehaviorFeatures,
            estimator=BehaviorAnomalyDetector,
            simulate=_simulator("simulate_behavior"),
            make_pipeline=make_behavior_pipeline,
            positive_label=UNUSUAL,
            quiet_label=USUAL,
            purpose="Knows what is usual in one home, and alarms when something is not.",
            labels=(USUAL, UNUSUAL),
        ),
    ]
}

# Names that release 0.1 wrote into the metadata of models.
_FORMER_NAMES = {"anomaly": "behavior"}


def classifier_families() -> dict[str, Family]:
    """Return the families of classifiers by name: those with labels and hand-written rules."""
    return {name: family for name, family in FAMILIES.items() if not family.is_detector}


def family_named(name: str) -> Family:
    """Return the family with a name, either a current one or one of release 0.1.

    Raises
    ------
    ValueError
        If there is no such family.
    """
    family = FAMILIES.get(_FORMER_NAMES.get(name, name))
    if family is None:
        raise ValueError(
            f"The 'name' parameter must be one of {sorted(FAMILIES)}. Got {shown(name)} instead. "
            "Pass one of these."
        )
    return family


def find_family(model: Any) -> Family | None:
    """Return the family of a model, or None if it has none; `family_of` raises instead."""
    estimator = last_step(model)
    by_class = {family.estimator: family for family in FAMILIES.values()}
    # A subclass belongs to the family of its base.
    return next((by_class[base] for base in type(estimator).__mro__ if base in by_class), None)


def family_of(model: Any) -> Family:
    """Return the family of a model.

    Parameters
    ----------
    model : Pipeline, classifier or detector
        Fitted or not. For a pipeline, the last step decides.

    Returns
    -------
    family : Family

    Raises
    ------
    ValueError
        If the model belongs to none of the families.
    """
    family = find_family(model)
    if family is None:
        last = last_step(model)
        raise ValueError(
            f"The 'model' parameter must be of one of the families {sorted(FAMILIES)}, alone or at "
            f"the end of a pipeline. Got a {type(last).__name__}. Make one with make_pipeline of "
            "its family."
        )
    return family


def family_of_features(transformer: Any) -> Family | None:
    """Return the family whose features a transformer computes, or None."""
    for family in FAMILIES.values():
        if type(transformer) is family.features:
            return family
    return None


def family_with_features(names: Sequence[str]) -> Family | None:
    """Return the family whose features have these names in this order, or None."""
    wanted = list(names)
    for vocabulary in (Vocabulary.sdk(), Vocabulary.home()):
        for family in FAMILIES.values():
            features = family.features_of(vocabulary)
            if [spec.name for spec in features.feature_specs] == wanted:
                return family
    return None


def family_with_labels(labels: Collection[str]) -> Family | None:
    """Return the family that some labels are of, all of them; None if it is none or several."""
    found = [family for family in FAMILIES.values() if labels and {*labels} <= {*family.labels}]
    return found[0] if len(found) == 1 else None


def rows_of(model: Any) -> RowKind:
    """Return the rows that a model answers for: events, chains or signals."""
    family = family_of(model)
    features = model.steps[0][1] if isinstance(model, Pipeline) else None
    is_of_signals = getattr(features, "channels", None) is not None
    return family.signal_rows if is_of_signals and family.signal_rows is not None else family.rows
