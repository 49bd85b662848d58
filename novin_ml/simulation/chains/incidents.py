"""Scenes of incidents: the patterns that chains of events can have.

An incident gives its pattern to the events by which it can be known. The gaits of people are drawn
alike for all scenes, in `gaits`. How quickly people act, what they touch and what sensors see of it
varies more than the hand-written rules expect.
"""

from __future__ import annotations

import numpy as np

from novin_ml.events.chains.patterns import CHAIN_PATTERNS
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
    random_path,
)
from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import SceneLog

_INTRUSION, _FORCED, _BREAK_IN, _PROWLER = (
    CHAIN_PATTERNS.index(name)
    for name in ("intrusion_sequence", "forced_entry", "active_break_in", "prowler_activity")
)

#: Chances that intruders ring first, to find out whether somebody is at home, and that they are
#: slow.
RINGS_FIRST, SLOW = 0.12, 0.22


def intrusion(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Somebody comes up to a door or window that is not locked, opens it and goes in."""
    n = len(homes)
    window = chance(rng, n, 0.35)
    front = chance(rng, n, 0.2)
    door = np.where(front, homes.entry_zone, one_of(rng, n, DOORS))
    pace = np.where(chance(rng, n, SLOW), 3.0, 1.0)
    rings = chance(rng, n, RINGS_FIRST)
    log.add("doorbell", homes, start - lognormal(rng, n, 20, 0.5), homes.bell_zone, where=rings)
    log.move(
        rng, "walk", homes, start - lognormal(rng, n, 9, 0.7), one_of(rng, n, OUTSIDE),
        where=chance(rng, n, 0.6),
    )  # fmt: skip
    outside = np.where(window | chance(rng, n, 0.3), homes.back_zone, door)
    log.move(rng, "walk", homes, start, outside, pattern=_INTRUSION)
    opening = start + pace * lognormal(rng, n, 8, 0.7)
    room = one_of(rng, n, WINDOWS)
    log.add("window", homes, opening, room, where=window, pattern=_INTRUSION)
    log.add("door", homes, opening, door, where=~window, pattern=_INTRUSION)
    log.add("sound", homes, opening + rng.uniform(0, 4, n), room, where=chance(rng, n, 0.2))
    inside = opening + pace * lognormal(rng, n, 6, 0.7)
    first = np.where(window, room, homes.inside_zone)
    log.move(rng, "walk", homes, inside, first, pattern=_INTRUSION)
    move_along(
        rng, "walk", homes, inside + lognormal(rng, n, 8, 0.7), log, random_path(rng, n, ROOMS),
        steps=rng.poisson(1.8, n), pause=(8.0, 0.7),
    )  # fmt: skip


def forced_entry(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Somebody tries to force a door or a window, until it opens or they give up."""
    n = len(homes)
    front = chance(rng, n, 0.25)
    door = np.where(front, homes.entry_zone, one_of(rng, n, DOORS))
    window = chance(rng, n, 0.35)
    zone = np.where(window, one_of(rng, n, WINDOWS), door)
    pace = np.where(chance(rng, n, SLOW), 2.5, 1.0)
    log.move(
        rng, "walk", homes, start - lognormal(rng, n, 8, 0.7),
        np.where(window, homes.back_zone, door), where=chance(rng, n, 0.65),
    )  # fmt: skip
    ends = start
    for kind, where in (("door", ~window), ("window", window)):
        end = start
        # In two attempts, with a pause in which something else may be seen.
        for part in (1.0, 0.45):
            times = (where & chance(rng, n, part)) * (1 + rng.poisson(2.4, n))
            end = open_repeatedly(
                rng, kind, homes, end, log, zone,
                times=times, pause=(2.6, 0.7), pattern=_FORCED,
            ) + pace * lognormal(rng, n, 3, 0.7)  # fmt: skip
        ends = np.where(where, end, ends)
    log.add("sound", homes, start + rng.uniform(0, 10, n), zone, where=chance(rng, n, 0.4))
    log.add("other", homes, start + rng.uniform(0, 6, n), zone, where=chance(rng, n, 0.2))
    log.move(
        rng, "walk", homes, start + lognormal(rng, n, 6, 0.6),
        np.where(window, homes.back_zone, door), where=chance(rng, n, 0.25),
    )  # fmt: skip
    path = random_path(rng, n, ROOMS)
    steps = chance(rng, n, 0.4) * (1 + rng.poisson(0.8, n))
    move_along(rng, "walk", homes, ends, log, path, steps=steps, pause=(8.0, 0.7))


def break_in(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Somebody breaks a pane and climbs in; some wait first to see whether anybody heard it."""
    n = len(homes)
    room = one_of(rng, n, WINDOWS)
    log.move(
        rng, "walk", homes, start - lognormal(rng, n, 10, 0.8), homes.back_zone,
        where=chance(rng, n, 0.55),
    )  # fmt: skip
    heard = homes.hears_glass & chance(rng, n, 0.95)
    log.add("glass_break", homes, start, room, where=heard, pattern=_BREAK_IN)
    again = heard & chance(rng, n, 0.3)
    log.add(
        "glass_break", homes, start + lognormal(rng, n, 2.5, 0.8), room,
        where=again, pattern=_BREAK_IN,
    )  # fmt: skip
    log.add(
        "sound", homes, start + rng.uniform(0, 3, n), room, where=~heard | chance(rng, n, 0.45),
        pattern=_BREAK_IN,
    )  # fmt: skip
    waits = np.where(chance(rng, n, SLOW), 3.0, 1.0)
    opened = start + waits * lognormal(rng, n, 6, 0.7)
    log.add("window", homes, opened, room, where=chance(rng, n, 0.4), pattern=_BREAK_IN)
    inside = opened + lognormal(rng, n, 3, 0.6)
    log.move(rng, "walk", homes, inside, room, pattern=_BREAK_IN)
    move_along(
        rng, "walk", homes, inside + lognormal(rng, n, 7, 0.7), log, random_path(rng, n, ROOMS),
        steps=rng.poisson(1.8, n), pause=(7.0, 0.7),
    )  # fmt: skip


def prowler(
    rng: np.random.Generator, homes: EquippedHomes, start: np.ndarray, log: SceneLog
) -> None:
    """Somebody walks around the house, stops, looks in, perhaps tries a door."""
    n = len(homes)
    end = move_along(
        rng, "walk", homes, start, log, circular_path(rng, n, OUTSIDE),
        steps=3 + rng.poisson(2.5, n), pause=(9.0, 0.7), pattern=_PROWLER,
    )  # fmt: skip
    tries = chance(rng, n, 0.2)
    log.add("door", homes, end - rng.uniform(0, 5, n), one_of(rng, n, DOORS), where=tries)
