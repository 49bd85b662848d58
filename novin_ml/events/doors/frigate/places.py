"""Where an object was: of the zones that it entered the riskiest, or else where its camera is."""

from __future__ import annotations

from novin_ml.events.doors.events import location_in
from novin_ml.events.doors.frigate.rows import ObjectRow
from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["place_of"]


def place_of(
    row: ObjectRow, mapping: DoorMapping, vocabulary: Vocabulary
) -> tuple[str, str | None, str]:
    """Return the sensor that saw an object, its location and what told it.

    Parameters
    ----------
    row : ObjectRow
        The object.
    mapping : DoorMapping
        What a person says of zones and cameras.
    vocabulary : Vocabulary
        That of the events.

    Returns
    -------
    sensor : str
        Camera and label, and the zone if it tells the location.
    location : str
        Name of the zone or of the camera, which the vocabulary reads as a zone of ours if it can.
    by : str
        What told the location.
    """
    risks = {zone.name: zone.risk for zone in vocabulary.zones}
    best: tuple[float, str, str] | None = None
    for name in row.zones:
        meant = _meant(f"{row.sensor}@{name}", name, mapping, vocabulary)
        if meant != "unknown" and (best is None or risks[meant] > best[0]):
            best = risks[meant], name, meant
    if best is not None:
        return f"{row.sensor}@{best[1]}", location_in(best[2], best[1], vocabulary), (
            f"zone {best[1]}"
        )  # fmt: skip
    meant = _meant(row.sensor, row.camera, mapping, vocabulary)
    told = None if meant == "unknown" else meant
    return row.sensor, location_in(told, row.camera, vocabulary), f"camera {row.camera}"


def _meant(sensor: str, name: str, mapping: DoorMapping, vocabulary: Vocabulary) -> str:
    mapped = mapping.of(sensor, (name,)).zone
    return vocabulary.zone_of(name) if mapped is None else mapped
