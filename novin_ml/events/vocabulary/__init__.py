"""Vocabularies: the kinds, zones and sensors of events, and the texts that mean them."""

from novin_ml.events.vocabulary.columns import (
    DEFAULT_VOCABULARY,
    checked_vocabulary,
    vocabulary_of,
)
from novin_ml.events.vocabulary.sensors import Sensor
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = [
    "DEFAULT_VOCABULARY",
    "Sensor",
    "Vocabulary",
    "checked_vocabulary",
    "vocabulary_of",
]
