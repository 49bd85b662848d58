"""The features of a row in words."""

from novin_ml.evaluation.words._factors import Factor, Said, factors_of

__all__ = [
    "Factor",
    "Said",
    "factors_of",
]
