"""Everyday scenes: residents, passers-by, animals and weather; and how often all scenes play."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import SceneLog
from novin_ml.simulation.homes import Homes
from novin_ml.simulation.scheduling import NO_SUNDAYS, WEEKENDS, ScheduledScene
from novin_ml.simulation.street import visits
from novin_ml.simulation.street.visits import drive_up, walk_up


def pick_up(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """A resident fetches a parcel: a delivery in reverse."""
    n = len(homes)
    log.add("door", homes, start, homes.entry_zone, where=homes.has_door_sensor)
    stoop = start + rng.uniform(0.5, 6, n)
    duration = log.move(rng, "pick_up", homes, stoop, homes.entry_zone)
    inside = stoop + duration + rng.uniform(1, 12, n)
    log.add(
        "door", homes, inside, homes.entry_zone, where=homes.has_door_sensor & chance(rng, n, 0.6)
    )
    log.move(
        rng, "resident", homes, inside + rng.uniform(1, 10, n), homes.inside_zone,
        where=homes.sees_inside & chance(rng, n, 0.6),
    )  # fmt: skip


def arrival(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Residents come home."""
    n = len(homes)
    drive_up(rng, homes, start, log, 0.7)
    walk = start + rng.uniform(5, 40, n)
    walk_up(rng, homes, walk, log, 0.5)
    step = walk + rng.uniform(4, 15, n)
    duration = log.move(rng, "resident", homes, step, homes.entry_zone)
    opening = step + duration * rng.uniform(0.5, 1.3, n)
    log.add("door", homes, opening, homes.entry_zone, where=homes.has_door_sensor)
    log.move(
        rng, "resident", homes, opening + rng.uniform(2, 12, n), homes.inside_zone,
        where=homes.sees_inside,
    )  # fmt: skip


def departure(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Residents leave: the door first, the car last."""
    n = len(homes)
    log.add("door", homes, start, homes.entry_zone, where=homes.has_door_sensor)
    step = start + rng.uniform(0.5, 6, n)
    duration = log.move(rng, "resident", homes, step, homes.entry_zone)
    walk = step + duration + rng.uniform(1, 8, n)
    walk_up(rng, homes, walk, log, 0.5)
    drive_up(rng, homes, walk + rng.uniform(10, 60, n), log, 0.7)


def passer_by(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Somebody walks past."""
    log.move(rng, "walk", homes, start, homes.approach_zone, where=homes.sees_approach)


def car(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """A car drives past."""
    log.add("vehicle", homes, start, homes.approach_zone, where=homes.sees_vehicles)


def cat(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """A cat strolls by, and perhaps returns."""
    n = len(homes)
    zone = np.where(chance(rng, n, 0.6), homes.entry_zone, homes.back_zone)
    duration = log.move(rng, "cat", homes, start, zone)
    again = start + duration + rng.exponential(30, n)
    log.move(rng, "cat", homes, again, zone, where=chance(rng, n, 0.3))


def garden(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Residents play or work behind the house."""
    n = len(homes)
    play = chance(rng, n, 0.4)
    duration = log.move(rng, "play", homes, start, homes.back_zone, where=play)
    log.move(rng, "resident", homes, start, homes.back_zone, where=~play)
    again = start + duration + rng.exponential(20, n)
    log.move(rng, "play", homes, again, homes.back_zone, where=play & chance(rng, n, 0.5))
    log.move(rng, "resident", homes, again, homes.back_zone, where=~play & chance(rng, n, 0.4))


def indoors(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Residents move inside."""
    log.move(rng, "resident", homes, start, homes.inside_zone, where=homes.sees_inside)


def weather(rng: np.random.Generator, homes: Homes, start: np.ndarray, log: SceneLog) -> None:
    """Branches, rain or the sun set a sensor off, often more than once."""
    n = len(homes)
    zones = np.stack([homes.entry_zone, homes.approach_zone, homes.back_zone])
    zone = zones[rng.integers(3, size=n), np.arange(n)]
    cause = rng.choice(3, n, p=[0.5, 0.2, 0.3])
    for code, style in enumerate(("branches", "rain", "sun")):
        log.move(rng, style, homes, start, zone, where=cause == code)
    again = start + rng.exponential(60, n)
    log.move(rng, "branches", homes, again, zone, where=(cause == 0) & chance(rng, n, 0.4))


#: What happens at homes on any day; `COURIERS` come in addition.
EVERYDAY = (
    ScheduledScene(visits.post, 0.6, ((10.8, 1.2, 1),), NO_SUNDAYS),
    ScheduledScene(visits.neighbour, 0.35, ((18.0, 2.2, 0.7), (11.0, 2.0, 0.3))),
    ScheduledScene(visits.visitor, 0.22, ((15.5, 2.0, 0.5), (19.0, 1.3, 0.5)), WEEKENDS),
    ScheduledScene(pick_up, 0.45, ((17.8, 1.5, 0.7), (13.0, 2.0, 0.3))),
    ScheduledScene(arrival, 0.5, ((0.0, 0.9, 0.8), (-4.0, 2.5, 0.2)), around="returns"),
    ScheduledScene(departure, 0.5, ((0.0, 0.6, 0.7), (6.0, 3.0, 0.3)), around="leaves"),
    ScheduledScene(passer_by, 0.4, ((8.5, 1.5, 0.3), (13.5, 3.5, 0.4), (18.0, 2.0, 0.3))),
    ScheduledScene(visits.next_door, 0.4, ((0.0, 1.3, 1),), NO_SUNDAYS, around="courier_hour"),
    ScheduledScene(car, 1.2, ((8.5, 2.0, 0.3), (13.5, 3.5, 0.4), (17.5, 2.0, 0.3))),
    ScheduledScene(
        cat, 0.9, ((6.0, 2.0, 0.35), (20.5, 2.5, 0.35), (13.0, 4.0, 0.3)), scaled_by="cats"
    ),
    ScheduledScene(garden, 0.7, ((14.5, 3.5, 1),), WEEKENDS),
    ScheduledScene(indoors, 0.4, ((8.0, 2.0, 0.4), (19.0, 3.0, 0.6))),
    ScheduledScene(weather, 0.8, ((14.0, 6.0, 1),), scaled_by="wind"),
)
