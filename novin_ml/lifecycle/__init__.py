"""Estimators after training: saved and loaded."""

from novin_ml.lifecycle.fleet.fit import FleetReport, fit_fleet
from novin_ml.lifecycle.fleet.models import Fleet, load_fleet
from novin_ml.lifecycle.saving.estimators import load_estimator, save_estimator

__all__ = [
    "Fleet",
    "FleetReport",
    "fit_fleet",
    "load_estimator",
    "load_fleet",
    "save_estimator",
]
