"""What happens at simulated homes.

A scene is a function ``scene(rng, homes, start, log)``: it plays once for each element of `homes`,
from the local second `start` on, and adds the events that the sensors there see to `log`.
"""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.homes import Homes
from novin_ml.simulation.street.log import Log

#: Of 100 couriers who rang, so many take the parcel back because nobody opens.
TAKEN_BACK = 0.03

#: Of 100 parcels for which nobody rings, so many are left behind the house.
HIDDEN = 0.1

#: What a courier's visit leaves on average, for setting the share of deliveries.
DELIVERIES_PER_COURIER, MOTIONS_PER_COURIER = 0.98, 1.62


def courier(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """A van comes, a parcel is left; the doorbell rings before, after or not at all."""
    n = len(homes)
    log.add(
        "vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles & _p(rng, n, 0.9)
    )
    walk = start + rng.uniform(4, 20, n)
    log.move(
        rng, "walk", homes, walk, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.45)
    )
    arrival = walk + rng.uniform(4, 12, n)
    rings = rng.random(n) < homes.rings
    first = rings & _p(rng, n, 0.55)
    drop = arrival + first * rng.uniform(2.2, 14, n)
    kept = rings & _p(rng, n, TAKEN_BACK)
    zone = np.where(~rings & _p(rng, n, HIDDEN), homes.back_zone, homes.entry_zone)
    duration = log.move(rng, "drop", homes, drop, zone, where=~kept, delivery=True)
    log.move(rng, "drop", homes, drop, zone, where=kept)
    ring = np.where(first, arrival, drop + rng.uniform(0.3, 1.2, n) * duration)
    log.add("doorbell", homes, ring, homes.bell_zone, where=rings)
    left = drop + duration
    log.move(
        rng, "walk", homes, left + rng.uniform(1, 5, n), homes.approach_zone,
        where=homes.sees_approach & _p(rng, n, 0.25),
    )  # fmt: skip
    opened = rings & ~kept & _p(rng, n, 0.22)
    opening = left + rng.uniform(3, 60, n)
    log.add("door", homes, opening, homes.entry_zone, where=opened & homes.has_door_sensor)
    log.move(rng, "pick_up", homes, opening + rng.uniform(1, 5, n), homes.entry_zone, where=opened)


def neighbour(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Somebody walks over and rings; mostly the door opens and they talk."""
    n = len(homes)
    log.move(
        rng, "walk", homes, start, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.4)
    )
    ring = start + rng.uniform(5, 12, n)
    log.add("doorbell", homes, ring, homes.bell_zone)
    wait = ring + rng.uniform(2, 8, n)
    duration = log.move(rng, "wait", homes, wait, homes.entry_zone)
    opened = _p(rng, n, 0.75)
    opening = wait + rng.uniform(0.3, 1.2, n) * duration
    log.add("door", homes, opening, homes.entry_zone, where=opened & homes.has_door_sensor)
    talk = np.maximum(opening, wait + duration) + rng.uniform(1, 12, n)
    log.move(rng, "wait", homes, talk, homes.entry_zone, where=opened & _p(rng, n, 0.5))


def visitor(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Guests come by car, ring, wait and are let in."""
    n = len(homes)
    log.add(
        "vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles & _p(rng, n, 0.7)
    )
    walk = start + rng.uniform(10, 30, n)
    log.move(
        rng, "walk", homes, walk, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.5)
    )
    ring = walk + rng.uniform(5, 15, n)
    log.add("doorbell", homes, ring, homes.bell_zone)
    wait = ring + rng.uniform(1, 6, n)
    duration = log.move(rng, "wait", homes, wait, homes.entry_zone)
    entering = wait + duration + rng.uniform(2, 25, n)
    log.add("door", homes, entering, homes.entry_zone, where=homes.has_door_sensor)
    log.move(rng, "resident", homes, entering + rng.uniform(0, 4, n), homes.entry_zone)
    log.move(
        rng, "resident", homes, entering + rng.uniform(5, 15, n), homes.inside_zone,
        where=homes.sees_inside,
    )  # fmt: skip


