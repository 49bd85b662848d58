"""The features of a row in words, in the languages that there are texts for."""

from novin_ml.estimators.words._factors import Factor, Wording, factors_of
from novin_ml.estimators.words.language import ENGLISH, GERMAN, LANGUAGES, Language
from novin_ml.estimators.words.said import Value, Words

__all__ = [
    "ENGLISH",
    "GERMAN",
    "LANGUAGES",
    "Factor",
    "Language",
    "Value",
    "Wording",
    "Words",
    "factors_of",
]
