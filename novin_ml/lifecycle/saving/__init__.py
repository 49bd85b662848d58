"""Save and load estimators without pickle."""

from novin_ml.lifecycle.saving.estimators import load_estimator, save_estimator

__all__ = [
    "load_estimator",
    "save_estimator",
]
