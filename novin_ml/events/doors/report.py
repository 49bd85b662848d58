"""What a door read, what it did not read, and what would map it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from novin_ml.events.files.report import ReadReport
from novin_ml.plain import plural

__all__ = ["DoorReport", "NotRead", "SensorRead", "WeakLabel"]


class SensorRead(NamedTuple):
    """A sensor whose events were read.

    Parameters
    ----------
    name : str
        Its name in the program, by which the mapping names it.
    kind, zone : str
        Of its events.
    location : str
        Location of its events.
    n_events : int
        Its number of events.
    kind_from, zone_from : str
        What told the kind and the zone, such as ``"device class motion"``.
    shortest : float or None
        Shortest duration in seconds, which is near the hold time of the sensor.
    area : str or None
        Name of its area, or of another group that a mapping can name.
    """

    name: str
    kind: str
    zone: str
    location: str
    n_events: int
    kind_from: str
    zone_from: str
    shortest: float | None = None
    area: str | None = None


class NotRead(NamedTuple):
    """A sensor that was not read.

    Parameters
    ----------
    name : str
        Its name in the program.
    reason : str
        Why it was not read.
    n_active : int
        How often it was active.
    remedy : str
        The line of a mapping that would have it read.
    """

    name: str
    reason: str
    n_active: int
    remedy: str


class WeakLabel(NamedTuple):
    """A hint of a program at what something was: nobody confirmed it.

    Parameters
    ----------
    timestamp : float
        When it began, in seconds since 1970.
    sensor : str
        Name of the sensor that saw it.
    label : str
        What it may have been, such as ``"delivery"``.
    by : str
        What hints at it.
    is_event : bool
        Whether it is an event of the table, whose row has the same in `weak_label`.
    """

    timestamp: float
    sensor: str
    label: str
    by: str
    is_event: bool


@dataclass(frozen=True)
class DoorReport:
    """What a door read, and what it did not.

    Parameters
    ----------
    door : str
        Name of the door.
    read : ReadReport
        Counts and rejects of the events.
    sensors : tuple of SensorRead
        The sensors that were read, those of the most events first.
    not_read : tuple of NotRead
        The sensors that were not, those of the most phases first.
    not_events : dict of str to int
        Rows that look like an event and are none, by reason.
    notes : tuple of str
        Sentences on what could be better, for a person.
    timezone : str or None
        IANA name of the time zone that the events were read by.
    weak_labels : tuple of WeakLabel
        Hints at what events were, in the order of time.
    mode_from : str or None
        What told the mode of the home; None if nothing did.
    """

    door: str
    read: ReadReport
    sensors: tuple[SensorRead, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    not_events: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    timezone: str | None = None
    weak_labels: tuple[WeakLabel, ...] = ()
    mode_from: str | None = None

    @property
    def unknown_locations(self) -> dict[str, int]:
        """Numbers of events by location, of those whose zone stayed unknown."""
        counts: dict[str, int] = {}
        for sensor in self.sensors:
            if sensor.zone == "unknown":
                counts[sensor.location] = counts.get(sensor.location, 0) + sensor.n_events
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    def __str__(self) -> str:
        active = [sensor for sensor in self.not_read if sensor.n_active]
        return (
            f"{self.read}; {plural(len(self.sensors), 'sensor')} read, "
            f"{len(self.not_read):,} not ({len(active):,} of them were active)"
        )
