"""Chains of events: incidents, and what resembles them."""

from novin_ml.simulation.chains.chain_events import simulate_chain_events, simulate_chains

__all__ = [
    "simulate_chain_events",
    "simulate_chains",
]
