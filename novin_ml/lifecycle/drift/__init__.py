"""Drift: the differences between two tables of homes, their start, and the homes."""

from novin_ml.lifecycle.drift.measure import measure_drift
from novin_ml.lifecycle.drift.page import render_drift, write_drift_page
from novin_ml.lifecycle.drift.report import DriftReport, FeatureDrift, HomeShift, Series, Since

__all__ = [
    "DriftReport",
    "FeatureDrift",
    "HomeShift",
    "Series",
    "Since",
    "measure_drift",
    "render_drift",
    "write_drift_page",
]
