"""Thresholds of alarms, and when to say "don't know"."""

from novin_ml.evaluation.decisions.conformal import ConformalReport, conformalize, measure_coverage
from novin_ml.evaluation.decisions.thresholds import (
    ThresholdReport,
    measure_thresholds,
    tune_threshold,
)

__all__ = [
    "ConformalReport",
    "ThresholdReport",
    "conformalize",
    "measure_coverage",
    "measure_thresholds",
    "tune_threshold",
]
