"""Estimators after training: saved and loaded."""

from novin_ml.lifecycle.saving import load_estimator, save_estimator

__all__ = ["load_estimator", "save_estimator"]
