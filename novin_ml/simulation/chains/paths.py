"""How people, children and animals move through the zones of simulated homes."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.homes import ZONE_NAMES, Homes
from novin_ml.simulation.street.log import NO_CODE, Log


def zone_codes(*names: str) -> np.ndarray:
    """Return the positions of zones in `ZONE_NAMES`."""
    return np.array([ZONE_NAMES.index(name) for name in names])


#: Around the house, inside it, where doors are, and where windows are.
OUTSIDE = zone_codes(
    "front_yard", "driveway", "porch", "side_yard", "garage", "backyard", "deck", "back_door"
)
ROOMS = zone_codes("living_room", "bedroom", "kitchen", "hallway")
DOORS = zone_codes("back_door", "side_door", "garage")
WINDOWS = zone_codes("living_room", "bedroom", "kitchen")


def chance(rng: np.random.Generator, n: int, p: float) -> np.ndarray:
    """Draw `n` times whether something happens that has this chance."""
    return rng.random(n) < p


def is_empty(homes: Homes, start: np.ndarray) -> np.ndarray:
    """Tell where nobody is at home at a local second: at work, or on vacation."""
    hour = start / 3600 % 24
    weekday = start // 86_400 % 7 < 5
    at_work = weekday & ~homes.works_at_home & (hour > homes.leaves) & (hour < homes.returns)
    return at_work | homes.on_vacation


def seconds(rng: np.random.Generator, n: int, median: float, spread: float) -> np.ndarray:
    """Draw log-normal times: their median, and the deviation of their logarithm."""
    return median * np.exp(spread * rng.standard_normal(n))


def one_of(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` of these zones."""
    return codes[rng.integers(len(codes), size=n)]


def around(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` ways through zones that lie in a row: where they begin, and in which direction."""
    begin = rng.integers(len(codes), size=(n, 1))
    direction = rng.choice([-1, 1], (n, 1))
    # Now and then a zone is passed unseen.
    steps = np.cumsum(1 + (rng.random((n, len(codes))) < 0.25), axis=1)
    return codes[(begin + direction * steps) % len(codes)]


def anyhow(rng: np.random.Generator, n: int, codes: np.ndarray) -> np.ndarray:
    """Draw `n` ways through zones in any order, some of them twice."""
    return codes[rng.integers(len(codes), size=(n, 2 * len(codes)))]


def move_along(
    rng: np.random.Generator,
    style: str,
    homes: Homes,
    start: np.ndarray,
    log: Log,
    way: np.ndarray,
    *,
    steps: np.ndarray,
    pause: tuple[float, float],
    pattern: int = NO_CODE,
) -> np.ndarray:
    """Add motions along a way.

    Parameters
    ----------
    rng, style, homes, log, pattern
        As for `Log.move`.
    start : ndarray of shape (n,)
        Local second of the first motion.
    way : ndarray of shape (n, length)
        Zones one after the other, over and over.
    steps : ndarray of shape (n,)
        Number of motions.
    pause : tuple of (float, float)
        Seconds from each to the next, as in `seconds`; some people are quicker than others.

    Returns
    -------
    end : ndarray of shape (n,)
        When the motion after the last would be.
    """
    n = len(homes)
    median = pause[0] * np.exp(0.5 * pause[1] * rng.standard_normal(n))
    time = start
    for step in range(int(steps.max(initial=0))):
        going = steps > step
        log.move(rng, style, homes, time, way[:, step % way.shape[1]], where=going, pattern=pattern)
        time = np.where(going, time + median * seconds(rng, n, 1.0, 0.85 * pause[1]), time)
    return time


def open_repeatedly(
    rng: np.random.Generator,
    kind: str,
    homes: Homes,
    start: np.ndarray,
    log: Log,
    zone: np.ndarray,
    *,
    times: np.ndarray,
    pause: tuple[float, float],
    pattern: int = NO_CODE,
) -> np.ndarray:
    """Add openings of one door or window; return when the one after the last would be."""
    n = len(homes)
    median = pause[0] * np.exp(0.6 * pause[1] * rng.standard_normal(n))
    time = start
    for number in range(int(times.max(initial=0))):
        going = times > number
        log.add(kind, homes, time, zone, where=going, pattern=pattern)
        time = np.where(going, time + median * seconds(rng, n, 1.0, 0.8 * pause[1]), time)
    return time
