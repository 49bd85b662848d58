"""The model families in one table: what the command line and the benchmarks know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.estimators.delivery import make_delivery_pipeline
from novin_ml.estimators.rules import DeliveryRules
from novin_ml.events.synthetic import simulate_deliveries


@dataclass(frozen=True)
class Family:
    """A kind of model.

    Attributes
    ----------
    name : str
        As the command line calls it.
    simulate : callable
        ``simulate(n_events, random_state=...)`` returns an event table with labels.
    make_pipeline : callable
        ``make_pipeline(**params)`` returns an unfitted pipeline from events to labels.
    make_rules : callable
        Returns the hand-written rules as a classifier of events.
    positive_label : str
        The label whose detection is the point.
    """

    name: str
    simulate: Callable[..., pd.DataFrame]
    make_pipeline: Callable[..., Pipeline]
    make_rules: Callable[[], Any]
    positive_label: str


FAMILIES = {
    family.name: family
    for family in [
        Family("delivery", simulate_deliveries, make_delivery_pipeline, DeliveryRules, "delivery"),
    ]
}
