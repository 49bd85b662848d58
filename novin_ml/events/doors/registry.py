"""The doors by which events come in from other programs: one record each."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from novin_ml.exceptions import InvalidEventError
from novin_ml.parameters import nearest
from novin_ml.plain import shown

if TYPE_CHECKING:
    import pandas as pd

    from novin_ml.events.doors.report import DoorReport

__all__ = ["DOORS", "Door", "find_door", "recognise"]

_HERE = "novin_ml.events.doors"


@dataclass(frozen=True)
class Door:
    """A program, or a format, whose history becomes events.

    Parameters
    ----------
    name : str
        Its command of ``novin-ml import``.
    title : str
        What it reads, for a list.
    recognised_by : str
        What its files are recognised by, for a list.
    module : str
        Module with the two functions, imported when one is called.
    reader : str, default="read"
        Name of the function that reads. It takes a path, and by name `home_id`, `consent`,
        `timezone`, `mapping` and `vocabulary`; it returns the events and a `DoorReport`.
    recogniser : str, default="recognise"
        Name of the function that takes a path, and returns in a few words by what it recognises
        the file, or None.
    needs_timezone : bool, default=False
        Whether the files never tell the time zone of the home.
    has_weak_labels : bool, default=False
        Whether the program hints at what events were.
    has_registries : bool, default=False
        Whether a folder beside the file may tell what the sensors are: the option `config`.

    Examples
    --------
    >>> from novin_ml.events.doors.registry import DOORS
    >>> DOORS["home-assistant"].title
    "Home Assistant's database, or its configuration folder"
    """

    name: str
    title: str
    recognised_by: str
    module: str
    reader: str = "read"
    recogniser: str = "recognise"
    needs_timezone: bool = False
    has_weak_labels: bool = False
    has_registries: bool = False

    def read(self, path: str | os.PathLike[str], **options: Any) -> tuple[pd.DataFrame, DoorReport]:
        """Read events by this door.

        Parameters
        ----------
        path : path
            What to read.
        **options
            Those of the reader.

        Returns
        -------
        events : DataFrame of shape (n_events, n_columns)
            The event table.
        report : DoorReport
            What was read, and what was not.
        """
        return self._function(self.reader)(path, **options)

    def recognise(self, path: str | os.PathLike[str]) -> str | None:
        """Tell by what a file is recognised.

        Parameters
        ----------
        path : path
            A file or a folder.

        Returns
        -------
        found : str or None
            In a few words; None if it is not of this door.
        """
        return self._function(self.recogniser)(path)

    def _function(self, name: str) -> Callable[..., Any]:
        function: Callable[..., Any] = getattr(import_module(self.module), name)
        return function


#: The doors by name, in the order in which `recognise` asks them.
DOORS: dict[str, Door] = {
    door.name: door
    for door in (
        Door(
            "home-assistant",
            "Home Assistant's database, or its configuration folder",
            "the tables states and recorder_runs of a database",
            f"{_HERE}.home_assistant.reading",
            reader="read_home_assistant",
            has_registries=True,
        ),
        Door(
            "frigate",
            "Frigate's database, the JSON of its API, or its messages",
            "objects with camera, label and start_time",
            f"{_HERE}.frigate.reading",
            reader="read_frigate",
            needs_timezone=True,
            has_weak_labels=True,
        ),
        Door(
            "ha-history",
            "Home Assistant's history (CSV, JSON) or logbook (JSON)",
            "states with entity_id and last_changed or when",
            f"{_HERE}.logs.states",
            needs_timezone=True,
        ),
        Door(
            "casas",
            "a log as those of CASAS",
            "lines of date, time, sensor and value",
            f"{_HERE}.logs.casas",
            needs_timezone=True,
        ),
        Door(
            "ring",
            "Ring's history (JSON)",
            "entries with kind and created_at",
            f"{_HERE}.logs.ring",
            needs_timezone=True,
        ),
        Door(
            "nest",
            "Nest's events (JSON lines of Smart Device Management)",
            "messages with resourceUpdate",
            f"{_HERE}.logs.nest",
            needs_timezone=True,
        ),
        Door(
            "zigbee2mqtt",
            "Zigbee2MQTT's messages (lines of mosquitto_sub)",
            "topics that begin with zigbee2mqtt/",
            f"{_HERE}.logs.zigbee2mqtt",
            needs_timezone=True,
        ),
    )
}


def find_door(name: str) -> Door:
    """Return the door of a name.

    Parameters
    ----------
    name : str
        A key of `DOORS`.

    Returns
    -------
    door : Door
        Its record.

    Raises
    ------
    InvalidEventError
        If there is none; the message offers the nearest.
    """
    if name not in DOORS:
        raise InvalidEventError(
            f"A door must be one of {', '.join(DOORS)}. Got {shown(name)}."
            f"{nearest(name, DOORS) or ' Correct it.'}"
        )
    return DOORS[name]


def recognise(path: str | os.PathLike[str]) -> tuple[Door, str]:
    """Find the door of a file.

    Parameters
    ----------
    path : path
        A file or a folder.

    Returns
    -------
    door : Door
        The first that recognises it.
    found : str
        By what.

    Raises
    ------
    InvalidEventError
        If none does.
    OSError
        If there is no such file.
    """
    if "://" not in os.fspath(path):
        os.stat(path)  # a path that is not there is told as one
    for door in DOORS.values():
        found = door.recognise(path)
        if found is not None:
            return door, found
    known = "; ".join(f"{door.title} by {door.recognised_by}" for door in DOORS.values())
    raise InvalidEventError(
        f"{os.fspath(path)} must be a file that a door recognises. Got one that none does. "
        f"Known are: {known}. Name the door, or read events in our own format with "
        "novin_ml.events.read_events."
    )
