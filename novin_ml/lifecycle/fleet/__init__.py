"""A baseline for each of many homes."""

from novin_ml.lifecycle.fleet._homes import UNKNOWN_HOME
from novin_ml.lifecycle.fleet.baselines import events_of_home, load_home, save_baseline
from novin_ml.lifecycle.fleet.fit import fit_fleet
from novin_ml.lifecycle.fleet.models import Fleet, is_fleet, load_fleet
from novin_ml.lifecycle.fleet.report import FleetReport
from novin_ml.lifecycle.fleet.scoring import FleetScores, score_fleet
from novin_ml.lifecycle.fleet.watching import FleetRows, watch_fleet

__all__ = [
    "UNKNOWN_HOME",
    "Fleet",
    "FleetReport",
    "FleetRows",
    "FleetScores",
    "events_of_home",
    "fit_fleet",
    "is_fleet",
    "load_fleet",
    "load_home",
    "save_baseline",
    "score_fleet",
    "watch_fleet",
]
