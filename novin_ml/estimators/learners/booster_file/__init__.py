"""The files of a booster, which are checked before xgboost's own reader sees them."""

from novin_ml.estimators.learners.booster_file._files import (
    ANSWERS_FILE,
    booster_from_files,
    booster_to_files,
)

__all__ = [
    "ANSWERS_FILE",
    "booster_from_files",
    "booster_to_files",
]
