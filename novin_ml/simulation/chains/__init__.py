"""Incidents, and what resembles them."""

from novin_ml.simulation.chains.chains import simulate_chain_events, simulate_chains

__all__ = [
    "simulate_chain_events",
    "simulate_chains",
]
