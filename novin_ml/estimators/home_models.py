"""The models of one home: a pipeline that ends in a baseline, or a monitor."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import FAMILIES, Family, family_of, rows_of
from novin_ml.estimators.monitor import HomeMonitor
from novin_ml.estimators.row_kinds import RowKind
from novin_ml.estimators.steps import last_step


def is_monitor(model: Any) -> bool:
    """Return whether a model has alarms of several kinds, and rows of its own."""
    return isinstance(model, HomeMonitor)


def family_in_use(model: Any) -> Family:
    """Return the family of a model; a monitor is used as a baseline is."""
    return FAMILIES["behavior"] if is_monitor(model) else family_of(model)


def rows_in_use(model: Any) -> RowKind:
    """Return the rows that a model answers for; those of a monitor are made of events."""
    family = family_in_use(model)
    return family.rows if family.is_detector else rows_of(model)


def takes_events(model: Any) -> bool:
    """Return whether a model of a home computes the features of events itself."""
    return isinstance(model, (Pipeline, HomeMonitor))


def home_features(model: Any) -> Any:
    """Return the features of a model that takes events, or None."""
    if is_monitor(model):
        return getattr(model, "features_", model)
    return model[0] if isinstance(model, Pipeline) else None


def learner_holder(model: Any) -> Any:
    """Return the estimator whose `learner_` answers: the last step, or a monitor's forest."""
    if is_monitor(model):
        return model.detector_
    return last_step(model)


def state_of(model: Any) -> str:
    """Return "learning", "unproven" or "ready"."""
    state: str = last_step(model).state_
    return state
