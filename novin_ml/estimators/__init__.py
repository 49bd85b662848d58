"""The estimators, the learners behind them and the hand-written rules that they must beat."""

from novin_ml.estimators.delivery import DeliveryClassifier, make_delivery_pipeline
from novin_ml.estimators.motion import MotionClassifier, make_motion_pipeline

__all__ = [
    "DeliveryClassifier",
    "MotionClassifier",
    "make_delivery_pipeline",
    "make_motion_pipeline",
]
