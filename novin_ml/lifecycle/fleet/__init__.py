"""A baseline for each of many homes."""

from novin_ml.lifecycle.fleet.fit import FleetReport, fit_fleet
from novin_ml.lifecycle.fleet.models import Fleet, load_fleet

__all__ = [
    "Fleet",
    "FleetReport",
    "fit_fleet",
    "load_fleet",
]
