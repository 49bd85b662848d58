"""Deliveries and motions: homes on their street, for days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
    from novin_ml.simulation.street.deliveries import simulate_deliveries
    from novin_ml.simulation.street.motions import simulate_motions

__all__ = [
    "simulate_deliveries",
    "simulate_motions",
]

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "simulate_deliveries": "novin_ml.simulation.street.deliveries",
        "simulate_motions": "novin_ml.simulation.street.motions",
    },
)
