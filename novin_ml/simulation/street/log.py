"""Where the scenes of simulated homes write what sensors would see."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from novin_ml.simulation.homes import KINDS, Homes
from novin_ml.simulation.signals.signals import NO_STYLE
from novin_ml.simulation.signals.styles import LONGEST, SHORTEST, STYLE_NAMES, draw_durations

#: In place of a pattern's position in `CHAIN_PATTERNS`: part of none.
NO_CODE = -1


@dataclass
class Log:
    """Events under construction, chunk by chunk.

    Parameters
    ----------
    limits : tuple of (float, float)
        Shortest and longest motion that sensors report, in seconds.
    """

    limits: tuple[float, float] = (SHORTEST, LONGEST)
    chunks: list[dict[str, np.ndarray]] = field(default_factory=list)

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
            "kind": np.full(n, KINDS.index(kind)),
            "home": homes.position,
            "local": time,
            "zone": zone,
            "style": np.full(n, NO_STYLE) if style is None else style,
            "companion": np.full(n, NO_STYLE),
            "duration": np.full(n, np.nan) if duration is None else duration,
            "delivery": np.full(n, delivery),
            "pattern": np.full(n, pattern),
        }
        self.chunks.append(
            columns if where is None else {name: c[where] for name, c in columns.items()}
        )

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
        """Count the motions."""
        return sum(int(np.sum(chunk["style"] != NO_STYLE)) for chunk in self.chunks)

    def collect(self) -> dict[str, np.ndarray]:
        """Return all events as columns."""
        return {
            name: np.concatenate([chunk[name] for chunk in self.chunks]) for name in self.chunks[0]
        }
