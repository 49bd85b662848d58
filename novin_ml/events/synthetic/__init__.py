"""Simulated homes: events with labels that are known to be right."""

from novin_ml.events.synthetic.behavior import simulate_behavior
from novin_ml.events.synthetic.chains import simulate_chain_events, simulate_chains
from novin_ml.events.synthetic.deliveries import simulate_deliveries
from novin_ml.events.synthetic.motions import simulate_motions

__all__ = [
    "simulate_behavior",
    "simulate_chain_events",
    "simulate_chains",
    "simulate_deliveries",
    "simulate_motions",
]
