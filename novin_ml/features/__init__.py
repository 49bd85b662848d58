"""From events to float32 feature tables."""

from novin_ml.features.context import attach_context
from novin_ml.features.delivery import DELIVERY_FEATURES, DeliveryFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.features.training import training_rows

__all__ = ["DELIVERY_FEATURES", "DeliveryFeatures", "FeatureSpec", "attach_context", "training_rows"]
