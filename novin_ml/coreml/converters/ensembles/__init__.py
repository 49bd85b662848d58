"""Converters of trees that other libraries trained; importing this registers them."""

from novin_ml.coreml.converters.ensembles import (
    adaboost,
    bagging,
    forests,
    gradient_boosting,
    hist_gradient_boosting,
    lightgbm_trees,
    xgboost_trees,
)

__all__ = [
    "adaboost",
    "bagging",
    "forests",
    "gradient_boosting",
    "hist_gradient_boosting",
    "lightgbm_trees",
    "xgboost_trees",
]
