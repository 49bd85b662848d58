"""Events under construction: columns of equal length, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from novin_ml.simulation.homes import Homes
from novin_ml.simulation.signals.motion_styles import (
    LONGEST,
    NO_STYLE,
    SHORTEST,
    STYLE_NAMES,
    draw_durations,
)
from novin_ml.simulation.vendors import KIND_NAMES

#: Events by the names of their columns.
Columns = dict[str, np.ndarray]

#: In place of the code of a pattern (its position in `CHAIN_PATTERNS`): part of none.
NO_CODE = -1


def take(columns: Columns, rows: np.ndarray | slice) -> Columns:
    """Return some rows, given as positions, as a mask or as a slice."""
    return {name: column[rows] for name, column in columns.items()}


def join(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts, one part after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


@dataclass(kw_only=True)
class EventLog:
    """Events of any columns, in the order in which they are written."""

    chunks: list[Columns] = field(default_factory=list)

    def write(self, columns: Columns) -> None:
        """Write events; every call has the same columns."""
        self.chunks.append(columns)

    def collect(self) -> Columns:
        """Return all events."""
        return join(self.chunks)


@dataclass(kw_only=True)
class SceneLog(EventLog):
    """Events of scenes that play at many homes at once.

    Its columns are ``kind``, ``zone`` and ``style`` (codes), ``home`` (position), ``local``
    (seconds since `EPOCH`), ``duration`` (seconds, NaN if it has none), ``companion`` (style of a
    second mover), ``delivery`` (whether a parcel is left) and ``pattern`` (of chains).

    Parameters
    ----------
    limits : tuple of (float, float)
        Shortest and longest motion that sensors report, in seconds.
    """

    limits: tuple[float, float] = (SHORTEST, LONGEST)

    def add(
        self,
        kind: str,
        homes: Homes,
        time: np.ndarray,
        zone: np.ndarray,
        *,
        where: np.ndarray | None = None,
        style: np.ndarray | None = None,
        duration: np.ndarray | None = None,
        delivery: bool = False,
        pattern: int = NO_CODE,
    ) -> None:
        """Add one event for each element of `homes`, or of those `where` it is true."""
        n = len(homes)
        columns = {
            "kind": np.full(n, KIND_NAMES.index(kind)),
            "home": homes.position,
            "local": time,
            "zone": zone,
            "style": np.full(n, NO_STYLE) if style is None else style,
            "companion": np.full(n, NO_STYLE),
            "duration": np.full(n, np.nan) if duration is None else duration,
            "delivery": np.full(n, delivery),
            "pattern": np.full(n, pattern),
        }
        self.write(columns if where is None else take(columns, where))

    def move(
        self,
        rng: np.random.Generator,
        style: str,
        homes: Homes,
        time: np.ndarray,
        zone: np.ndarray,
        *,
        where: np.ndarray | None = None,
        delivery: bool = False,
        pattern: int = NO_CODE,
    ) -> np.ndarray:
        """Add a motion of a style; return its durations."""
        styles = np.full(len(homes), STYLE_NAMES.index(style))
        durations = draw_durations(rng, styles, homes.sample_rate, self.limits)
        self.add(
            "motion", homes, time, zone,
            where=where, style=styles, duration=durations, delivery=delivery, pattern=pattern,
        )  # fmt: skip
        return durations

    def n_motions(self) -> int:
        """Return the number of motions."""
        return sum(int(np.sum(chunk["style"] != NO_STYLE)) for chunk in self.chunks)
