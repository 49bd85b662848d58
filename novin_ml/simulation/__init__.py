"""Simulated homes: events with labels that are known to be right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
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

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "simulate_chain_events": "novin_ml.simulation.chains",
        "simulate_chains": "novin_ml.simulation.chains",
        "simulate_behavior": "novin_ml.simulation.months",
        "simulate_deliveries": "novin_ml.simulation.street",
        "simulate_motions": "novin_ml.simulation.street",
    },
)
