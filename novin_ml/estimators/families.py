"""The model families in one table: what the command line and the benchmarks know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from novin_ml.estimators.delivery import make_delivery_pipeline
from novin_ml.estimators.motion import make_motion_pipeline
from novin_ml.estimators.rules import DeliveryRules, MotionRules
from novin_ml.events.synthetic import simulate_deliveries, simulate_motions


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
    positive_label : str or None
        The label whose detection is the point; None if all matter the same.
    """

    name: str
    simulate: Callable[..., pd.DataFrame]
    make_pipeline: Callable[..., Pipeline]
    make_rules: Callable[[], Any]
    positive_label: str | None


FAMILIES = {
    family.name: family
    for family in [
        Family("delivery", simulate_deliveries, make_delivery_pipeline, DeliveryRules, "delivery"),
        Family("motion", simulate_motions, make_motion_pipeline, MotionRules, None),
    ]
}
