"""The converters; importing this fills the registry."""

from novin_ml.coreml.converters import (
    blend,
    boosting,
    network,
    novin,
    sklearn_mlp,
    xgboost_models,
)

__all__ = ["blend", "boosting", "network", "novin", "sklearn_mlp", "xgboost_models"]
