"""Incidents: people in a home who do not live there.

The sensors of the home also report such events on usual days. The hour, the room or the order is
unusual, or nobody should be there.
"""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.months.causes import INCIDENTS
from novin_ml.simulation.months.home_log import HomeLog
from novin_ml.simulation.months.household import ROOMS, Household, Sensor
from novin_ml.simulation.months.presence import STEPS_PER_HOUR, Presence

_MONTH = 30.44  # days
_APART = 6.0  # fewest hours between incidents


def plant_incidents(
    rng: np.random.Generator,
    home: Household,
    presence: Presence,
    per_month: float,
    first_day: int,
) -> HomeLog:
    """Draw when incidents happen, and log what sensors see of them.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    home : Household
        The home.
    presence : Presence
        Who is at home and awake.
    per_month : float
        Incidents in 30.44 days, on average.
    first_day : int
        Day from which on incidents happen.

    Returns
    -------
    log : HomeLog
        The incidents alone.
    """
    log = HomeLog(home.sensors)
    n_steps = len(presence.present)
    hour = np.arange(n_steps) / STEPS_PER_HOUR % 24
    allowed = np.arange(n_steps) >= first_day * 24 * STEPS_PER_HOUR
    allowed[-STEPS_PER_HOUR:] = False
    asleep = allowed & (presence.present > 0) & (presence.awake == 0) & (hour > 1) & (hour < 4.7)
    empty = allowed & (presence.present == 0) & ((hour > 8.5) | (hour < 5))
    n_days = n_steps / (24 * STEPS_PER_HOUR) - first_day
    taken = np.empty(0)
    for _ in range(rng.poisson(per_month * max(n_days, 0) / _MONTH)):
        name = str(rng.choice([name for name in INCIDENTS if _possible(name, home, log)]))
        at_night = name in ("night prowl", "night opening", "garage at night")
        when = asleep if at_night or (name == "back window" and rng.random() < 0.5) else empty
        steps = np.flatnonzero(when)
        if not len(steps):
            continue
        time = (rng.choice(steps) + rng.random()) / STEPS_PER_HOUR
        if len(taken) and np.abs(taken - time).min() < _APART:
            continue
        taken = np.append(taken, time)
        seconds = 20.0 * np.exp(0.6 * rng.standard_normal())
        path = _path(rng, name, home, log)
        log.walk(rng, np.array([time]), path, name, seconds=seconds)
    return log


def _possible(name: str, home: Household, log: HomeLog) -> bool:
    if name == "garage at night":
        return log.has("door", "garage") or log.has("motion", "garage")
    if name == "back window":
        return bool(home.unopened)
    if name == "night opening":
        return bool(log.zones("door") or log.zones("window"))
    return True


def _path(rng: np.random.Generator, name: str, home: Household, log: HomeLog) -> list[Sensor]:
    """Return the sensors that the people of an incident pass."""
    back: list[Sensor] = [("motion", home.zone("back_zone"))]
    openings = [s for s in log.sensors if s[0] in ("door", "window") and s[1] not in home.unopened]
    openings = openings or [("door", "front_door")]
    entered = openings[int(rng.integers(len(openings)))]
    if name == "night prowl":
        return _through_rooms(rng, log, int(rng.integers(4, 11)), asleep=True)
    if name == "night opening":
        before = back if rng.random() < 0.5 else []
        return [*before, *[entered] * int(rng.integers(1, 4))]
    if name == "garage at night":
        inside: list[Sensor] = [("door", "garage"), *[("motion", "garage")] * rng.integers(1, 5)]
        return [*inside, ("vehicle", home.zone("approach_zone")), ("door", "garage")]
    rooms = _through_rooms(rng, log, int(rng.integers(3, 9)))
    if name == "back window":
        zones = sorted(home.unopened)
        window = zones[int(rng.integers(len(zones)))]
        return [*back, ("window", window), ("motion", window), *rooms]
    if name == "from within":
        return [*rooms, entered]
    return [*(back if rng.random() < 0.5 else []), entered, *rooms]


def _through_rooms(
    rng: np.random.Generator, log: HomeLog, n: int, *, asleep: bool = False
) -> list[Sensor]:
    """Return the sensors of `n` rooms, one after the other; not of bedrooms if people sleep."""
    rooms = [zone for zone in log.zones("motion") if zone in ROOMS]
    rooms = [room for room in rooms if not asleep or room != "bedroom"] or rooms
    path: list[Sensor] = []
    for _ in range(n):
        others = [room for room in rooms if not path or room != path[-1][1]] or rooms
        path.append(("motion", others[int(rng.integers(len(others)))]))
    return path
