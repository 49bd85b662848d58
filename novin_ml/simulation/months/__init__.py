"""Months of a home."""

from novin_ml.simulation.months.behavior import simulate_behavior

__all__ = [
    "simulate_behavior",
]
