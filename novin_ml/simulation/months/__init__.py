"""Behavior: months of homes with residents and habits."""

from novin_ml.simulation.months.behavior import simulate_behavior

__all__ = [
    "simulate_behavior",
]
