"""The table of the model families, which the rest of the library works from.

Whatever differs between families is a field of `Family`, or an entry in a table of another stage
under the name of the family: the words for its features, and its Swift code.
"""

from __future__ import annotations

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
from novin_ml.estimators.row_kinds import CHAIN_ROWS, EVENT_ROWS, LOG_ROWS, RowKind
from novin_ml.estimators.rules import ChainRules, DeliveryRules, MotionRules
from novin_ml.events import (
    CHAIN_PATTERNS,
    NO_PATTERN,
)
from novin_ml.features import (
    BehaviorFeatures,
    ChainFeatures,
    DeliveryFeatures,
    MotionFeatures,
)
from novin_ml.features.base import EventFeatures
from novin_ml.plain import shown
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)
from novin_ml.simulation.months.behavior import UNUSUAL, USUAL
from novin_ml.simulation.street.activities import ACTIVITIES


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

    @property
    def is_detector(self) -> bool:
        """Whether the family learns what is usual for one home, without labels."""
        return issubclass(self.estimator, OutlierMixin)

    def feature_table(self, rows: Any) -> pd.DataFrame:
        """Return the features of rows, computed with the transformer's default parameters."""
        return self.features().set_output(transform="pandas").transform(rows)

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


#: The families by name. All other tables of families are made from this one, or keyed by its names.
FAMILIES: dict[str, Family] = {
    family.name: family
    for family in [
        Family(
            name="delivery",
            rows=EVENT_ROWS,
            features=DeliveryFeatures,
            estimator=DeliveryClassifier,
            simulate=simulate_deliveries,
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
            simulate=simulate_motions,
            make_pipeline=make_motion_pipeline,
            make_rules=MotionRules,
            purpose="Says for each motion at a home what moves: a person, a pet, a vehicle, and "
            "how.",
            labels=tuple(ACTIVITIES),
        ),
        Family(
            name="chains",
            rows=CHAIN_ROWS,
            features=ChainFeatures,
            estimator=EventChainClassifier,
            simulate=simulate_chains,
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
            simulate=simulate_behavior,
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
    estimator = model.steps[-1][1] if isinstance(model, Pipeline) else model
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
        last = model.steps[-1][1] if isinstance(model, Pipeline) else model
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
    for family in FAMILIES.values():
        if [spec.name for spec in family.features().feature_specs] == wanted:
            return family
    return None


def family_with_labels(labels: Collection[str]) -> Family | None:
    """Return the family that some labels are of, all of them; None if it is none or several."""
    found = [family for family in FAMILIES.values() if labels and {*labels} <= {*family.labels}]
    return found[0] if len(found) == 1 else None


def rows_of(model: Any) -> RowKind:
    """Return the rows that a model answers for: events or chains."""
    return family_of(model).rows
