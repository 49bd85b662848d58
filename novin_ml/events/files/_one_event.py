"""One event as the SDK sends it, checked by the rules by which files are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from novin_ml.events.files._chunk import show
from novin_ml.events.files._json import EVENT, _Collector
from novin_ml.events.files.reading import _check
from novin_ml.exceptions import InvalidEventError


def checked_columns(event: Any, timezone: ZoneInfo) -> dict[str, np.ndarray]:
    """Check an event.

    Parameters
    ----------
    event : dict
        As JSON has it; numbers may be numpy's.
    timezone : ZoneInfo
        Time zone of an event that tells no offset from UTC.

    Returns
    -------
    columns : dict of array, each of shape (1,)
        Its fields, by name, in their types.

    Raises
    ------
    InvalidEventError
        If it breaks a rule.
    """
    if not isinstance(event, Mapping) or "events" in event:
        got = show(event) if not isinstance(event, Mapping) else "a request, which holds several"
        raise InvalidEventError(
            f"What is sent must be {EVENT}. Got {got} instead. Send one event at a time, as a dict."
        )
    event = {key: _plain(value) for key, value in event.items()}
    metadata = event.get("metadata")
    if isinstance(metadata, Mapping):
        event["metadata"] = {key: _plain(value) for key, value in metadata.items()}
    collector = _Collector()
    collector.add(event, 1, "", None)
    columns, broken, _ = _check(collector.chunk(), "", timezone)
    if broken:
        raise InvalidEventError(
            f"The {broken[0].field} of an event must be {broken[0].expected}. "
            f"Got {broken[0].got} instead. Correct it or leave the event out."
        )
    return columns


def _plain(value: Any) -> Any:
    """Return a number of numpy as JSON has it."""
    return value.item() if isinstance(value, (np.number, np.bool_)) else value
