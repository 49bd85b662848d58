"""The features of a row in words."""

from novin_ml.evaluation.words._factors import Factor, Wording, factors_of

__all__ = [
    "Factor",
    "Wording",
    "factors_of",
]
