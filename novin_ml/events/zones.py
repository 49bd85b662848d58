"""The zones of a home, their risk, and the zone that the name of a location means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from novin_ml.events._unique import map_to_category

__all__ = ["ZONES", "ZONE_DTYPE", "ZONE_KINDS", "Zone", "normalize_zone", "normalize_zones"]


@dataclass(frozen=True)
class Zone:
    """A part of a home.

    Parameters
    ----------
    name : str
        Its name in the `zone` column.
    risk : float
        How much attention an event there deserves, 0 to 1.
    kind : str
        One of `ZONE_KINDS`.
    aliases : tuple of str
        Other names that mean the same zone.

    Examples
    --------
    >>> from novin_ml.events import ZONES, Zone
    >>> ZONES["porch"].kind
    'outdoor'
    >>> Zone("flur", risk=0.3, kind="transition", aliases=("diele",)).risk
    0.3
    """

    name: str
    risk: float
    kind: str
    aliases: tuple[str, ...] = ()


#: The zones by name. The order matters: a longer name means the first zone that it contains.
ZONES: dict[str, Zone] = {
    zone.name: zone
    for zone in (
        Zone("front_door", 0.70, "entry", ("front", "frontdoor", "main_entrance")),
        Zone("back_door", 0.75, "entry", ("back", "backdoor", "rear_entrance")),
        Zone("side_door", 0.72, "entry", ("side", "sidedoor")),
        Zone("backyard", 0.65, "perimeter", ("back_yard", "rear_yard", "garden")),
        Zone("side_yard", 0.68, "perimeter", ("sideyard",)),
        Zone("front_yard", 0.50, "perimeter", ("frontyard", "lawn")),
        Zone("garage", 0.62, "garage", ("carport", "parking")),
        Zone("porch", 0.55, "outdoor", ("front_porch", "patio")),
        Zone("deck", 0.58, "outdoor", ("back_porch", "balcony")),
        Zone("driveway", 0.45, "outdoor", ("drive",)),
        Zone("street", 0.30, "public", ("road", "sidewalk")),
        Zone("living_room", 0.35, "interior", ("livingroom", "lounge")),
        Zone("bedroom", 0.40, "interior", ("master_bedroom", "guest_room")),
        Zone("kitchen", 0.33, "interior", ("dining",)),
        Zone("hallway", 0.30, "transition", ("corridor",)),
        Zone("unknown", 0.50, "unknown"),
    )
}

#: The kinds of zone, each once, in the order of `ZONES`.
ZONE_KINDS: tuple[str, ...] = tuple(dict.fromkeys(zone.kind for zone in ZONES.values()))

#: The dtype of the `zone` column: the names of `ZONES`.
ZONE_DTYPE = pd.CategoricalDtype(list(ZONES))


def zones_by_name(zones: Iterable[Zone]) -> dict[str, str]:
    """Return the zone that each exact name and alias means."""
    return {name: zone.name for zone in zones for name in (zone.name, *zone.aliases)}


def zone_in(location: object, by_name: Mapping[str, str], names: Iterable[str]) -> str:
    """Return the zone of an exact name or alias, or else the first name that a location contains.

    Parameters
    ----------
    location : object
        Location as the vendor sends it.
    by_name : mapping
        Of `zones_by_name`.
    names : iterable of str
        The zones in the order of the table.
    """
    if not isinstance(location, str):
        return "unknown"
    name = location.lower().replace(" ", "_")
    exact = by_name.get(name)
    if exact is not None:
        return exact
    return next((zone for zone in names if zone in name), "unknown")


_ZONE_OF_NAME = zones_by_name(ZONES.values())


def normalize_zone(location: object) -> str:
    """Return the zone that a location means.

    The location is lower-cased and its spaces become ``_``. Then an exact name or alias counts, or
    else the first zone whose name it contains. Everything else is ``"unknown"``.

    Parameters
    ----------
    location : str or None
        Location as the vendor sends it.

    Returns
    -------
    zone : str
        A key of `ZONES`.

    Examples
    --------
    >>> from novin_ml.events import normalize_zone
    >>> normalize_zone("Front Door Camera"), normalize_zone("patio"), normalize_zone(None)
    ('front_door', 'porch', 'unknown')
    """
    return zone_in(location, _ZONE_OF_NAME, ZONES)


def normalize_zones(locations: Iterable[object]) -> pd.Series:
    """Return the zone of each location; see `normalize_zone`.

    Parameters
    ----------
    locations : iterable of str or None, shape (n_events,)
        Locations as the vendor sends them. A Series keeps its index.

    Returns
    -------
    zones : Series of dtype `ZONE_DTYPE`, shape (n_events,)
        Keys of `ZONES`.

    Examples
    --------
    >>> from novin_ml.events import normalize_zones
    >>> list(normalize_zones(["garden", None, "garage left"]))
    ['backyard', 'unknown', 'garage']
    """
    return map_to_category(locations, normalize_zone, ZONE_DTYPE)
