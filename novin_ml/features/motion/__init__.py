"""Features of motions, from their intensity signals."""

from novin_ml.features.motion.features import MotionFeatures
from novin_ml.features.motion.specs import MOTION_FEATURES

__all__ = [
    "MOTION_FEATURES",
    "MotionFeatures",
]
