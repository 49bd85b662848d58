"""The converters; importing this fills the registry."""

from novin_ml.coreml.converters import (
    blend,
    boosting,
    isolation,
    network,
    novin,
    sklearn_isolation,
    sklearn_mlp,
    xgboost_models,
)

__all__ = [
    "blend",
    "boosting",
    "isolation",
    "network",
    "novin",
    "sklearn_isolation",
    "sklearn_mlp",
    "xgboost_models",
]
