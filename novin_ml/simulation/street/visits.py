"""Scenes of visits: couriers, the post, neighbours and guests come to the house."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import SceneLog
from novin_ml.simulation.homes import Homes
from novin_ml.simulation.scheduling import NO_SUNDAYS, ScheduledScene

#: Share of the couriers who ring and take the parcel back because nobody opens.
TAKEN_BACK = 0.03

#: Share of the parcels that are left behind the house if the courier does not ring.
HIDDEN = 0.1

#: Average numbers of deliveries and motions per courier, to set the share of deliveries.
DELIVERIES_PER_COURIER, MOTIONS_PER_COURIER = 0.98, 1.62


def drive_up(
    rng: np.random.Generator, homes: Homes, time: np.ndarray, log: SceneLog, p: float
) -> None:
    """Let a vehicle come or leave, with this chance, where cameras recognise vehicles."""
    log.add(
        "vehicle", homes, time, homes.approach_zone,
        where=homes.sees_vehicles & chance(rng, len(homes), p),
    )  # fmt: skip


def walk_up(
    rng: np.random.Generator, homes: Homes, time: np.ndarray, log: SceneLog, p: float
) -> None:
    """Let somebody cross the approach, with this chance, where a sensor watches it."""
    log.move(
        rng, "walk", homes, time, homes.approach_zone,
        where=homes.sees_approach & chance(rng, len(homes), p),
    )  # fmt: skip


def courier(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """A courier comes by van and leaves a parcel; rings before, after or not at all."""
    n = len(homes)
    drive_up(rng, homes, start, log, 0.9)
    walk = start + rng.uniform(4, 20, n)
    walk_up(rng, homes, walk, log, 0.45)
    arrival = walk + rng.uniform(4, 12, n)
    rings = chance(rng, n, homes.rings)
    first = rings & chance(rng, n, 0.55)
    drop = arrival + first * rng.uniform(2.2, 14, n)
    kept = rings & chance(rng, n, TAKEN_BACK)
    zone = np.where(~rings & chance(rng, n, HIDDEN), homes.back_zone, homes.entry_zone)
    duration = log.move(rng, "drop", homes, drop, zone, where=~kept, delivery=True)
    log.move(rng, "drop", homes, drop, zone, where=kept)
    ring = np.where(first, arrival, drop + rng.uniform(0.3, 1.2, n) * duration)
    log.add("doorbell", homes, ring, homes.bell_zone, where=rings)
    left = drop + duration
    walk_up(rng, homes, left + rng.uniform(1, 5, n), log, 0.25)
    opened = rings & ~kept & chance(rng, n, 0.22)
    opening = left + rng.uniform(3, 60, n)
    log.add("door", homes, opening, homes.entry_zone, where=opened & homes.has_door_sensor)
    log.move(rng, "pick_up", homes, opening + rng.uniform(1, 5, n), homes.entry_zone, where=opened)


def neighbour(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Somebody walks over and rings; mostly the door opens and they talk."""
    n = len(homes)
    walk_up(rng, homes, start, log, 0.4)
    ring = start + rng.uniform(5, 12, n)
    log.add("doorbell", homes, ring, homes.bell_zone)
    wait = ring + rng.uniform(2, 8, n)
    duration = log.move(rng, "wait", homes, wait, homes.entry_zone)
    opened = chance(rng, n, 0.75)
    opening = wait + rng.uniform(0.3, 1.2, n) * duration
    log.add("door", homes, opening, homes.entry_zone, where=opened & homes.has_door_sensor)
    talk = np.maximum(opening, wait + duration) + rng.uniform(1, 12, n)
    log.move(rng, "wait", homes, talk, homes.entry_zone, where=opened & chance(rng, n, 0.5))


def visitor(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Guests come by car, ring, wait and are let in."""
    n = len(homes)
    drive_up(rng, homes, start, log, 0.7)
    walk = start + rng.uniform(10, 30, n)
    walk_up(rng, homes, walk, log, 0.5)
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


def post(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Somebody brings letters or leaflets on foot, but no parcel."""
    n = len(homes)
    walk_up(rng, homes, start, log, 0.4)
    log.move(rng, "post", homes, start + rng.uniform(5, 14, n), homes.entry_zone)


def next_door(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """A van stops, but the parcel is for the house next door."""
    n = len(homes)
    drive_up(rng, homes, start, log, 0.9)
    walk_up(rng, homes, start + rng.uniform(4, 20, n), log, 0.6)


#: Couriers; callers set the rate.
COURIERS = ScheduledScene(
    courier, 0.0, ((0.0, 1.1, 0.7), (4.0, 1.0, 0.3)), NO_SUNDAYS, around="courier_hour"
)