def post(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Letters or leaflets, on foot: all but a delivery."""
    n = len(homes)
    log.move(
        rng, "walk", homes, start, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.4)
    )
    log.move(rng, "post", homes, start + rng.uniform(5, 14, n), homes.entry_zone)


def pick_up(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """A resident fetches a parcel: a delivery, backwards."""
    n = len(homes)
    log.add("door", homes, start, homes.entry_zone, where=homes.has_door_sensor)
    stoop = start + rng.uniform(0.5, 6, n)
    duration = log.move(rng, "pick_up", homes, stoop, homes.entry_zone)
    inside = stoop + duration + rng.uniform(1, 12, n)
    log.add("door", homes, inside, homes.entry_zone, where=homes.has_door_sensor & _p(rng, n, 0.6))
    log.move(
        rng, "resident", homes, inside + rng.uniform(1, 10, n), homes.inside_zone,
        where=homes.sees_inside & _p(rng, n, 0.6),
    )  # fmt: skip


def arrival(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Residents come home."""
    n = len(homes)
    log.add(
        "vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles & _p(rng, n, 0.7)
    )
    walk = start + rng.uniform(5, 40, n)
    log.move(
        rng, "walk", homes, walk, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.5)
    )
    step = walk + rng.uniform(4, 15, n)
    duration = log.move(rng, "resident", homes, step, homes.entry_zone)
    opening = step + duration * rng.uniform(0.5, 1.3, n)
    log.add("door", homes, opening, homes.entry_zone, where=homes.has_door_sensor)
    log.move(
        rng, "resident", homes, opening + rng.uniform(2, 12, n), homes.inside_zone,
        where=homes.sees_inside,
    )  # fmt: skip


def departure(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Residents leave: the door first, the car last."""
    n = len(homes)
    log.add("door", homes, start, homes.entry_zone, where=homes.has_door_sensor)
    step = start + rng.uniform(0.5, 6, n)
    duration = log.move(rng, "resident", homes, step, homes.entry_zone)
    walk = step + duration + rng.uniform(1, 8, n)
    log.move(
        rng, "walk", homes, walk, homes.approach_zone, where=homes.sees_approach & _p(rng, n, 0.5)
    )
    log.add(
        "vehicle", homes, walk + rng.uniform(10, 60, n), homes.approach_zone,
        where=homes.sees_vehicles & _p(rng, n, 0.7),
    )  # fmt: skip


def passer_by(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Somebody walks past."""
    log.move(rng, "walk", homes, start, homes.approach_zone, where=homes.sees_approach)


def next_door(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """A van stops, but the parcel is for the house beside."""
    n = len(homes)
    log.add(
        "vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles & _p(rng, n, 0.9)
    )
    log.move(
        rng, "walk", homes, start + rng.uniform(4, 20, n), homes.approach_zone,
        where=homes.sees_approach & _p(rng, n, 0.6),
    )  # fmt: skip


def car(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """A car drives past."""
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)


def cat(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """A cat strolls by, and perhaps returns."""
    n = len(homes)
    zone = np.where(_p(rng, n, 0.6), homes.entry_zone, homes.back_zone)
    duration = log.move(rng, "cat", homes, start, zone)
    again = start + duration + rng.exponential(30, n)
    log.move(rng, "cat", homes, again, zone, where=_p(rng, n, 0.3))


def garden(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Residents behind the house, at play or on an errand."""
    n = len(homes)
    play = _p(rng, n, 0.4)
    duration = log.move(rng, "play", homes, start, homes.back_zone, where=play)
    log.move(rng, "resident", homes, start, homes.back_zone, where=~play)
    again = start + duration + rng.exponential(20, n)
    log.move(rng, "play", homes, again, homes.back_zone, where=play & _p(rng, n, 0.5))
    log.move(rng, "resident", homes, again, homes.back_zone, where=~play & _p(rng, n, 0.4))


def indoors(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Residents inside."""
    log.move(rng, "resident", homes, start, homes.inside_zone, where=homes.sees_inside)


def weather(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: Log) -> None:
    """Branches, rain or the sun set a sensor off, often more than once."""
    n = len(homes)
    zones = np.stack([homes.entry_zone, homes.approach_zone, homes.back_zone])
    zone = zones[rng.integers(3, size=n), np.arange(n)]
    cause = rng.choice(3, n, p=[0.5, 0.2, 0.3])
    for code, style in enumerate(("branches", "rain", "sun")):
        log.move(rng, style, homes, start, zone, where=cause == code)
    again = start + rng.exponential(60, n)
    log.move(rng, "branches", homes, again, zone, where=(cause == 0) & _p(rng, n, 0.4))


def _p(rng: np.random.Generator, n: int, chance: float) -> np.ndarray:
    return rng.random(n) < chance
