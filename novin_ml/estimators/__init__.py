"""The estimators, the learners behind them and the hand-written rules that they must beat."""

from novin_ml.estimators.delivery import DeliveryClassifier, make_delivery_pipeline

__all__ = ["DeliveryClassifier", "make_delivery_pipeline"]
