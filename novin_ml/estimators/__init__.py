"""The estimators, the learners behind them and the hand-written rules that they must beat."""

from novin_ml.estimators.behavior import (
    BehaviorAnomalyDetector,
    FeatureContribution,
    make_behavior_pipeline,
)
from novin_ml.estimators.chain_stream import ChainStream
from novin_ml.estimators.chains import EventChainClassifier, make_chain_pipeline
from novin_ml.estimators.delivery import DeliveryClassifier, make_delivery_pipeline
from novin_ml.estimators.motion import MotionClassifier, make_motion_pipeline

__all__ = [
    "BehaviorAnomalyDetector",
    "ChainStream",
    "DeliveryClassifier",
    "EventChainClassifier",
    "FeatureContribution",
    "MotionClassifier",
    "make_behavior_pipeline",
    "make_chain_pipeline",
    "make_delivery_pipeline",
    "make_motion_pipeline",
]
