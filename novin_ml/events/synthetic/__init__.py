"""Simulated homes: events with labels that are known to be right."""

from novin_ml.events.synthetic.deliveries import simulate_deliveries
from novin_ml.events.synthetic.motions import simulate_motions

__all__ = ["simulate_deliveries", "simulate_motions"]
