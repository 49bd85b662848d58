"""The rails of all doors: columns that a reader filled become a checked event table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.doors.mapping import DoorMapping
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.report import ReadReport
from novin_ml.events.files.table import check_chunks
from novin_ml.events.shown import show
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import shown

__all__ = ["checked_mapping", "door_vocabulary", "events_of_door", "location_in", "require_home"]

_CHUNK_EVENTS = 100_000
_MOST_LETTERS = 200


def door_vocabulary(vocabulary: Vocabulary | None) -> Vocabulary:
    """Return the vocabulary to read by: None is that of real homes."""
    return Vocabulary.home() if vocabulary is None else checked_vocabulary(vocabulary)


def checked_mapping(
    mapping: DoorMapping | None, vocabulary: Vocabulary | None
) -> tuple[Vocabulary, DoorMapping]:
    """Return the vocabulary to read by and the mapping, which names only what it has."""
    known = door_vocabulary(vocabulary)
    if mapping is not None and not isinstance(mapping, DoorMapping):
        raise InvalidEventError(
            "The 'mapping' parameter must be a novin_ml.events.doors.DoorMapping or None. Got "
            f"{shown(mapping)} instead. Read a file with DoorMapping.from_toml."
        )
    mapping = DoorMapping() if mapping is None else mapping
    mapping.check(known)
    return known, mapping


def require_home(home_id: Any) -> str:
    """Return the id of the home that the caller names, or refuse it."""
    if not isinstance(home_id, str) or not home_id.strip():
        raise InvalidEventError(
            f"The 'home_id' parameter must be a text that names the home. Got {show(home_id)} "
            "instead. Choose one, such as 'home-1'."
        )
    return home_id


def location_in(zone: str | None, name: str | None, vocabulary: Vocabulary) -> str | None:
    """Return a location that the vocabulary reads as a zone, with the name of the sensor in it.

    Parameters
    ----------
    zone : str or None
        The zone that a mapping says. None leaves the name as it is.
    name : str or None
        Name of the sensor, in the words of its program.
    vocabulary : Vocabulary
        That of the events.

    Returns
    -------
    location : str or None
        The name alone if it means the zone, else with the zone after it, else the zone alone.
    """
    if name is not None:
        name = name[:_MOST_LETTERS]
    if zone is None:
        return name
    for text in (name, None if name is None else f"{name} ({zone})"):
        if text is not None and len(text) <= _MOST_LETTERS and vocabulary.zone_of(text) == zone:
            return text
    return zone


def events_of_door(
    values: Mapping[str, Sequence[Any] | np.ndarray],
    *,
    source: str,
    home_id: str,
    consent: bool,
    timezone: str,
    vocabulary: Vocabulary,
    lines: Sequence[int] | np.ndarray | None = None,
) -> tuple[pd.DataFrame, ReadReport]:
    """Check the columns that a door filled by the table of fields, and make the event table.

    Parameters
    ----------
    values : dict
        By field of `EVENT_FIELDS`, the values of all events: a list with None where missing, or a
        float array with NaN. `type` and `timestamp` are needed.
    source : str
        Name of the file, for the rejects.
    home_id : str
        The home of all events.
    consent : bool
        Whether it lets them be trained on.
    timezone : str
        IANA name of its time zone.
    vocabulary : Vocabulary
        Of the events.
    lines : sequence of int or None
        Line of each event, for the rejects; None counts the events from 1.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table, in the order of the values.
    report : ReadReport
        Counts and rejects.
    """
    n_events = len(values["timestamp"])
    places = np.arange(1, n_events + 1) if lines is None else np.asarray(lines)

    def chunks() -> Iterator[tuple[str, Chunk]]:
        for begin in range(0, n_events, _CHUNK_EVENTS):
            part = slice(begin, begin + _CHUNK_EVENTS)
            length = len(places[part])
            columns: dict[str, Any] = {name: column[part] for name, column in values.items()}
            columns |= {"home_id": [home_id] * length, "consent": [consent] * length}
            yield source, Chunk(places[part], columns, names=tuple(values))

    return check_chunks(chunks(), find_timezone(timezone), strict=False, vocabulary=vocabulary)
