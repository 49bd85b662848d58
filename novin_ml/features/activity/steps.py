"""Events as steps of an activity history: a sensor, with an end or a state if known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events.vocabulary.naming import sensor_name

#: Columns of the event table that are read; those of `OPTIONAL` if they are there.
ACTIVITY_INPUTS = ("home_id", "timestamp", "utc_offset", "type", "kind", "location", "duration")
OPTIONAL = ("state", "end")

_DOORS = frozenset({"door", "window"})
_BEGIN, _END = frozenset({"on", "open"}), frozenset({"off", "closed"})


class Step(NamedTuple):
    """The parts of an event that a history uses.

    Attributes
    ----------
    time, offset : int
        Milliseconds since 1970, and by which local time is ahead.
    sensor : str
        Name of the sensor.
    is_door : bool
        Whether it is a door or a window.
    begins : bool
        Whether the sensor comes on; an event that ends an activation does not.
    ends : bool
        Whether the sensor goes off.
    end : int or None
        When what begins will have ended; None if that is not known yet.
    stays : bool
        Whether the sensor stays on until it goes off.
    """

    time: int
    offset: int
    sensor: str
    is_door: bool
    begins: bool
    ends: bool
    end: int | None
    stays: bool


def step_of(row: Mapping[str, Any]) -> Step:
    """Turn a row of an event table, as `read_event` returns it, into a step."""
    time = round(row["timestamp"] * 1000)
    offset, duration, end = row["utc_offset"], row["duration"], row.get("end")
    state = row.get("state")
    known: int | None = None
    if end is not None and end == end:
        known = round(end * 1000)
    elif duration == duration:
        known = time + round(duration * 1000)
    ends = state in _END
    return Step(
        time,
        round(offset * 1000) if offset == offset else 0,
        sensor_name(row["type"], row["location"], row["kind"]),
        row["kind"] in _DOORS,
        not ends,
        ends,
        None if ends else known,
        known is None and state in _BEGIN,
    )


def is_end(events: pd.DataFrame) -> np.ndarray:
    """Tell which events end an activation: they have no row of their own."""
    if "state" not in events.columns:
        return np.zeros(len(events), dtype=bool)
    return events["state"].isin(_END).to_numpy(dtype=bool)


def steps_of(events: pd.DataFrame) -> Iterator[Step]:
    """Turn a checked event table into steps, in its order."""
    names = [name for name in (*ACTIVITY_INPUTS, *OPTIONAL) if name in events.columns]
    columns: dict[str, list[Any]] = {}
    for name in names:
        values = np.array(events[name].astype(object), dtype=object)
        if name in ("type", "kind", "location", "state"):
            values[pd.isna(values)] = None
        columns[name] = values.tolist()
    for row in zip(*columns.values(), strict=True):
        yield step_of(dict(zip(columns, row, strict=True)))
