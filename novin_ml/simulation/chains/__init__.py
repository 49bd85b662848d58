"""Chains of events: incidents, and what resembles them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
    from novin_ml.simulation.chains.chain_events import simulate_chain_events, simulate_chains

__all__ = [
    "simulate_chain_events",
    "simulate_chains",
]

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "simulate_chain_events": "novin_ml.simulation.chains.chain_events",
        "simulate_chains": "novin_ml.simulation.chains.chain_events",
    },
)
