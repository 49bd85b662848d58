"""From events to float32 feature tables."""

from novin_ml.features.context import attach_context
from novin_ml.features.delivery import DELIVERY_FEATURES, DeliveryFeatures
from novin_ml.features.motion import MOTION_FEATURES, MotionFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.features.training import training_rows

__all__ = [
    "DELIVERY_FEATURES",
    "MOTION_FEATURES",
    "DeliveryFeatures",
    "FeatureSpec",
    "MotionFeatures",
    "attach_context",
    "training_rows",
]
