"""The order of kinds of zones and of home modes, whose positions are their codes."""

from __future__ import annotations

#: Kinds of zones from the street inwards; the position is the code. Other kinds are missing.
ZONE_KIND_ORDER = (
    "public",
    "outdoor",
    "perimeter",
    "garage",
    "entry",
    "transition",
    "interior",
)


#: Modes of the home by how absent its people are; the position is the code.
HOME_MODE_ORDER = ("home", "night", "away", "vacation")
