"""Features of a home's behavior: how new an event is to the home."""

from novin_ml.features.behavior._history import BehaviorHistory
from novin_ml.features.behavior.features import BehaviorFeatures
from novin_ml.features.behavior.specs import BEHAVIOR_FEATURES

__all__ = [
    "BEHAVIOR_FEATURES",
    "BehaviorFeatures",
    "BehaviorHistory",
]
