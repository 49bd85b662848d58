"""Sensing: sensors miss, repeat, confuse and delay what happens."""

from __future__ import annotations

import numpy as np

from novin_ml.simulation.chains.equipped_homes import EquippedHomes
from novin_ml.simulation.chains.gaits import PEOPLE
from novin_ml.simulation.draws import chance
from novin_ml.simulation.event_log import Columns, join, take
from novin_ml.simulation.signals.motion_styles import NO_STYLE, STYLE_NAMES
from novin_ml.simulation.vendors import KIND_NAMES

#: Chances that breaking glass is reported as a sound where no sensor listens for glass, that a
#: camera recognises an animal or a face, that the zone beside sees a motion too, that a doorbell is
#: pressed twice, and that an event is held up on its way.
GLASS_IS_LOUD, PET_KNOWN, FACE_KNOWN, SEEN_TWICE, RUNG_TWICE, HELD_UP = (
    0.6,
    0.6,
    0.2,
    0.04,
    0.1,
    0.01,
)

_MOTION, _BELL, _DOOR, _WINDOW, _GLASS, _SOUND, _PET, _FACE = (
    KIND_NAMES.index(kind)
    for kind in ("motion", "doorbell", "door", "window", "glass_break", "sound", "pet", "face")
)
_ANIMALS = [STYLE_NAMES.index(style) for style in ("cat",)]
_HOLD_UP = (2.0, 15.0)  # seconds


def sense(rng: np.random.Generator, homes: EquippedHomes, events: Columns) -> Columns:
    """Turn what happens into what the sensors report.

    Zones without a sensor see nothing; sensors miss events, repeat them, see what is in the zone
    beside, are blind for a while after a motion, and report late. Cameras may tell animals from
    people, and recognise faces.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : EquippedHomes
        The homes, each once.
    events : dict of ndarray
        Columns of `SceneLog`.

    Returns
    -------
    events : dict of ndarray
        The same columns, of the events that arrive.
    """
    events = _sensed(rng, homes, dict(events))
    events = _repeated(rng, homes, events)
    n, home = len(events["home"]), events["home"]
    events = take(events, ~chance(rng, n, homes.misses[home]))
    events = _rested(homes, events)
    n, home = len(events["home"]), events["home"]
    delay = rng.exponential(homes.latency[home])
    delay += chance(rng, n, HELD_UP) * rng.uniform(*_HOLD_UP, n)
    events["local"] = events["local"] + delay
    return events


def _sensed(rng: np.random.Generator, homes: EquippedHomes, events: Columns) -> Columns:
    """Keep the events for which there is a sensor; name animals as cameras do."""
    n = len(events["home"])
    kind, home, zone = events["kind"].copy(), events["home"], events["zone"]
    muffled = (kind == _GLASS) & ~homes.hears_glass[home] & chance(rng, n, GLASS_IS_LOUD)
    kind[muffled] = _SOUND
    sensed = np.ones(n, dtype=bool)
    for kinds, where in (
        ([_MOTION], homes.watched[home, zone]),
        ([_DOOR, _WINDOW], homes.contacts[home, zone]),
        ([_GLASS], homes.hears_glass[home]),
        ([_SOUND], homes.hears_sound[home]),
    ):
        sensed &= where | ~np.isin(kind, kinds)
    animal = np.isin(events["style"], _ANIMALS) & homes.recognises[home]
    kind[animal & chance(rng, n, PET_KNOWN)] = _PET
    events["kind"] = kind
    return take(events, sensed)


def _repeated(rng: np.random.Generator, homes: EquippedHomes, events: Columns) -> Columns:
    """Add events that arrive twice, are seen in the zone beside, or recognise a face."""
    n = len(events["home"])
    kind, home = events["kind"], events["home"]
    motion, opening = kind == _MOTION, np.isin(kind, [_DOOR, _WINDOW])
    bounces = chance(rng, n, homes.bounces[home] * (motion | opening))
    rung = (kind == _BELL) & chance(rng, n, RUNG_TWICE)
    again = take(events, bounces | rung)
    wait = np.where(again["style"] == NO_STYLE, 1.5, 6.0)
    again["local"] = again["local"] + wait * rng.exponential(1.0, len(wait)) + 0.1

    beside = take(events, motion & chance(rng, n, SEEN_TWICE))
    m = len(beside["home"])
    places = np.stack([homes.approach_zone, homes.entry_zone, homes.back_zone])
    beside["zone"] = places[rng.integers(3, size=m), beside["home"]]
    beside["local"] = beside["local"] + rng.uniform(0, 3, m)
    beside = take(beside, homes.watched[beside["home"], beside["zone"]])

    faces = motion & np.isin(events["style"], PEOPLE) & homes.recognises[home]
    faces &= events["zone"] == homes.entry_zone[home]
    face = take(events, faces & chance(rng, n, FACE_KNOWN))
    face["kind"] = np.full(len(face["home"]), _FACE)
    face["style"] = np.full(len(face["home"]), NO_STYLE)
    face["local"] = face["local"] + rng.uniform(0.2, 3, len(face["home"]))
    return join((events, again, beside, face))


def _rested(homes: EquippedHomes, events: Columns) -> Columns:
    """Drop motions that come while their sensor rests."""
    motion = np.flatnonzero(events["kind"] == _MOTION)
    place = events["home"][motion] * 64 + events["zone"][motion]
    order = np.lexsort((events["local"][motion], place))
    motion, place = motion[order], place[order]
    gap = np.diff(events["local"][motion], prepend=-np.inf)
    gap[np.diff(place, prepend=-1) != 0] = np.inf
    ready = np.ones(len(events["home"]), dtype=bool)
    ready[motion] = gap >= homes.rest[events["home"][motion]]
    return take(events, ready)
