"""What happens at the door and in the street."""

from novin_ml.simulation.street.deliveries import simulate_deliveries
from novin_ml.simulation.street.motions import simulate_motions

__all__ = [
    "simulate_deliveries",
    "simulate_motions",
]
