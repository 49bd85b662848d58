"""The files of a booster, which are checked before xgboost's own reader sees them."""

from novin_ml.estimators.learners.booster_file._answers import margins_of, rows_among
from novin_ml.estimators.learners.booster_file._files import (
    ANSWERS_FILE,
    booster_from_files,
    booster_to_files,
    model_of,
)
from novin_ml.estimators.learners.booster_file._plain import margin_intercepts
from novin_ml.estimators.learners.booster_file._trees import Trees

__all__ = [
    "ANSWERS_FILE",
    "Trees",
    "booster_from_files",
    "booster_to_files",
    "margin_intercepts",
    "margins_of",
    "model_of",
    "rows_among",
]
