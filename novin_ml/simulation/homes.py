"""Simulated homes: who lives there, which sensors hang where, and what these send."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from novin_ml.events.kinds import EVENT_KINDS, EventKind
from novin_ml.events.zones import ZONES
from novin_ml.simulation.signals.styles import SAMPLE_RATE

ZONE_NAMES = tuple(ZONES)

#: Chances of what a home is like.
NO_CONSENT, VACATION = 0.03, 0.04

_DROP_ZONES = {"front_door": 0.42, "porch": 0.38, "side_door": 0.1, "garage": 0.1}
_APPROACH_ZONES = {"driveway": 0.45, "front_yard": 0.35, "street": 0.2}
_BACK_ZONES = {"backyard": 0.5, "deck": 0.2, "side_yard": 0.15, "back_door": 0.15}
_INSIDE_ZONES = {"hallway": 0.4, "living_room": 0.35, "kitchen": 0.25}
_UTC_OFFSETS = 3600.0 * np.array([-8, -7, -6, -5, 0, 1, 2])


@dataclass(frozen=True)
class Homes:
    """Homes as columns: element i of every array belongs to home i.

    Zones are positions in `ZONE_NAMES`; probabilities and rates are per visit and per day.
    """

    position: np.ndarray  # of the home, kept by `at`
    utc_offset: np.ndarray
    consent: np.ndarray
    entry_zone: np.ndarray  # where parcels are left and people stand
    bell_zone: np.ndarray  # where the doorbell says that it is
    approach_zone: np.ndarray  # what people cross before the entry
    back_zone: np.ndarray
    inside_zone: np.ndarray
    sees_approach: np.ndarray
    sees_vehicles: np.ndarray
    sees_inside: np.ndarray
    has_door_sensor: np.ndarray
    gain: np.ndarray  # sensitivity at the distance of the sensor
    floor: np.ndarray  # noise of the sensor
    sample_rate: np.ndarray
    sends_raw: np.ndarray
    sends_duration: np.ndarray
    sends_mode: np.ndarray
    spelling: np.ndarray  # vendor's way with names: position in _SPELLINGS
    leaves: np.ndarray  # hour at which the home empties on weekdays
    returns: np.ndarray
    works_at_home: np.ndarray
    on_vacation: np.ndarray
    courier_hour: np.ndarray  # middle of the couriers' tour, home's habit
    rings: np.ndarray  # chance that a courier rings here at all
    cats: np.ndarray
    wind: np.ndarray

    def __len__(self) -> int:
        return len(self.utc_offset)

    def at(self, home: np.ndarray) -> Self:
        """Return the rows of these homes, repeated as often as they appear."""
        return type(self)(**{f.name: getattr(self, f.name)[home] for f in fields(self)})


def _choose(rng: np.random.Generator, n: int, weights: dict[str, float]) -> np.ndarray:
    codes = np.array([ZONE_NAMES.index(name) for name in weights])
    return rng.choice(codes, n, p=np.array([*weights.values()]))


def draw_homes(rng: np.random.Generator, n: int) -> Homes:
    """Draw `n` homes."""

    def chance(p: float) -> np.ndarray:
        return rng.random(n) < p

    entry = _choose(rng, n, _DROP_ZONES)
    raw = chance(0.88)
    drawn: dict[str, Any] = {
        "position": np.arange(n),
        "utc_offset": rng.choice(_UTC_OFFSETS, n),
        "consent": ~chance(NO_CONSENT),
        "entry_zone": entry,
        "bell_zone": np.where(chance(0.88), entry, ZONE_NAMES.index("front_door")),
        "approach_zone": _choose(rng, n, _APPROACH_ZONES),
        "back_zone": _choose(rng, n, _BACK_ZONES),
        "inside_zone": _choose(rng, n, _INSIDE_ZONES),
        "sees_approach": chance(0.7),
        "sees_vehicles": chance(0.88),
        "sees_inside": chance(0.5),
        "has_door_sensor": chance(0.85),
        "gain": np.exp(0.13 * rng.standard_normal(n)),
        "floor": rng.uniform(0.005, 0.03, n),
        "sample_rate": np.full(n, SAMPLE_RATE),
        "sends_raw": raw,
        "sends_duration": chance(0.85) | ~raw,
        "sends_mode": chance(0.9),
        "spelling": rng.integers(len(_SPELLINGS), size=n),
        "leaves": 8.2 + 0.7 * rng.standard_normal(n),
        "returns": 17.6 + 1.0 * rng.standard_normal(n),
        "works_at_home": chance(0.35),
        "on_vacation": chance(VACATION),
        "courier_hour": 13.0 + 1.3 * rng.standard_normal(n),
        "rings": rng.beta(3.0, 2.0, n),
        "cats": rng.gamma(1.5, 1 / 1.5, n),
        "wind": rng.gamma(1.5, 1 / 1.5, n),
    }
    return Homes(**drawn)


def home_names(n: int) -> np.ndarray:
    """Return the `home_id` of each of `n` homes."""
    return np.array([f"home_{number:04d}" for number in range(1, n + 1)], dtype=object)


def draw_modes(rng: np.random.Generator, homes: Homes, local: np.ndarray) -> np.ndarray:
    """Draw the modes that people have set, at another hour each day.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        Home of each time.
    local : ndarray of shape (n,)
        Local seconds since a Monday, 00:00.

    Returns
    -------
    modes : ndarray of shape (n,), object
        ``"home"``, ``"away"``, ``"night"`` or ``"vacation"``.
    """
    days, day = np.unique(homes.position * 100_000 + local // 86_400, return_inverse=True)
    hour = local / 3600 % 24 + 0.7 * rng.standard_normal(len(days))[day]
    weekday = local // 86_400 % 7 < 5
    gone = weekday & ~homes.works_at_home & (hour > homes.leaves) & (hour < homes.returns)
    modes = np.where(gone, "away", "home").astype(object)
    modes[(hour < 6.3) | (hour > 23.2)] = "night"
    modes[homes.on_vacation] = "vacation"
    return modes


def _title(name: str) -> str:
    return name.replace("_", " ").title()


# How vendors spell a zone's name: as it is, in words, in words with the device, by an alias.
_SPELLINGS = (
    lambda zone: zone.name,
    lambda zone: _title(zone.name),
    lambda zone: f"{_title(zone.name)} Camera",
    lambda zone: zone.aliases[0] if zone.aliases else zone.name,
    lambda zone: _title(zone.aliases[-1]) if zone.aliases else zone.name,
)
# Types of the same vendors, by kind; of the other kinds as their texts have it.
_TYPES = {
    "motion": ("motion", "motion_detected", "front_motion", "PIR_Motion", "motion"),
    "doorbell": ("doorbell", "doorbell_press", "front_doorbell", "Chime", "chime"),
    "door": ("door", "door_open", "contact_door", "Door", "door"),
    "vehicle": ("vehicle", "vehicle_detected", "cam_vehicle", "Vehicle", "vehicle"),
    "window": ("window", "window_open", "contact_window", "Window", "window"),
    "glass_break": (
        "glass_break",
        "glassbreak",
        "acoustic_glass_break",
        "GlassBreak",
        "glassbreak",
    ),
    "sound": ("sound", "sound_detected", "loud_sound", "Sound", "sound"),
    "pet": ("pet", "pet_detected", "cam_pet", "Pet", "pet_motion"),
    "face": ("face", "face_detected", "cam_face", "Face", "unknown_face"),
    "other": ("tamper", "battery_low", "device_offline", "Vibration", "leak"),
}


def spellings_of(kind: EventKind) -> tuple[str, ...]:
    """Return how each vendor names a kind of event: a new kind needs no line here."""
    if kind.name in _TYPES:
        return _TYPES[kind.name]
    text = kind.texts[0]
    return (text, f"{text}_detected", f"cam_{text}", text.title(), kind.texts[-1])


KINDS = tuple(kind.name for kind in EVENT_KINDS)
_SPELLINGS_OF_KINDS = np.array([spellings_of(kind) for kind in EVENT_KINDS], dtype=object)


def spell_locations(homes: Homes, zone: np.ndarray) -> np.ndarray:
    """Name zones as the vendors of these homes do."""
    names = np.array(
        [[spell(ZONES[name]) for spell in _SPELLINGS] for name in ZONE_NAMES], dtype=object
    )
    return names[zone, homes.spelling]


def spell_types(homes: Homes, kind: np.ndarray) -> np.ndarray:
    """Name kinds (positions in `KINDS`) as the vendors of these homes do."""
    return _SPELLINGS_OF_KINDS[kind, homes.spelling]
