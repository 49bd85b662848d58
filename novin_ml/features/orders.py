"""The orders of zone kinds and of home modes; a position is a code."""

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


#: Modes of the home, from present to absent people; the position is the code.
HOME_MODE_ORDER = ("home", "night", "away", "vacation")
