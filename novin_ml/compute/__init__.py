"""What training takes and costs: its time over rows and cores, prices of hardware, and plans."""

from novin_ml.compute.changes import what_if
from novin_ml.compute.durations import seconds_of
from novin_ml.compute.hardware import Hardware, HardwareTable, Stage
from novin_ml.compute.logs import LogFacts, measure_log
from novin_ml.compute.planning import plan
from novin_ml.compute.reading import read_hardware
from novin_ml.compute.records import HardwarePlan, Plan, PlannedTask, Upgrade
from novin_ml.compute.scaling import Prediction, ScalingLaw, amdahl_speedup, fit_scaling_law
from novin_ml.compute.setup import cron_line_of, novin_toml_of
from novin_ml.compute.times import Estimate, Times, read_times
from novin_ml.compute.traffic import Traffic

__all__ = [
    "Estimate",
    "Hardware",
    "HardwarePlan",
    "HardwareTable",
    "LogFacts",
    "Plan",
    "PlannedTask",
    "Prediction",
    "ScalingLaw",
    "Stage",
    "Times",
    "Traffic",
    "Upgrade",
    "amdahl_speedup",
    "cron_line_of",
    "fit_scaling_law",
    "measure_log",
    "novin_toml_of",
    "plan",
    "read_hardware",
    "read_times",
    "seconds_of",
    "what_if",
]
