"""Features of chains of events."""

from novin_ml.features.chains.features import ChainFeatures
from novin_ml.features.chains.specs import CHAIN_FEATURES

__all__ = [
    "CHAIN_FEATURES",
    "ChainFeatures",
]
