"""What a motion at a door looks like, in numbers."""

from novin_ml.features.delivery.features import DELIVERY_FEATURES, DeliveryFeatures

__all__ = [
    "DELIVERY_FEATURES",
    "DeliveryFeatures",
]
