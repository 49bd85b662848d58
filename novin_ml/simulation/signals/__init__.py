"""Raw signals of what moves."""

from novin_ml.simulation.signals.signals import synthesise

__all__ = [
    "synthesise",
]
