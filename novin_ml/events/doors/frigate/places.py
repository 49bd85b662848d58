"""Where an object was: of the zones that it entered the riskiest, or else where its camera is."""

from __future__ import annotations

from typing import NamedTuple

from novin_ml.events.doors.events import location_in
from novin_ml.events.doors.frigate.rows import ObjectRow
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["Place", "Places"]


class Place(NamedTuple):
    """Where an object was.

    Parameters
    ----------
    sensor : str
        Camera and label of what saw it, and the zone if that tells the location.
    location : str or None
        Name of the zone or of the camera, which the vocabulary reads as a zone of ours if it can.
    by : str
        What told the location.
    """

    sensor: str
    location: str | None
    by: str


class Places:
    """The places of objects; those of the same camera, label and zones are looked up once.

    Parameters
    ----------
    mapping : DoorMapping
        What a person says of zones and cameras.
    vocabulary : Vocabulary
        That of the events.
    """

    def __init__(self, mapping: DoorMapping, vocabulary: Vocabulary) -> None:
        self._mapping = mapping
        self._vocabulary = vocabulary
        self._risks = {zone.name: zone.risk for zone in vocabulary.zones}
        self._known: dict[tuple[str, str, tuple[str, ...]], Place] = {}

    def of(self, row: ObjectRow) -> Place:
        """Return where an object was."""
        key = row.camera, row.label, row.zones
        place = self._known.get(key)
        if place is None:
            place = self._known[key] = self._find(row)
        return place

    def _find(self, row: ObjectRow) -> Place:
        best: tuple[float, str, str] | None = None
        for name in row.zones:
            zone = self._meant(f"{row.sensor}@{name}", name)
            if zone != "unknown" and (best is None or self._risks[zone] > best[0]):
                best = self._risks[zone], name, zone
        if best is not None:
            _, name, zone = best
            location = location_in(zone, name, self._vocabulary)
            return Place(f"{row.sensor}@{name}", location, f"zone {name}")
        zone = self._meant(row.sensor, row.camera)
        told = None if zone == "unknown" else zone
        location = location_in(told, row.camera, self._vocabulary)
        return Place(row.sensor, location, f"camera {row.camera}")

    def _meant(self, sensor: str, name: str) -> str:
        mapped = self._mapping.of(sensor, (name,)).zone
        return self._vocabulary.zone_of(name) if mapped is None else mapped
