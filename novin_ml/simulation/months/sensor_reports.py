"""Reports: what the sensors of one home send of the events that they see."""

from __future__ import annotations

import numpy as np
import pandas as pd

from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import Columns
from novin_ml.simulation.event_table import NO_LOCATION, NO_MODE, draw_confidences
from novin_ml.simulation.months.household import Household
from novin_ml.simulation.months.local_time import LocalTime
from novin_ml.simulation.vendors import KIND_NAMES, ZONE_NAMES, spell_locations, spell_types

# Mean confidences of sensors that may err; that of the others is 0.95.
_CONFIDENCE = {"motion": 0.8, "sound": 0.7, "pet": 0.7, "face": 0.75}

#: Kinds that are open for a while: the median of the seconds, and the spread of their logarithm.
_OPEN = (("door", 12.0, 1.0), ("window", 1_200.0, 0.9))


def is_ready(
    time: np.ndarray, sensor: np.ndarray, home: Household, cooldown: np.ndarray
) -> np.ndarray:
    """Tell which events are reported: none while the sensor still sees the one before.

    Parameters
    ----------
    time : ndarray of shape (n_events,)
        Local hours.
    sensor : ndarray of shape (n_events,), int
        Positions in the sensors of the home.
    home : Household
        The home.
    cooldown : ndarray of shape (n_sensors,)
        Hours for which a sensor reports nothing after an event. Doors, windows and doorbells
        report every second.

    Returns
    -------
    ready : ndarray of shape (n_events,), bool
    """
    switch = np.array([kind in ("door", "window", "doorbell") for kind, _ in home.sensors])
    shortest = np.where(switch, 1.0 / 3600, cooldown)
    order = np.lexsort((time, sensor))
    apart = np.diff(time[order], prepend=-np.inf) >= shortest[sensor[order]]
    first = np.diff(sensor[order], prepend=-1) != 0
    ready = np.empty(len(time), dtype=bool)
    ready[order] = apart | first
    return ready


def draw_ends(rng: np.random.Generator, columns: Columns) -> np.ndarray:
    """Draw when each event of a home ended, in its columns as an event table has them.

    A door stays open for seconds, a window for minutes, both log-normal, and at most until it is
    opened again by the same people. A motion ends after its duration; other events tell no end
    (NaN).
    """
    begin = columns["timestamp"]
    open_for = np.full(len(begin), np.nan)
    for kind, median, spread in _OPEN:
        is_kind = columns["kind"] == KIND_NAMES.index(kind)
        open_for[is_kind] = lognormal(rng, int(is_kind.sum()), median, spread)
    again = np.full(len(begin), np.inf)
    order = np.lexsort((begin, columns["zone"], columns["kind"]))
    is_same = np.diff(columns["kind"][order]) == 0
    is_same &= np.diff(columns["zone"][order]) == 0
    again[order[:-1][is_same]] = begin[order[1:][is_same]]
    ends = np.maximum(np.round(np.minimum(begin + open_for, again), 3), begin)
    return np.where(np.isnan(ends), begin + columns["duration"], ends)


def report(
    rng: np.random.Generator,
    home: Household,
    clock: LocalTime,
    events: Columns,
    mode: np.ndarray,
) -> Columns:
    """Return what the sensors send of events.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    home : Household
        The home.
    clock : LocalTime
        Its local time.
    events : dict of ndarray
        Columns of `HomeLog`.
    mode : ndarray of shape (n_events,), int
        Modes that are set then, as positions in `HOME_MODES`.

    Returns
    -------
    columns : dict of ndarray
        Columns of an event table; kinds, zones and modes are codes.
    """
    time, sensor = events["time"], events["sensor"]
    n = len(time)
    vendor = np.full(len(home.sensors), home.traits.vendor[0])
    kinds = [kind for kind, _ in home.sensors]
    types = spell_types(np.array([KIND_NAMES.index(kind) for kind in kinds]), vendor)
    zones = np.array([ZONE_NAMES.index(zone) for _, zone in home.sensors])
    # The last one is for events whose location was lost.
    locations = np.array([*spell_locations(zones, vendor), None], dtype=object)
    found = DEFAULT_VOCABULARY.columns_of(
        pd.Series(types, dtype=object), pd.Series(locations, dtype=object)
    )
    place = np.where(chance(rng, n, NO_LOCATION), len(zones), sensor)
    usual = np.array([_CONFIDENCE.get(kind, 0.95) for kind in kinds])[sensor]
    confidence = draw_confidences(rng, usual)
    no_mode = chance(rng, n, NO_MODE) | ~home.traits.sends_mode[0]
    motion = np.array([kind == "motion" for kind in kinds])[sensor]
    duration = np.round(lognormal(rng, n, 9.0, 0.6), 1)
    energy = np.clip(lognormal(rng, n, 0.4, 0.35), 0, 1)
    timestamp, utc_offset = clock.to_utc(time)
    return {
        "type": types[sensor],
        "kind": found["kind"].cat.codes.to_numpy()[sensor],
        "timestamp": timestamp,
        "utc_offset": utc_offset,
        "confidence": confidence,
        "location": locations[place],
        "zone": found["zone"].cat.codes.to_numpy()[place],
        "home_mode": np.where(no_mode, -1, mode),
        "duration": np.where(motion & home.traits.sends_duration[0], duration, np.nan),
        "energy": np.where(motion, np.round(energy, 4), np.nan),
        "consent": np.full(n, home.traits.consent[0]),
    }
