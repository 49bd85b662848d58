"""Thresholds of alarms, and when to say "don't know"."""

from novin_ml.evaluation.decisions._home_bounds import FEWEST_HOMES
from novin_ml.evaluation.decisions.both import (
    DecisionReports,
    choose_decisions,
    measure_decisions,
)
from novin_ml.evaluation.decisions.conformal import ConformalReport, conformalize, measure_coverage
from novin_ml.evaluation.decisions.provable import provable_budget
from novin_ml.evaluation.decisions.thresholds import (
    ThresholdReport,
    measure_thresholds,
    tune_threshold,
)

__all__ = [
    "FEWEST_HOMES",
    "ConformalReport",
    "DecisionReports",
    "ThresholdReport",
    "choose_decisions",
    "conformalize",
    "measure_coverage",
    "measure_decisions",
    "measure_thresholds",
    "provable_budget",
    "tune_threshold",
]
