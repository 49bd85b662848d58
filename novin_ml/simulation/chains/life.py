"""What happens at simulated homes and resembles an incident; scenes as in `scenes`."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.chains.equipment import EquippedHomes
from novin_ml.simulation.chains.paths import (
    DOORS,
    OUTSIDE,
    ROOMS,
    WINDOWS,
    anyhow,
    around,
    chance,
    move_along,
    one_of,
    open_repeatedly,
    seconds,
    zone_codes,
)
from novin_ml.simulation.street import scenes
from novin_ml.simulation.street.log import Log

_BACK_DOOR, _KITCHEN = zone_codes("back_door", "kitchen")
_SOCKETS = zone_codes("bedroom", "hallway", "kitchen", "hallway")


def children(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Children play, and run around the house, in at one door and out at another."""
    n = len(homes)
    steps = 2 + rng.poisson(2.5, n)
    end = move_along(
        rng, "play", homes, start, log, around(rng, n, OUTSIDE), steps=steps, pause=(7.0, 0.7)
    )
    door = np.where(chance(rng, n, 0.5), _BACK_DOOR, homes.entry_zone)
    inside = chance(rng, n, 0.4)
    log.add("door", homes, end, door, where=inside)
    log.move(rng, "resident", homes, end + seconds(rng, n, 4, 0.6), homes.inside_zone, where=inside)
    log.add("sound", homes, start + rng.uniform(0, 20, n), homes.back_zone, where=~inside)


