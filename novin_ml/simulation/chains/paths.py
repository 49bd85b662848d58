"""Paths of people and animals through the zones of simulated homes."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.draws import lognormal
from novin_ml.simulation.event_log import NO_CODE, SceneLog
from novin_ml.simulation.homes import Homes
from novin_ml.simulation.vendors import ZONE_NAMES


def zone_codes(*names: str) -> np.ndarray:
    """Return the positions of zones in `ZONE_NAMES`."""
    return np.array([ZONE_NAMES.index(name) for name in names])


#: Zones around the house, inside it, with doors, and with windows.
OUTSIDE = zone_codes(
    "front_yard", "driveway", "porch", "side_yard", "garage", "backyard", "deck", "back_door"
)
ROOMS = zone_codes("living_room", "bedroom", "kitchen", "hallway")
DOORS = zone_codes("back_door", "side_door", "garage")
WINDOWS = zone_codes("living_room", "bedroom", "kitchen")


def one_of(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` of these zones."""
    return codes[rng.integers(len(codes), size=n)]


def circular_path(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` paths around zones that lie in a ring: their start and direction differ."""
    begin = rng.integers(len(codes), size=(n, 1))
    direction = rng.choice([-1, 1], (n, 1))
    # Sometimes a zone is passed unseen.
    steps = np.cumsum(1 + (rng.random((n, len(codes))) < 0.25), axis=1)
    return codes[(begin + direction * steps) % len(codes)]


def random_path(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` paths through zones in any order, some of them twice."""
    return codes[rng.integers(len(codes), size=(n, 2 * len(codes)))]


def move_along(
    rng: np.random.Generator,
    style: str,
    homes: Homes,
    start: np.ndarray,
    log: SceneLog,
    path: np.ndarray,
    *,
    steps: np.ndarray,
    pause: tuple[float, float],
    pattern: int = NO_CODE,
) -> np.ndarray:
    """Add motions along a path.

    Parameters
    ----------
    rng, style, homes, log, pattern
        As for `SceneLog.move`.
    start : ndarray of shape (n,)
        Local second of the first motion.
    path : ndarray of shape (n, length)
        Zones one after the other; the path is walked again and again.
    steps : ndarray of shape (n,)
        Number of motions.
    pause : tuple of (float, float)
        Seconds from one motion to the next: median, and standard deviation of the logarithm. Some
        people are quicker than others.

    Returns
    -------
    end : ndarray of shape (n,)
        Local second at which the next motion would follow.
    """
    n = len(homes)
    median = lognormal(rng, n, pause[0], 0.5 * pause[1])
    time = start
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        log.move(
            rng, style, homes, time, path[:, step % path.shape[1]], where=going, pattern=pattern
        )
        time = np.where(going, time + lognormal(rng, n, median, 0.85 * pause[1]), time)
    return time


def open_repeatedly(
    rng: np.random.Generator,
    kind: str,
    homes: Homes,
    start: np.ndarray,
    log: SceneLog,
    zone: np.ndarray,
    *,
    times: np.ndarray,
    pause: tuple[float, float],
    pattern: int = NO_CODE,
) -> np.ndarray:
    """Add openings of one door or window; return when the next one would follow."""
    n = len(homes)
    median = lognormal(rng, n, pause[0], 0.6 * pause[1])
    time = start
    for number in range(int(times.max(initial=0))):
        going = times > number
        log.add(kind, homes, time, zone, where=going, pattern=pattern)
        time = np.where(going, time + lognormal(rng, n, median, 0.8 * pause[1]), time)
    return time
