"""When scenes take place, and what goes on beside them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from novin_ml.simulation.chains import life
from novin_ml.simulation.chains.equipment import EquippedHomes
from novin_ml.simulation.chains.paths import chance, is_empty
from novin_ml.simulation.street import scenes
from novin_ml.simulation.street.log import Log

#: Share of the scenes of residents that take place although the house is usually empty then.
DAYS_OFF = 0.2

#: Share of the incidents that wait for the night if somebody might be at home and awake.
PATIENT = 0.75


def unobserved(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: Log,
    *,
    scene: Callable[..., None],
) -> None:
    """Play an incident, mostly at an hour at which nobody is at home, or everybody sleeps."""
    hour = start / 3600 % 24
    waits = ~is_empty(homes, start) & (hour > 5.5) & chance(rng, len(homes), PATIENT)
    night = start // 86_400 * 86_400 + 3600 * (24.0 + rng.uniform(-0.5, 5.5, len(homes)))
    scene(rng, homes, np.where(waits, night, start), log)


def when_at_home(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: Log,
    *,
    scene: Callable[..., None],
) -> None:
    """Play a scene of residents, where the house is empty seldom: a day off, a cleaner."""
    rows = np.flatnonzero(~is_empty(homes, start) | chance(rng, len(homes), DAYS_OFF))
    scene(rng, homes.at(rows), start[rows], log)


#: What else may go on while something else happens.
COMPANY = (
    life.children, life.gardening, life.evening, life.wildlife, scenes.cat, scenes.car,
    scenes.passer_by, scenes.weather, life.loose_door, life.noise, life.airing, scenes.arrival,
)  # fmt: skip


def in_company(
    rng: np.random.Generator,
    homes: EquippedHomes,
    start: np.ndarray,
    log: Log,
    *,
    scene: Callable[..., None],
    share: float,
) -> None:
    """Play a scene, and at a `share` of its homes something innocent at the same time."""
    scene(rng, homes, start, log)
    which = np.where(
        chance(rng, len(homes), share), rng.integers(len(COMPANY), size=len(homes)), -1
    )
    for number, other in enumerate(COMPANY):
        rows = np.flatnonzero(which == number)
        if len(rows):
            other(rng, homes.at(rows), start[rows] + rng.uniform(-40, 40, len(rows)), log)
