"""Features of motions at a door, for deliveries."""

from novin_ml.features.delivery.features import DELIVERY_FEATURES, DeliveryFeatures

__all__ = [
    "DELIVERY_FEATURES",
    "DeliveryFeatures",
]
