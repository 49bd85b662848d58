"""Raw signals of motions."""

from novin_ml.simulation.signals.synthesis import synthesise

__all__ = [
    "synthesise",
]
