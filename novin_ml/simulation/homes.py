"""Simulated homes: their zones, their sensors, and when people are out."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.signals.motion_styles import SAMPLE_RATE
from novin_ml.simulation.vendors import N_VENDORS, ZONE_NAMES

#: Seconds of a day.
DAY = 86_400.0
#: When simulations begin, in local seconds since 1970: Monday, 30 December 2024, 00:00.
EPOCH = 1_735_516_800.0

#: Chances that a home has not consented, and that its people are on vacation.
NO_CONSENT, VACATION = 0.03, 0.04

_DROP_ZONES = {"front_door": 0.42, "porch": 0.38, "side_door": 0.1, "garage": 0.1}
_APPROACH_ZONES = {"driveway": 0.45, "front_yard": 0.35, "street": 0.2}
_BACK_ZONES = {"backyard": 0.5, "deck": 0.2, "side_yard": 0.15, "back_door": 0.15}
_INSIDE_ZONES = {"hallway": 0.4, "living_room": 0.35, "kitchen": 0.25}
_UTC_OFFSETS = 3600.0 * np.array([-8, -7, -6, -5, 0, 1, 2])


@dataclass(frozen=True)
class Homes:
    """Homes as columns: element i of every array belongs to home i.

    Zones are positions in `ZONE_NAMES`; probabilities and rates are per visit and per day.
    """

    position: np.ndarray  # number of the home, from 0; `at` keeps it
    utc_offset: np.ndarray  # seconds
    consent: np.ndarray
    entry_zone: np.ndarray  # where parcels are left and people stand
    bell_zone: np.ndarray  # location that the doorbell reports
    approach_zone: np.ndarray  # where people walk before they reach the entry
    back_zone: np.ndarray
    inside_zone: np.ndarray
    sees_approach: np.ndarray
    sees_vehicles: np.ndarray
    sees_inside: np.ndarray
    has_door_sensor: np.ndarray
    gain: np.ndarray  # sensitivity at the distance of the sensor
    floor: np.ndarray  # noise of the sensor
    sample_rate: np.ndarray
    sends_raw: np.ndarray
    sends_duration: np.ndarray
    sends_mode: np.ndarray
    vendor: np.ndarray  # position of the vendor; see `vendors`
    leaves: np.ndarray  # hour at which the home empties on weekdays
    returns: np.ndarray
    works_at_home: np.ndarray
    on_vacation: np.ndarray
    courier_hour: np.ndarray  # hour at which couriers usually come here
    rings: np.ndarray  # chance that a courier rings here at all
    cats: np.ndarray
    wind: np.ndarray

    def __len__(self) -> int:
        return len(self.utc_offset)

    def at(self, home: np.ndarray) -> Self:
        """Return the rows of these homes, repeated as often as they appear."""
        return type(self)(**{f.name: getattr(self, f.name)[home] for f in fields(self)})

    def to_utc(self, home: np.ndarray, local: np.ndarray) -> np.ndarray:
        """Return seconds since 1970, in whole milliseconds, from local seconds since `EPOCH`."""
        return np.round(EPOCH + local - self.utc_offset[home], 3)


def _choose(rng: np.random.Generator, n: int, weights: dict[str, float]) -> np.ndarray:
    codes = np.array([ZONE_NAMES.index(name) for name in weights])
    return rng.choice(codes, n, p=np.array([*weights.values()]))


def draw_homes(rng: np.random.Generator, n: int) -> Homes:
    """Draw `n` homes."""
    entry = _choose(rng, n, _DROP_ZONES)
    raw = chance(rng, n, 0.88)
    drawn: dict[str, Any] = {
        "position": np.arange(n),
        "utc_offset": rng.choice(_UTC_OFFSETS, n),
        "consent": ~chance(rng, n, NO_CONSENT),
        "entry_zone": entry,
        "bell_zone": np.where(chance(rng, n, 0.88), entry, ZONE_NAMES.index("front_door")),
        "approach_zone": _choose(rng, n, _APPROACH_ZONES),
        "back_zone": _choose(rng, n, _BACK_ZONES),
        "inside_zone": _choose(rng, n, _INSIDE_ZONES),
        "sees_approach": chance(rng, n, 0.7),
        "sees_vehicles": chance(rng, n, 0.88),
        "sees_inside": chance(rng, n, 0.5),
        "has_door_sensor": chance(rng, n, 0.85),
        "gain": lognormal(rng, n, 1.0, 0.13),
        "floor": rng.uniform(0.005, 0.03, n),
        "sample_rate": np.full(n, SAMPLE_RATE),
        "sends_raw": raw,
        "sends_duration": chance(rng, n, 0.85) | ~raw,
        "sends_mode": chance(rng, n, 0.9),
        "vendor": rng.integers(N_VENDORS, size=n),
        "leaves": 8.2 + 0.7 * rng.standard_normal(n),
        "returns": 17.6 + 1.0 * rng.standard_normal(n),
        "works_at_home": chance(rng, n, 0.35),
        "on_vacation": chance(rng, n, VACATION),
        "courier_hour": 13.0 + 1.3 * rng.standard_normal(n),
        "rings": rng.beta(3.0, 2.0, n),
        "cats": rng.gamma(1.5, 1 / 1.5, n),
        "wind": rng.gamma(1.5, 1 / 1.5, n),
    }
    return Homes(**drawn)


def home_name(number: int, draw: str = "") -> str:
    """Return the `home_id` of the home of a number, from 0, of a draw (see `draw_name`)."""
    return f"home_{f'{draw}_' if draw else ''}{number + 1:04d}"


def home_names(n: int, draw: str = "") -> np.ndarray:
    """Return the `home_id` of each of `n` homes."""
    return np.array([home_name(number, draw) for number in range(n)], dtype=object)


def is_at_work(homes: Homes, local: np.ndarray, hour: np.ndarray) -> np.ndarray:
    """Tell in which homes everybody is at work.

    Parameters
    ----------
    homes : Homes
        Home of each time.
    local : ndarray of shape (n,)
        Local seconds since `EPOCH`, for the day of the week.
    hour : ndarray of shape (n,)
        Local hour of the day, 0..24.
    """
    weekday = local // DAY % 7 < 5
    return weekday & ~homes.works_at_home & (hour > homes.leaves) & (hour < homes.returns)


def is_empty(homes: Homes, local: np.ndarray) -> np.ndarray:
    """Tell which homes are empty at local seconds since `EPOCH`: at work, or on vacation."""
    return is_at_work(homes, local, local / 3600 % 24) | homes.on_vacation


def draw_modes(rng: np.random.Generator, homes: Homes, local: np.ndarray) -> np.ndarray:
    """Draw the modes that people have set; the hours vary from day to day.

    Parameters
    ----------
    rng : Generator
        Source of randomness.
    homes : Homes
        Home of each time.
    local : ndarray of shape (n,)
        Local seconds since `EPOCH`.

    Returns
    -------
    modes : ndarray of shape (n,), object
        ``"home"``, ``"away"``, ``"night"`` or ``"vacation"``.
    """
    days, day = np.unique(homes.position * 100_000 + local // DAY, return_inverse=True)
    hour = local / 3600 % 24 + 0.7 * rng.standard_normal(len(days))[day]
    modes = np.where(is_at_work(homes, local, hour), "away", "home").astype(object)
    modes[(hour < 6.3) | (hour > 23.2)] = "night"
    modes[homes.on_vacation] = "vacation"
    return modes
