"""Parameters of the simulations: their constraints, the number of homes, and the random state."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import Any

import numpy as np

RandomState = int | np.random.Generator | np.random.RandomState | None

_ROWS_PER_HOME = 150
_FEWEST_HOMES = 10


def size_constraints(data: Any, size: str) -> dict[str, list[Any]]:
    """Return the constraints of the parameters of a table that has so many labelled rows.

    Parameters
    ----------
    data : module
        The module of the constraints, as `novin_ml.validation.validate_params` gives it.
    size : str
        Name of the parameter that says how many rows there are.
    """
    return {
        size: [data.Interval(Integral, 1, None, closed="left")],
        "n_homes": [data.Interval(Integral, 1, None, closed="left"), None],
        "annotator_error": [data.Interval(Real, 0, 0.5, closed="both")],
    }


def number_of_homes(n_rows: int, n_homes: int | None) -> int:
    """Return the number of homes: one per 150 rows, at least 10, if it is not given."""
    if n_homes is None:
        return max(_FEWEST_HOMES, math.ceil(n_rows / _ROWS_PER_HOME))
    return int(n_homes)


def generators(random_state: RandomState, n: int) -> list[np.random.Generator]:
    """Return `n` independent generators, whatever kind of random state was given."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**32, size=4, dtype=np.uint32)  # type: ignore
    seeds = np.random.default_rng(random_state).integers(2**63, size=(n, 2))
    return [np.random.default_rng(seed) for seed in seeds]


def draw_name(random_state: RandomState, drawn: np.random.Generator) -> str:
    """Return what tells the homes of one random state from those of another, as they are others.

    Parameters
    ----------
    random_state : int, Generator, RandomState or None
        As it was given.
    drawn : Generator
        The first of `generators`; nothing is drawn from it.

    Returns
    -------
    name : str
        The int, but nothing for 0; else eight digits.
    """
    if isinstance(random_state, Integral):
        return str(int(random_state)) if random_state else ""
    seeds: Any = drawn.bit_generator.seed_seq
    return f"{int(seeds.entropy[0]) % 2**32:08x}"
