"""Scenes of residents that resemble incidents."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.chains.equipped_homes import EquippedHomes
from novin_ml.simulation.chains.paths import (
    DOORS,
    OUTSIDE,
    ROOMS,
    circular_path,
    move_along,
    one_of,
    open_repeatedly,
    random_path,
    zone_codes,
)
from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import SceneLog
from novin_ml.simulation.street import visits

_BACK_DOOR, _KITCHEN = zone_codes("back_door", "kitchen")
_NIGHT_PATH = zone_codes("bedroom", "hallway", "kitchen", "hallway")


def children(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Children play, and run around the house, in at one door and out at another."""
    n = len(homes)
    steps = 2 + rng.poisson(2.5, n)
    end = move_along(
        rng,
        "play",
        homes,
        start,
        log,
        circular_path(rng, n, OUTSIDE),
        steps=steps,
        pause=(7.0, 0.7),
    )
    door = np.where(chance(rng, n, 0.5), _BACK_DOOR, homes.entry_zone)
    inside = chance(rng, n, 0.4)
    log.add("door", homes, end, door, where=inside)
    log.move(
        rng, "resident", homes, end + lognormal(rng, n, 4, 0.6), homes.inside_zone, where=inside
    )
    log.add("sound", homes, start + rng.uniform(0, 20, n), homes.back_zone, where=~inside)