def gardening(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """A resident works around the house, back and forth through the back door."""
    n = len(homes)
    zones = zone_codes("backyard", "side_yard", "deck", "front_yard", "garage")
    out = chance(rng, n, 0.5)
    log.move(rng, "resident", homes, start - seconds(rng, n, 5, 0.6), homes.inside_zone, where=out)
    log.add("door", homes, start, np.full(n, _BACK_DOOR), where=out)
    end = move_along(
        rng, "resident", homes, start + seconds(rng, n, 5, 0.6), log, anyhow(rng, n, zones),
        steps=1 + rng.poisson(2.2, n), pause=(16.0, 0.8),
    )  # fmt: skip
    back = chance(rng, n, 0.35)
    log.add("door", homes, end, np.full(n, _BACK_DOOR), where=back)
    log.move(rng, "resident", homes, end + seconds(rng, n, 5, 0.6), homes.inside_zone, where=back)


def airing(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """A resident opens or closes the windows, one room after the other."""
    n = len(homes)
    rooms = around(rng, n, ROOMS)
    time = start
    steps = 1 + rng.poisson(1.4, n)
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        room = rooms[:, step % rooms.shape[1]]
        log.move(rng, "resident", homes, time, room, where=going & chance(rng, n, 0.6))
        time = time + seconds(rng, n, 4, 0.6)
        log.add("window", homes, time, room, where=going)
        both = going & chance(rng, n, 0.3)  # wings
        log.add("window", homes, time + seconds(rng, n, 3, 0.5), room, where=both)
        time = time + seconds(rng, n, 7, 0.8)


def dropped_glass(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log
) -> None:
    """A glass falls, mostly in the kitchen, and somebody sweeps up."""
    n = len(homes)
    room = np.where(chance(rng, n, 0.6), _KITCHEN, one_of(rng, n, ROOMS))
    log.move(
        rng, "resident", homes, start - seconds(rng, n, 9, 0.9), room, where=chance(rng, n, 0.6)
    )
    log.add("glass_break", homes, start, room, where=homes.hears_glass)
    log.add("sound", homes, start + rng.uniform(0, 3, n), room, where=chance(rng, n, 0.4))
    sweeping = start + seconds(rng, n, 6, 0.9)
    log.move(rng, "resident", homes, sweeping, room, where=chance(rng, n, 0.85))
    move_along(
        rng, "resident", homes, sweeping + seconds(rng, n, 9, 0.6), log, anyhow(rng, n, ROOMS),
        steps=rng.poisson(1.0, n), pause=(9.0, 0.7),
    )  # fmt: skip
    log.add("window", homes, sweeping + seconds(rng, n, 12, 0.7), room, where=chance(rng, n, 0.15))


def false_glass(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log
) -> None:
    """Hail, fireworks, dishes: the glass sensor hears what did not break."""
    n = len(homes)
    room = one_of(rng, n, WINDOWS)
    log.add("glass_break", homes, start, room, where=homes.hears_glass)
    log.add("sound", homes, start + rng.uniform(-2, 8, n), room, where=chance(rng, n, 0.5))
    log.move(
        rng, "resident", homes, start + seconds(rng, n, 12, 1.0), one_of(rng, n, ROOMS),
        where=chance(rng, n, 0.35),
    )  # fmt: skip


def unloading(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """The shopping is carried in: the car, and the same door again and again."""
    n = len(homes)
    door = np.where(chance(rng, n, 0.6), homes.entry_zone, one_of(rng, n, DOORS))
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)
    time = start + seconds(rng, n, 20, 0.5)
    rounds = 1 + rng.poisson(1.6, n)
    for number in range(int(rounds.max(initial=0))):
        going = rounds > number
        log.move(rng, "resident", homes, time, door, where=going & chance(rng, n, 0.6))
        time = time + seconds(rng, n, 4, 0.7)
        log.add("door", homes, time, door, where=going)
        time = time + seconds(rng, n, 5, 0.7)
        log.move(rng, "resident", homes, time, homes.inside_zone, where=going)
        time = time + seconds(rng, n, 9, 0.7)


def several_doors(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log
) -> None:
    """A family comes home, through the garage, the side door and the front door."""
    n = len(homes)
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)
    for door in (homes.entry_zone, one_of(rng, n, DOORS), one_of(rng, n, DOORS)):
        taken = chance(rng, n, 0.7)
        step = start + seconds(rng, n, 18, 0.6)
        log.move(rng, "resident", homes, step, door, where=taken & chance(rng, n, 0.7))
        opening = step + seconds(rng, n, 4, 0.7)
        log.add("door", homes, opening, door, where=taken)
        log.move(
            rng, "resident", homes, opening + seconds(rng, n, 5, 0.7), one_of(rng, n, ROOMS),
            where=taken,
        )  # fmt: skip


def locking_up(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """A resident tries the locks: every door and window moves a little."""
    n = len(homes)
    rattles = chance(rng, n, 0.35)
    doors = np.column_stack([homes.entry_zone, anyhow(rng, n, DOORS)])
    time = start
    steps = 1 + rng.poisson(1.5, n)
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        place = doors[:, step % doors.shape[1]]
        log.move(
            rng, "resident", homes, time, one_of(rng, n, ROOMS), where=going & chance(rng, n, 0.5)
        )
        time = open_repeatedly(
            rng, "door", homes, time + seconds(rng, n, 4, 0.5), log, place,
            times=going * (1 + rattles * rng.poisson(1.0, n)), pause=(2.2, 0.5),
        ) + seconds(rng, n, 5, 0.7)  # fmt: skip


def tradesman(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Meter readers and window cleaners: a prowler's way, by day, with a window that rattles."""
    n = len(homes)
    rings = chance(rng, n, 0.35)
    log.add("doorbell", homes, start - seconds(rng, n, 15, 0.6), homes.bell_zone, where=rings)
    end = move_along(
        rng, "walk", homes, start, log, around(rng, n, OUTSIDE),
        steps=1 + rng.poisson(2.2, n), pause=(11.0, 0.7),
    )  # fmt: skip
    cleans = chance(rng, n, 0.3)
    open_repeatedly(
        rng, "window", homes, end, log, one_of(rng, n, WINDOWS),
        times=cleans * (1 + rng.poisson(1.6, n)), pause=(4.0, 0.7),
    )  # fmt: skip


def late_home(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Somebody comes home late, quietly, perhaps through the back, and walks through dark rooms."""
    n = len(homes)
    door = np.where(chance(rng, n, 0.6), homes.entry_zone, one_of(rng, n, DOORS))
    log.move(rng, "walk", homes, start, homes.approach_zone, where=chance(rng, n, 0.6))
    step = start + seconds(rng, n, 8, 0.6)
    log.move(rng, "resident", homes, step, door, where=chance(rng, n, 0.85))
    opening = open_repeatedly(
        rng, "door", homes, step + seconds(rng, n, 6, 0.8), log, door,
        times=1 + (rng.random(n) < 0.25) * rng.poisson(1.5, n), pause=(3.0, 0.6),
    )  # fmt: skip
    move_along(
        rng, "resident", homes, opening, log, anyhow(rng, n, ROOMS),
        steps=1 + rng.poisson(1.2, n), pause=(9.0, 0.8),
    )  # fmt: skip


def night_walk(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """From the bed to the kitchen and back."""
    n = len(homes)
    way = np.tile(_SOCKETS, (n, 1))
    move_along(
        rng, "resident", homes, start, log, way, steps=1 + rng.poisson(2.0, n), pause=(12.0, 0.7)
    )


def evening(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Residents in several rooms at once, in and out of the back door now and then."""
    n = len(homes)
    end = move_along(
        rng, "resident", homes, start, log, anyhow(rng, n, ROOMS),
        steps=1 + rng.poisson(9.0, n), pause=(6.0, 0.9),
    )  # fmt: skip
    out = chance(rng, n, 0.2)
    log.add("door", homes, end, np.full(n, _BACK_DOOR), where=out)
    log.move(rng, "resident", homes, end + seconds(rng, n, 5, 0.8), homes.back_zone, where=out)
    log.add("sound", homes, start + rng.uniform(0, 40, n), homes.inside_zone, where=~out)


def loose_door(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Wind works on a door that does not close well, or on a contact that fails."""
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


def wildlife(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Cats, foxes and raccoons make their round."""
    n = len(homes)
    move_along(
        rng, "cat", homes, start, log, around(rng, n, OUTSIDE),
        steps=1 + rng.poisson(1.3, n), pause=(12.0, 0.8),
    )  # fmt: skip


def noise(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Television, dogs, thunder."""
    n = len(homes)
    zone = np.where(chance(rng, n, 0.7), homes.inside_zone, homes.back_zone)
    log.add("sound", homes, start, zone)
    log.add("sound", homes, start + rng.exponential(8, n), zone, where=chance(rng, n, 0.5))
    log.move(
        rng, "resident", homes, start + rng.exponential(15, n), zone, where=chance(rng, n, 0.3)
    )


def party(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """Guests come one after the other, and everybody is everywhere."""
    n = len(homes)
    for offset in (0.0, 25.0, 45.0):
        scenes.visitor(rng, homes, start + offset + rng.exponential(12, n), log)
    move_along(
        rng, "resident", homes, start, log, anyhow(rng, n, np.concatenate([ROOMS, OUTSIDE])),
        steps=6 + rng.poisson(14.0, n), pause=(3.5, 0.6),
    )  # fmt: skip


def stray(rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: Log) -> None:
    """A sensor reports itself: a low battery, a vibration, a lost connection."""
    log.add("other", homes, start, one_of(rng, len(homes), np.concatenate([DOORS, WINDOWS])))
