"""Simulated homes: events with labels that are known to be right."""

from novin_ml.simulation.chains import simulate_chain_events, simulate_chains
from novin_ml.simulation.months import simulate_behavior
from novin_ml.simulation.street import simulate_deliveries, simulate_motions

__all__ = [
    "simulate_behavior",
    "simulate_chain_events",
    "simulate_chains",
    "simulate_deliveries",
    "simulate_motions",
]
