"""Behavior: months of homes with residents and habits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
    from novin_ml.simulation.months.behavior import simulate_behavior

__all__ = [
    "simulate_behavior",
]

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "simulate_behavior": "novin_ml.simulation.months.behavior",
    },
)
