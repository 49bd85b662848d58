"""Homes on disk: a folder for each, with its events and what was done when.

The layout of ``--data DIR``::

    DIR/
      NAME/
        events.jsonl    events as `novin_ml.events.read_events` reads them, one a line
        labels.csv      start,end,activity: a line for each activity (optional)

NAME is the home's. Times are seconds since 1970 or ISO 8601; of those without an offset from UTC,
and for the local day of an event that tells none, ``--timezone`` counts. An event stands for a time
in which its sensor was on if it has ``metadata.end``, or else ``metadata.duration``, in seconds.

Two folders that are shared beside the checkout are read in their own formats: ``ordonez``, two
homes with activities, and ``doors/home_a``, a home of Home Assistant without.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events import events_from_intervals, events_from_json, read_events

DAY = 86_400
N_FOLDS = 5
#: What somebody does of whom nothing else is known.
IDLE = "idle"

#: What a vendor of ordonez's sensors would call their events, and their rooms.
_TYPES = {"PIR": "motion", "Magnetic": "door_contact", "Pressure": "pressure", "Flush": "flush"}
_ROOMS = {"Living": "living_room", "Entrance": "front_door"}
_ORDONEZ_ZONE = "Europe/Madrid"


class Home(NamedTuple):
    """A home's log.

    Attributes
    ----------
    name : str
        Its name.
    events : DataFrame of shape (n_events, n_columns)
        The event table, in the order of time; every event has consent.
    activities : DataFrame of shape (n_activities, 3) or None
        ``start`` and ``end`` in seconds since 1970, and ``activity``, in the order of starts; None
        if nobody noted any.
    """

    name: str
    events: pd.DataFrame
    activities: pd.DataFrame | None


def read_homes(folder: Path, timezone: str = "UTC") -> list[Home]:
    """Read all homes of a folder, in the order of their names.

    Raises
    ------
    FileNotFoundError
        If the folder has no home.
    """
    homes = [_of_folder(path.parent, timezone) for path in sorted(folder.glob("*/events.jsonl"))]
    if (folder / "events.jsonl").exists():
        homes.append(_of_folder(folder, timezone))
    if (folder / "ordonez").is_dir():
        homes += [_ordonez(folder / "ordonez", letter) for letter in "AB"]
    if (folder / "doors" / "home_a").is_dir():
        homes.append(_home_a(folder / "doors" / "home_a"))
    if not homes:
        raise FileNotFoundError(
            f"The folder of real homes must have a folder with events.jsonl for each. Got {folder} "
            "without any. See the first lines of benchmarks/real_homes/_layout.py."
        )
    return homes


def activity_at(times: np.ndarray, activities: pd.DataFrame) -> np.ndarray:
    """Return what was done at each time: of several activities the latest begun, or `IDLE`."""
    start, end = (activities[name].to_numpy() for name in ("start", "end"))
    names = activities["activity"].to_numpy(dtype=object)
    found = np.full(len(times), IDLE, dtype=object)
    for row, time in enumerate(times.tolist()):
        here = np.flatnonzero((start <= time) & (time <= end))
        if len(here):
            found[row] = names[here[-1]]
    return found


def local_days(times: np.ndarray, utc_offset: np.ndarray) -> np.ndarray:
    """Return the number of the local day of each time, since 1 January 1970."""
    known = np.where(np.isnan(utc_offset), 0, utc_offset)
    return np.floor((times + known) / DAY).astype(np.int64)


def _of_folder(folder: Path, timezone: str) -> Home:
    events = read_events(folder / "events.jsonl", timezone=timezone, strict=True)
    path = folder / "labels.csv"
    activities = None
    if path.exists():
        noted = pd.read_csv(path, dtype=object)
        activities = _activities(noted[["start", "end"]].map(_number), noted["activity"], timezone)
    return _home(folder.name, events, activities)


def _home(name: str, events: pd.DataFrame, activities: pd.DataFrame | None) -> Home:
    events = events.assign(home_id=name, consent=True)
    return Home(name, events.sort_values("timestamp", kind="stable", ignore_index=True), activities)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _activities(times: pd.DataFrame, names: pd.Series, timezone: str) -> pd.DataFrame:
    """Return activities whose ends are known and not before their starts."""
    table, _ = events_from_intervals(
        times.assign(activity=names), start="start", end="end", type="activity", timezone=timezone
    )
    begun = table["timestamp"].to_numpy()
    known = pd.DataFrame(
        {
            "start": begun,
            "end": begun + table["duration"].to_numpy(dtype=np.float64),
            "activity": table["type"].to_numpy(dtype=object),
        }
    )
    return known.dropna().sort_values("start", kind="stable", ignore_index=True)


def _ordonez(folder: Path, letter: str) -> Home:
    rows = _cells(folder / f"Ordonez{letter}_Sensors.txt")
    sensors = pd.DataFrame(rows, columns=["start", "end", "location", "type", "place"])
    places = sensors["place"].map(lambda name: _ROOMS.get(name, name))
    sensors["type"] = sensors["type"].map(lambda name: _TYPES.get(name, name))
    sensors["location"] = places + " " + sensors["location"]
    events, _ = events_from_intervals(
        sensors, start="start", end="end", type="type", location="location",
        timezone=_ORDONEZ_ZONE, consent=True,
    )  # fmt: skip
    done = pd.DataFrame(
        _cells(folder / f"Ordonez{letter}_ADLs.txt"), columns=["start", "end", "activity"]
    )
    activities = _activities(done[["start", "end"]], done["activity"], _ORDONEZ_ZONE)
    return _home(f"ordonez {letter}", events, activities)


def _cells(path: Path) -> list[list[str]]:
    """Return the cells of each line below the two of the header."""
    text = path.read_text(encoding="utf-8")
    return [re.split(r"\s*\t\s*", line.strip()) for line in text.splitlines()[2:] if line.strip()]


def _home_a(folder: Path) -> Home:
    table = pd.read_csv(folder / "expected_events.csv")
    objects = [
        {
            "type": f"{row.kind} {row.entity_id}",
            "timestamp": row.timestamp,
            "utc_offset": row.utc_offset,
            "metadata": {
                name: value
                for name in ("location", "home_mode", "duration")
                if not pd.isna(value := getattr(row, name))
            },
        }
        for row in table.itertuples()
    ]
    events = events_from_json(json.dumps(objects), strict=True)
    return _home("home_a", events.assign(kind=table["kind"].astype(events["kind"].dtype)), None)
