"""Retrain a release on what came since, and promote it only if it is better."""

from novin_ml.lifecycle.retraining.labels import Agreement, LabelWeek
from novin_ml.lifecycle.retraining.result import ModelRetraining, Retraining, WeekGain
from novin_ml.lifecycle.retraining.run import retrain

__all__ = ["Agreement", "LabelWeek", "ModelRetraining", "Retraining", "WeekGain", "retrain"]
