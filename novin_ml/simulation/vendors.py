"""Names of kinds and zones: their codes in the simulations, and how vendors spell them."""

from __future__ import annotations

import numpy as np

from novin_ml.events.kinds import EVENT_KINDS, EventKind
from novin_ml.events.zones import ZONES

#: The code of a kind or of a zone is its position here.
KIND_NAMES = tuple(kind.name for kind in EVENT_KINDS)
ZONE_NAMES = tuple(ZONES)


def _title(name: str) -> str:
    return name.replace("_", " ").title()


# How each vendor spells a zone: its name, words, words with the device, an alias, another alias.
_SPELLINGS_OF_ZONES = (
    lambda zone: zone.name,
    lambda zone: _title(zone.name),
    lambda zone: f"{_title(zone.name)} Camera",
    lambda zone: zone.aliases[0] if zone.aliases else zone.name,
    lambda zone: _title(zone.aliases[-1]) if zone.aliases else zone.name,
)
#: Number of vendors.
N_VENDORS = len(_SPELLINGS_OF_ZONES)

# The types that the same vendors send. Kinds that are missing here are spelled by their texts.
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
    """Return how each vendor names a kind of event; a new kind needs no line here."""
    if kind.name in _TYPES:
        return _TYPES[kind.name]
    text = kind.texts[0]
    return (text, f"{text}_detected", f"cam_{text}", text.title(), kind.texts[-1])


_TYPES_BY_KIND = np.array([spellings_of(kind) for kind in EVENT_KINDS], dtype=object)
_LOCATIONS_BY_ZONE = np.array(
    [[spell(zone) for spell in _SPELLINGS_OF_ZONES] for zone in ZONES.values()], dtype=object
)


def spell_types(kind: np.ndarray, vendor: np.ndarray) -> np.ndarray:
    """Return the types that vendors send for kinds, given as codes."""
    return _TYPES_BY_KIND[kind, vendor]


def spell_locations(zone: np.ndarray, vendor: np.ndarray) -> np.ndarray:
    """Return the locations that vendors send for zones, given as codes."""
    return _LOCATIONS_BY_ZONE[zone, vendor]