def gardening(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A resident works around the house, back and forth through the back door."""
    n = len(homes)
    zones = zone_codes("backyard", "side_yard", "deck", "front_yard", "garage")
    out = chance(rng, n, 0.5)
    log.move(
        rng, "resident", homes, start - lognormal(rng, n, 5, 0.6), homes.inside_zone, where=out
    )
    log.add("door", homes, start, np.full(n, _BACK_DOOR), where=out)
    end = move_along(
        rng, "resident", homes, start + lognormal(rng, n, 5, 0.6), log, random_path(rng, n, zones),
        steps=1 + rng.poisson(2.2, n), pause=(16.0, 0.8),
    )  # fmt: skip
    back = chance(rng, n, 0.35)
    log.add("door", homes, end, np.full(n, _BACK_DOOR), where=back)
    log.move(rng, "resident", homes, end + lognormal(rng, n, 5, 0.6), homes.inside_zone, where=back)


def airing(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A resident opens or closes the windows, one room after the other."""
    n = len(homes)
    rooms = circular_path(rng, n, ROOMS)
    time = start
    steps = 1 + rng.poisson(1.4, n)
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        room = rooms[:, step % rooms.shape[1]]
        log.move(rng, "resident", homes, time, room, where=going & chance(rng, n, 0.6))
        time = time + lognormal(rng, n, 4, 0.6)
        log.add("window", homes, time, room, where=going)
        both = going & chance(rng, n, 0.3)  # wings
        log.add("window", homes, time + lognormal(rng, n, 3, 0.5), room, where=both)
        time = time + lognormal(rng, n, 7, 0.8)


def dropped_glass(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A glass falls, mostly in the kitchen, and somebody sweeps up."""
    n = len(homes)
    room = np.where(chance(rng, n, 0.6), _KITCHEN, one_of(rng, n, ROOMS))
    log.move(
        rng, "resident", homes, start - lognormal(rng, n, 9, 0.9), room, where=chance(rng, n, 0.6)
    )
    log.add("glass_break", homes, start, room, where=homes.hears_glass)
    log.add("sound", homes, start + rng.uniform(0, 3, n), room, where=chance(rng, n, 0.4))
    sweeping = start + lognormal(rng, n, 6, 0.9)
    log.move(rng, "resident", homes, sweeping, room, where=chance(rng, n, 0.85))
    move_along(
        rng, "resident", homes, sweeping + lognormal(rng, n, 9, 0.6), log,
        random_path(rng, n, ROOMS), steps=rng.poisson(1.0, n), pause=(9.0, 0.7),
    )  # fmt: skip
    log.add(
        "window", homes, sweeping + lognormal(rng, n, 12, 0.7), room, where=chance(rng, n, 0.15)
    )


def unloading(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A resident carries the shopping in from the car, through the same door again and again."""
    n = len(homes)
    door = np.where(chance(rng, n, 0.6), homes.entry_zone, one_of(rng, n, DOORS))
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)
    time = start + lognormal(rng, n, 20, 0.5)
    rounds = 1 + rng.poisson(1.6, n)
    for number in range(int(rounds.max(initial=0))):
        going = rounds > number
        log.move(rng, "resident", homes, time, door, where=going & chance(rng, n, 0.6))
        time = time + lognormal(rng, n, 4, 0.7)
        log.add("door", homes, time, door, where=going)
        time = time + lognormal(rng, n, 5, 0.7)
        log.move(rng, "resident", homes, time, homes.inside_zone, where=going)
        time = time + lognormal(rng, n, 9, 0.7)


def several_doors(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A family comes home, through the garage, the side door and the front door."""
    n = len(homes)
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)
    for door in (homes.entry_zone, one_of(rng, n, DOORS), one_of(rng, n, DOORS)):
        taken = chance(rng, n, 0.7)
        step = start + lognormal(rng, n, 18, 0.6)
        log.move(rng, "resident", homes, step, door, where=taken & chance(rng, n, 0.7))
        opening = step + lognormal(rng, n, 4, 0.7)
        log.add("door", homes, opening, door, where=taken)
        log.move(
            rng, "resident", homes, opening + lognormal(rng, n, 5, 0.7), one_of(rng, n, ROOMS),
            where=taken,
        )  # fmt: skip


def locking_up(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A resident tries the locks: every door and window moves a little."""
    n = len(homes)
    rattles = chance(rng, n, 0.35)
    doors = np.column_stack([homes.entry_zone, random_path(rng, n, DOORS)])
    time = start
    steps = 1 + rng.poisson(1.5, n)
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        place = doors[:, step % doors.shape[1]]
        log.move(
            rng, "resident", homes, time, one_of(rng, n, ROOMS), where=going & chance(rng, n, 0.5)
        )
        time = open_repeatedly(
            rng, "door", homes, time + lognormal(rng, n, 4, 0.5), log, place,
            times=going * (1 + rattles * rng.poisson(1.0, n)), pause=(2.2, 0.5),
        ) + lognormal(rng, n, 5, 0.7)  # fmt: skip


def late_home(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Somebody comes home late, quietly, perhaps through the back, and walks through dark rooms."""
    n = len(homes)
    door = np.where(chance(rng, n, 0.6), homes.entry_zone, one_of(rng, n, DOORS))
    log.move(rng, "walk", homes, start, homes.approach_zone, where=chance(rng, n, 0.6))
    step = start + lognormal(rng, n, 8, 0.6)
    log.move(rng, "resident", homes, step, door, where=chance(rng, n, 0.85))
    opening = open_repeatedly(
        rng, "door", homes, step + lognormal(rng, n, 6, 0.8), log, door,
        times=1 + chance(rng, n, 0.25) * rng.poisson(1.5, n), pause=(3.0, 0.6),
    )  # fmt: skip
    move_along(
        rng, "resident", homes, opening, log, random_path(rng, n, ROOMS),
        steps=1 + rng.poisson(1.2, n), pause=(9.0, 0.8),
    )  # fmt: skip


def night_walk(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """A resident walks from the bed to the kitchen and back."""
    n = len(homes)
    path = np.tile(_NIGHT_PATH, (n, 1))
    move_along(
        rng, "resident", homes, start, log, path, steps=1 + rng.poisson(2.0, n), pause=(12.0, 0.7)
    )


def evening(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Residents are in several rooms at once, and sometimes use the back door."""
    n = len(homes)
    end = move_along(
        rng, "resident", homes, start, log, random_path(rng, n, ROOMS),
        steps=1 + rng.poisson(9.0, n), pause=(6.0, 0.9),
    )  # fmt: skip
    out = chance(rng, n, 0.2)
    log.add("door", homes, end, np.full(n, _BACK_DOOR), where=out)
    log.move(rng, "resident", homes, end + lognormal(rng, n, 5, 0.8), homes.back_zone, where=out)
    log.add("sound", homes, start + rng.uniform(0, 40, n), homes.inside_zone, where=~out)


def party(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog) -> None:
    """Guests come one after the other, and people move in all zones."""
    n = len(homes)
    for offset in (0.0, 25.0, 45.0):
        visits.visitor(rng, homes, start + offset + rng.exponential(12, n), log)
    move_along(
        rng, "resident", homes, start, log, random_path(rng, n, np.concatenate([ROOMS, OUTSIDE])),
        steps=6 + rng.poisson(14.0, n), pause=(3.5, 0.6),
    )  # fmt: skip
