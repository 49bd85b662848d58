"""Scenes of nuisances: wind, animals, noise, tradesmen and faults set sensors off."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.chains.equipped_homes import EquippedHomes
from novin_ml.simulation.chains.paths import (
    DOORS,
    OUTSIDE,
    ROOMS,
    WINDOWS,
    circular_path,
    move_along,
    one_of,
    open_repeatedly,
)
from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import SceneLog


def false_glass(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Hail, fireworks or dishes sound like breaking glass."""
    n = len(homes)
    room = one_of(rng, n, WINDOWS)
    log.add("glass_break", homes, start, room, where=homes.hears_glass)
    log.add("sound", homes, start + rng.uniform(-2, 8, n), room, where=chance(rng, n, 0.5))
    log.move(
        rng, "resident", homes, start + lognormal(rng, n, 12, 1.0), one_of(rng, n, ROOMS),
        where=chance(rng, n, 0.35),
    )  # fmt: skip


def tradesman(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Meter readers and window cleaners walk around the house, as prowlers do."""
    n = len(homes)
    rings = chance(rng, n, 0.35)
    log.add("doorbell", homes, start - lognormal(rng, n, 15, 0.6), homes.bell_zone, where=rings)
    end = move_along(
        rng, "walk", homes, start, log, circular_path(rng, n, OUTSIDE),
        steps=1 + rng.poisson(2.2, n), pause=(11.0, 0.7),
    )  # fmt: skip
    cleans = chance(rng, n, 0.3)
    open_repeatedly(
        rng, "window", homes, end, log, one_of(rng, n, WINDOWS),
        times=cleans * (1 + rng.poisson(1.6, n)), pause=(4.0, 0.7),
    )  # fmt: skip


def loose_door(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Wind moves a door that does not close well, or a contact fails."""
    n = len(homes)
    zone = np.where(chance(rng, n, 0.5), one_of(rng, n, DOORS), one_of(rng, n, WINDOWS))
    branches = chance(rng, n, 0.3)
    log.move(
        rng, "branches", homes, start - rng.exponential(15, n), homes.back_zone, where=branches
    )
    for kind, where in (("door", np.isin(zone, DOORS)), ("window", np.isin(zone, WINDOWS))):
        open_repeatedly(
            rng, kind, homes, start, log, zone,
            times=where * (1 + rng.poisson(1.7, n)), pause=(4.5, 0.9),
        )  # fmt: skip


def wildlife(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Cats, foxes and raccoons make their round."""
    n = len(homes)
    move_along(
        rng, "cat", homes, start, log, circular_path(rng, n, OUTSIDE),
        steps=1 + rng.poisson(1.3, n), pause=(12.0, 0.8),
    )  # fmt: skip


def noise(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog) -> None:
    """Television, dogs or thunder are loud."""
    n = len(homes)
    zone = np.where(chance(rng, n, 0.7), homes.inside_zone, homes.back_zone)
    log.add("sound", homes, start, zone)
    log.add("sound", homes, start + rng.exponential(8, n), zone, where=chance(rng, n, 0.5))
    log.move(
        rng, "resident", homes, start + rng.exponential(15, n), zone, where=chance(rng, n, 0.3)
    )


def stray(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog) -> None:
    """A sensor reports itself: a low battery, a vibration, a lost connection."""
    log.add("other", homes, start, one_of(rng, len(homes), np.concatenate([DOORS, WINDOWS])))
