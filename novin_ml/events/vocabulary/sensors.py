"""Sensors by name, and the texts by which their events are recognised."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from novin_ml.events.vocabulary.words import words_of

__all__ = ["Sensor"]

#: Name of the category of events that are of no named sensor.
UNSEEN = "unseen"

_LONGEST_NAME = 40


@dataclass(frozen=True)
class Sensor:
    """A sensor, recognised by the texts that it sends.

    Parameters
    ----------
    name : str
        Its name in the `sensor` column: small letters of ASCII, digits and underscores.
    type, location : str or None, default=None
        An event is of this sensor if its `type` and its `location` are these texts, whatever the
        case. With None the text does not matter; one of the two is needed.

    Examples
    --------
    >>> from novin_ml.events import Sensor
    >>> Sensor("bed", type="Pressure", location="Bed").key
    ('pressure', 'bed')
    """

    name: str
    type: str | None = None
    location: str | None = None

    @property
    def key(self) -> tuple[str | None, str | None]:
        """Type and location as they are looked up."""
        return _key(self.type), _key(self.location)


class SensorTable:
    """Look up sensors: by type and location, else by location alone, else by type alone."""

    def __init__(self, sensors: Iterable[Sensor]) -> None:
        self._names = {sensor.key: sensor.name for sensor in sensors}

    def find(self, type_: object, location: object) -> str:
        """Return the name of the sensor that sends these texts, or ``"unseen"``."""
        names, what, where = self._names, _key(type_), _key(location)
        for key in ((what, where), (None, where), (what, None)):
            if key != (None, None) and key in names:
                return names[key]
        return UNSEEN


def _key(text: object) -> str | None:
    return ("".join(map(str.lower, text)) or None) if isinstance(text, str) else None


def named_sensors(pairs: Iterable[tuple[str | None, str | None]]) -> tuple[Sensor, ...]:
    """Name the sensors that send these types and locations, in the order of their names."""
    by_key = {sensor.key: sensor for sensor in (Sensor("", *pair) for pair in pairs)}
    by_key.pop((None, None), None)
    taken: set[str] = {UNSEEN}  # without underscores
    sensors = []
    for key in sorted(by_key, key=lambda key: (key[1] or "", key[0] or "")):
        name = _unused(_name_of(by_key[key]), taken)
        taken.add(name.replace("_", ""))
        sensors.append(Sensor(name, by_key[key].type, by_key[key].location))
    return tuple(sorted(sensors, key=lambda sensor: sensor.name))


def _name_of(sensor: Sensor) -> str:
    """Make a name of the words and numbers of location and type."""
    text = unicodedata.normalize("NFKD", f"{sensor.location or ''} {sensor.type or ''}")
    parts = "".join(each if each.isascii() else " " for each in _bare(text))
    kept = "".join(each if each.isalnum() else " " for each in parts)
    words = [
        part.lower()
        for each in kept.split()
        for part in ([each] if any(map(str.isdigit, each)) else words_of(each))
    ]
    name = "_".join(words)[:_LONGEST_NAME].strip("_")
    return name if name[:1].isalpha() else f"sensor_{name}".strip("_")


def _bare(text: str) -> str:
    """Remove the accents of letters."""
    return "".join(each for each in text if not unicodedata.combining(each))


def _unused(name: str, taken: set[str]) -> str:
    number, unused = 1, name
    while unused.replace("_", "") in taken:
        number += 1
        unused = f"{name}_{number}"
    return unused
