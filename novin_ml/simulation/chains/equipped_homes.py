"""Homes with sensors in many zones, which miss, repeat and delay events."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from novin_ml.simulation.draws import chance
from novin_ml.simulation.homes import Homes, draw_homes
from novin_ml.simulation.vendors import ZONE_NAMES

# Chance that a zone has a motion sensor; those of the fields of `Homes` have one anyway.
_WATCHED = {
    "front_door": 0.80, "back_door": 0.70, "side_door": 0.50, "backyard": 0.75, "side_yard": 0.60,
    "front_yard": 0.60, "garage": 0.60, "porch": 0.60, "deck": 0.50, "driveway": 0.65,
    "street": 0.10, "living_room": 0.75, "bedroom": 0.45, "kitchen": 0.65, "hallway": 0.70,
}  # fmt: skip
# Chance that the doors or windows of a zone have contacts, which report openings.
_CONTACTS = {
    "front_door": 0.80, "back_door": 0.80, "side_door": 0.60, "garage": 0.55, "deck": 0.35,
    "living_room": 0.65, "bedroom": 0.60, "kitchen": 0.60, "hallway": 0.20,
}  # fmt: skip


@dataclass(frozen=True)
class EquippedHomes(Homes):
    """Homes as columns, with the sensors and habits that matter for chains of events.

    Rates are relative to the average home.
    """

    watched: np.ndarray  # (n, zones): whether motion is seen there
    contacts: np.ndarray  # (n, zones): whether openings are reported there
    hears_glass: np.ndarray
    hears_sound: np.ndarray
    recognises: np.ndarray  # whether cameras recognise pets and faces
    misses: np.ndarray  # chance that an event does not arrive
    bounces: np.ndarray  # chance that it arrives again
    latency: np.ndarray  # mean seconds until it arrives
    rest: np.ndarray  # seconds for which a motion sensor is blind after a motion
    children: np.ndarray
    airing: np.ndarray
    handiwork: np.ndarray  # gardening, tradesmen, checks of the locks
    late_hours: np.ndarray
    drafts: np.ndarray  # doors that do not close well
    clumsiness: np.ndarray
    wildlife: np.ndarray


def equip_homes(rng: np.random.Generator, n: int) -> EquippedHomes:
    """Draw `n` homes and their sensors."""
    homes = draw_homes(rng, n)
    rows = np.arange(n)
    watched, contacts = _with_chances(rng, n, _WATCHED), _with_chances(rng, n, _CONTACTS)
    watched[rows, homes.entry_zone] = True
    watched[rows, homes.back_zone] = True
    watched[rows, homes.approach_zone] = homes.sees_approach
    watched[rows, homes.inside_zone] = homes.sees_inside
    contacts[rows, homes.entry_zone] = homes.has_door_sensor

    def habit() -> np.ndarray:
        return rng.gamma(1.2, 1 / 1.2, n)

    return EquippedHomes(
        **{field.name: getattr(homes, field.name) for field in fields(homes)},
        watched=watched,
        contacts=contacts,
        hears_glass=chance(rng, n, 0.75),
        hears_sound=chance(rng, n, 0.5),
        recognises=chance(rng, n, 0.45),
        misses=rng.beta(1.5, 28.0, n),
        bounces=rng.beta(1.2, 12.0, n),
        latency=rng.gamma(1.5, 0.2, n),
        rest=np.where(chance(rng, n, 0.6), rng.uniform(0.5, 8.0, n), 0.0),
        children=habit() * chance(rng, n, 0.4) / 0.4,
        airing=habit(),
        handiwork=habit(),
        late_hours=habit(),
        drafts=habit() * chance(rng, n, 0.5) / 0.5,
        clumsiness=habit(),
        wildlife=habit(),
    )


def _with_chances(rng: np.random.Generator, n: int, chances: dict[str, float]) -> np.ndarray:
    """Draw which zones have a sensor; some homes are better equipped than others."""
    odds = np.array([chances.get(name, 0.0) for name in ZONE_NAMES])
    more = np.exp(0.8 * rng.standard_normal((n, 1)))
    return rng.random((n, len(ZONE_NAMES))) < 1 - (1 - odds) ** more
