"""The estimators, the learners behind them and the hand-written rules that they must beat."""

from novin_ml.deprecation import renamed_names
from novin_ml.estimators.behavior import BehaviorAnomalyDetector, make_behavior_pipeline
from novin_ml.estimators.chain_stream import ChainStream
from novin_ml.estimators.chains import EventChainClassifier, make_chain_pipeline
from novin_ml.estimators.delivery import DeliveryClassifier, make_delivery_pipeline
from novin_ml.estimators.model_hash import model_sha256
from novin_ml.estimators.monitor import HomeMonitor, Moment, MonitorStream, first_days_monitor
from novin_ml.estimators.motion import MotionClassifier, make_motion_pipeline
from novin_ml.estimators.outcomes import outcomes
from novin_ml.estimators.reasons import Reason
from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.estimators.weights import (
    WeightLayout,
    WeightTensor,
    get_weights,
    set_weights,
    weight_layout,
    weights_sha256,
)

__all__ = [
    "BehaviorAnomalyDetector",
    "ChainStream",
    "DeliveryClassifier",
    "EventChainClassifier",
    "HomeMonitor",
    "MarkovSmoothing",
    "Moment",
    "MonitorStream",
    "MotionClassifier",
    "Reason",
    "WeightLayout",
    "WeightTensor",
    "first_days_monitor",
    "get_weights",
    "make_behavior_pipeline",
    "make_chain_pipeline",
    "make_delivery_pipeline",
    "make_motion_pipeline",
    "model_sha256",
    "outcomes",
    "set_weights",
    "weight_layout",
    "weights_sha256",
]

__getattr__ = renamed_names(__name__, {"FeatureContribution": "novin_ml.estimators.Reason"})
