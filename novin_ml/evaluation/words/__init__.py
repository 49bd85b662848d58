"""The features of a row in words."""

from novin_ml.evaluation.words._factors import BOOKS, Factor, Said, factors_of

__all__ = [
    "BOOKS",
    "Factor",
    "Said",
    "factors_of",
]
