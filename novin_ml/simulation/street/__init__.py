"""Deliveries and motions: homes on their street, for days."""

from novin_ml.simulation.street.deliveries import simulate_deliveries
from novin_ml.simulation.street.motions import simulate_motions

__all__ = [
    "simulate_deliveries",
    "simulate_motions",
]
