"""The converters; importing this fills the registry."""

from novin_ml.coreml.converters import boosting, network, novin, sklearn_mlp, xgboost_models

__all__ = ["boosting", "network", "novin", "sklearn_mlp", "xgboost_models"]
