"""The codes of kinds and zones that the columns of chains use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.kinds import EventKind, groups_of
from novin_ml.events.zones import ZONE_KINDS, Zone


class KindCodes(NamedTuple):
    """Codes from the tables of kinds and zones that the columns use.

    Attributes
    ----------
    n_kinds, n_groups : int
        Numbers of kinds and of groups.
    group : ndarray of shape (n_kinds,), uint8
        Position of each kind's group.
    opening : int
        Position of the group "opening".
    motion, doorbell, glass_break : int
        Codes of kinds.
    n_zones : int
        Number of zones.
    zone_kind : ndarray of shape (n_zones,), int64
        Position of each zone's kind in `ZONE_KINDS`.
    risk : ndarray of shape (n_zones,), float64
        Risk of each zone.
    """

    n_kinds: int
    n_groups: int
    group: NDArray[np.uint8]
    opening: int
    motion: int
    doorbell: int
    glass_break: int
    n_zones: int
    zone_kind: NDArray[np.int64]
    risk: NDArray[np.float64]

    @classmethod
    def of(cls, kinds: Sequence[EventKind], zones: Sequence[Zone]) -> Self:
        """Look up the codes."""
        names = [kind.name for kind in kinds]
        groups = groups_of(kinds)
        return cls(
            len(kinds),
            len(groups),
            np.array([groups.index(kind.group) for kind in kinds], dtype=np.uint8),
            groups.index("opening"),
            names.index("motion"),
            names.index("doorbell"),
            names.index("glass_break"),
            len(zones),
            np.array([ZONE_KINDS.index(zone.kind) for zone in zones]),
            np.array([zone.risk for zone in zones], dtype=np.float64),
        )
