"""Household: the residents of a home, their habits and their sensors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.homes import Homes, draw_homes
from novin_ml.simulation.months.local_time import TIME_ZONES
from novin_ml.simulation.vendors import ZONE_NAMES

#: Rooms with motion sensors, and how often a home has one there.
ROOMS = {"living_room": 0.85, "kitchen": 0.75, "hallway": 0.85, "bedroom": 0.55}

Sensor = tuple[str, str]  # kind and zone

_DOORS = {"front_door": 0.95, "back_door": 0.7, "garage": 0.45, "side_door": 0.15}
_WINDOWS = {"kitchen": 0.55, "living_room": 0.55, "bedroom": 0.55}
_NEVER_OPENED = 0.4  # of the windows
_ROLES = {"commuter": 0.5, "at_home": 0.18, "pupil": 0.22, "shifts": 0.1}


@dataclass(frozen=True)
class Resident:
    """Habits of one person, in local hours.

    Attributes
    ----------
    wakes, sleeps : float
        Hours of getting up and of going to bed on workdays; past midnight is above 24.
    weekend : float
        Hours by which both are later on days off.
    leaves, returns : float
        Hours of leaving and returning on workdays; NaN for people who stay at home.
    workdays : ndarray of shape (7,), bool
        Days of the week, Monday first.
    jitter : float
        Standard deviation of these hours from day to day, in hours.
    outings : float
        Chance of going out on a day off; on the evening of a workday it is a third of that.
    restless : float
        How often the person gets up in a night, on average.
    activity : float
        Moves per hour awake at home that sensors can see.
    """

    wakes: float
    sleeps: float
    weekend: float
    leaves: float
    returns: float
    workdays: np.ndarray
    jitter: float
    outings: float
    restless: float
    activity: float


@dataclass(frozen=True)
class Household:
    """One home with its residents and sensors.

    Attributes
    ----------
    traits : Homes
        One row: vendor, consent, cats, wind and zones outside.
    time_zone : str
    residents : tuple of Resident
    sensors : tuple of (str, str)
        Kind and zone of each sensor, or of each thing that a camera recognises.
    unopened : frozenset of str
        Zones of the windows that nobody opens.
    taste : ndarray of shape (3, 4)
        Chances of the rooms, in the order of `ROOMS`, in the morning, at day and in the evening.
    sets_modes : float
        Chance that somebody remembers to set the mode.
    """

    traits: Homes
    time_zone: str
    residents: tuple[Resident, ...]
    sensors: tuple[Sensor, ...]
    unopened: frozenset[str]
    taste: np.ndarray
    sets_modes: float

    def zone(self, trait: str) -> str:
        """Return the name of the zone in a field of `traits`."""
        return ZONE_NAMES[int(getattr(self.traits, trait)[0])]


def draw_household(rng: np.random.Generator) -> Household:
    """Draw a home."""
    traits = draw_homes(rng, 1)
    time_zone = str(rng.choice(TIME_ZONES))
    n_residents = 1 + int(rng.choice(5, p=(0.26, 0.34, 0.18, 0.16, 0.06)))
    residents = tuple(draw_resident(rng, first=number == 0) for number in range(n_residents))
    sensors, unopened = _draw_sensors(rng, traits)
    base = np.array([[0.1, 0.4, 0.25, 0.25], [0.35, 0.3, 0.25, 0.1], [0.5, 0.25, 0.2, 0.05]])
    taste = np.array([rng.dirichlet(12 * row) for row in base])
    # Some homes never set modes, most sometimes forget to.
    sets_modes = float(rng.choice((0.0, 0.8, 0.93, 0.99), p=(0.12, 0.2, 0.38, 0.3)))
    return Household(traits, time_zone, residents, sensors, unopened, taste, sets_modes)


def draw_resident(rng: np.random.Generator, *, first: bool = False) -> Resident:
    """Draw a person; the first of a home is not a child."""
    shares = np.array([*_ROLES.values()])
    if first:
        shares[[*_ROLES].index("pupil")] = 0
    role = str(rng.choice([*_ROLES], p=shares / shares.sum()))
    away = role != "at_home"
    leaves = {"commuter": 8.0, "pupil": 7.6, "shifts": rng.choice((5.3, 13.2)), "at_home": np.nan}
    out = {"commuter": 9.2, "pupil": 7.5, "shifts": 8.9, "at_home": np.nan}
    starts = leaves[role] + 0.6 * rng.standard_normal()
    wakes = min(starts - rng.uniform(0.6, 1.6), 8.5) if away else rng.normal(7.4, 0.9)
    workdays = np.arange(7) < 5
    if role == "shifts":
        workdays = np.isin(np.arange(7), rng.choice(7, 5, replace=False))
    elif role == "commuter" and rng.random() < 0.4:  # a day or two at home each week
        workdays &= ~np.isin(np.arange(7), rng.choice(5, rng.integers(1, 3), replace=False))
    return Resident(
        wakes=wakes,
        sleeps=wakes + rng.normal(16.0, 0.5),
        weekend=max(rng.normal(1.1, 0.7), 0.0),
        leaves=starts,
        returns=starts + out[role] + 0.5 * rng.standard_normal(),
        workdays=workdays,
        jitter=rng.uniform(0.12, 0.55),
        outings=rng.uniform(0.3, 0.9),
        restless=rng.gamma(1.2, 0.35),
        activity=rng.uniform(1.2, 2.6),
    )


def _draw_sensors(
    rng: np.random.Generator, traits: Homes
) -> tuple[tuple[Sensor, ...], frozenset[str]]:
    def some(chances: dict[str, float]) -> list[str]:
        return [name for name, chance in chances.items() if rng.random() < chance]

    entry, approach, back, bell = (
        ZONE_NAMES[int(getattr(traits, f"{name}_zone")[0])]
        for name in ("entry", "approach", "back", "bell")
    )
    rooms = some(ROOMS)
    rooms += [room for room in ("living_room", "hallway") if len(rooms) < 2 and room not in rooms]
    windows = some(_WINDOWS)
    sensors = [("motion", room) for room in rooms]
    sensors += [("door", zone) for zone in some(_DOORS)]
    sensors += [("window", zone) for zone in windows]
    outside = some({entry: 0.9, approach: 0.7, back: 0.65, "garage": 0.3})
    sensors += [("motion", zone) for zone in outside]
    sensors += [("doorbell", zone) for zone in some({bell: 0.85})]
    if traits.sees_vehicles[0]:
        sensors.append(("vehicle", approach))
    sensors += [("sound", zone) for zone in some({"living_room": 0.4, "bedroom": 0.1})]
    sensors += [("face", zone) for zone in some({entry: 0.3})]
    # Cameras outside recognise animals, and so does one in five sensors in rooms.
    sensors += [("pet", zone) for zone in outside if zone in (back, approach)]
    sensors += [("pet", room) for room in rooms if rng.random() < 0.2]
    unopened = frozenset(zone for zone in windows if rng.random() < _NEVER_OPENED)
    return tuple(dict.fromkeys(sensors)), unopened
