"""What the simulations have in common: the checks of their parameters, and their randomness."""

from __future__ import annotations

import math
from numbers import Integral

import numpy as np

RandomState = int | np.random.Generator | np.random.RandomState | None

_ROWS_PER_HOME = 150
_FEWEST_HOMES = 10


def check_size(n_rows: object, n_homes: object, name: str = "n_events") -> int:
    """Check the size of a simulation; return the number of homes, one per 150 rows if None."""
    n_rows = _check_integer(name, n_rows)
    if n_homes is None:
        return max(_FEWEST_HOMES, math.ceil(n_rows / _ROWS_PER_HOME))
    return _check_integer("n_homes", n_homes)


def check_share(name: str, value: float, low: float = 0, high: float = 0.5) -> None:
    """Refuse what is no share between these."""
    if not low <= value <= high:
        raise ValueError(
            f"{name} must be a number from {low:g} to {high:g}. Got {value!r} instead."
        )


def generators(random_state: RandomState, n: int) -> list[np.random.Generator]:
    """Return `n` independent generators, whatever kind of random state was given."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**32, size=4, dtype=np.uint32)  # type: ignore
    seeds = np.random.default_rng(random_state).integers(2**63, size=(n, 2))
    return [np.random.default_rng(seed) for seed in seeds]


def _check_integer(name: str, value: object) -> int:
    if not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be an integer, at least 1. Got {value!r} instead.")
    return int(value)
