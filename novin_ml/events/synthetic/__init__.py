"""Simulated homes: events with labels that are known to be right."""

from novin_ml.events.synthetic.deliveries import simulate_deliveries

__all__ = ["simulate_deliveries"]
