"""Doors: the history that other programs keep becomes events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from novin_ml.lazy import names_on_demand

if TYPE_CHECKING:
    from novin_ml.events.doors.frigate.reading import read_frigate
    from novin_ml.events.doors.home_assistant.reading import read_home_assistant
    from novin_ml.events.doors.mapping import DoorMapping, Mapped
    from novin_ml.events.doors.registry import DOORS, Door, find_door, recognise
    from novin_ml.events.doors.report import DoorReport, NotRead, SensorRead, WeakLabel

__all__ = [
    "DOORS",
    "Door",
    "DoorMapping",
    "DoorReport",
    "Mapped",
    "NotRead",
    "SensorRead",
    "WeakLabel",
    "find_door",
    "read_frigate",
    "read_home_assistant",
    "recognise",
]

__getattr__, __dir__ = names_on_demand(
    __name__,
    {
        "read_frigate": "novin_ml.events.doors.frigate.reading",
        "read_home_assistant": "novin_ml.events.doors.home_assistant.reading",
        "DoorMapping": "novin_ml.events.doors.mapping",
        "Mapped": "novin_ml.events.doors.mapping",
        "DOORS": "novin_ml.events.doors.registry",
        "Door": "novin_ml.events.doors.registry",
        "find_door": "novin_ml.events.doors.registry",
        "recognise": "novin_ml.events.doors.registry",
        "DoorReport": "novin_ml.events.doors.report",
        "NotRead": "novin_ml.events.doors.report",
        "SensorRead": "novin_ml.events.doors.report",
        "WeakLabel": "novin_ml.events.doors.report",
    },
)
