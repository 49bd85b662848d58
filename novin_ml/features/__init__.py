"""From events to float32 feature tables."""

from novin_ml.features.activity import (
    ActivityHistory,
    ActivityRow,
    ActivityRows,
    HabitPrior,
    activity_rows,
)
from novin_ml.features.behavior.features import BEHAVIOR_FEATURES, BehaviorFeatures, BehaviorHistory
from novin_ml.features.chains.features import CHAIN_FEATURES, ChainFeatures
from novin_ml.features.context import attach_context
from novin_ml.features.delivery.features import DELIVERY_FEATURES, DeliveryFeatures
from novin_ml.features.motion.features import MOTION_FEATURES, MotionFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.features.training import training_rows

__all__ = [
    "BEHAVIOR_FEATURES",
    "CHAIN_FEATURES",
    "DELIVERY_FEATURES",
    "MOTION_FEATURES",
    "ActivityHistory",
    "ActivityRow",
    "ActivityRows",
    "BehaviorFeatures",
    "BehaviorHistory",
    "ChainFeatures",
    "DeliveryFeatures",
    "FeatureSpec",
    "HabitPrior",
    "MotionFeatures",
    "activity_rows",
    "attach_context",
    "training_rows",
]
