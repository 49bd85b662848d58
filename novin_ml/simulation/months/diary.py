"""Where months of a simulated home are written down, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from novin_ml.simulation.months.household import Sensor

#: What an event, or the day that it falls on, is due to; the first is what is usual at home.
CIRCUMSTANCES = (
    "routine", "holiday", "guests", "party", "sick day", "clock change", "dog", "sensor fault",
)  # fmt: skip

#: What is planted. The circumstance of such an event is its name here.
INCIDENTS = (
    "night prowl", "night opening", "garage at night", "break-in", "back window", "from within",
)  # fmt: skip

_CODES = {name: code for code, name in enumerate((*CIRCUMSTANCES, *INCIDENTS))}


@dataclass
class Diary:
    """Events of one home under construction.

    Parameters
    ----------
    sensors : tuple of (str, str)
        The sensors of the home. What no sensor sees is not written down.
    """

    sensors: tuple[Sensor, ...]
    times: list[np.ndarray] = field(default_factory=list)
    codes: list[np.ndarray] = field(default_factory=list)
    causes: list[np.ndarray] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._code = {sensor: code for code, sensor in enumerate(self.sensors)}

    def has(self, kind: str, zone: str) -> bool:
        """Tell whether there is such a sensor."""
        return (kind, zone) in self._code

    def zones(self, kind: str) -> list[str]:
        """Name the zones of the sensors of a kind."""
        return [zone for k, zone in self.sensors if k == kind]

    def note(self, time: np.ndarray, kind: str, zone: str, cause: str = "routine") -> None:
        """Write an event at each of these local hours down."""
        code = self._code.get((kind, zone))
        if code is not None and len(time):
            self.times.append(np.asarray(time, dtype=np.float64))
            self.codes.append(np.full(len(time), code))
            self.causes.append(np.full(len(time), _CODES[cause]))

    def walk(
        self,
        rng: np.random.Generator,
        time: np.ndarray,
        path: Sequence[Sensor],
        cause: str = "routine",
        *,
        seconds: float = 15.0,
    ) -> np.ndarray:
        """Write a walk past sensors down, one for each local hour; return when it ends.

        Steps take log-normal times around `seconds`, whether a sensor sees them or not; a motion
        sensor misses one in ten.
        """
        for kind, zone in path:
            seen = rng.random(len(time)) < 0.9 if kind == "motion" else slice(None)
            self.note(time[seen], kind, zone, cause)
            time = time + seconds * np.exp(0.6 * rng.standard_normal(len(time))) / 3600
        return time

    def collect(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return local hours, positions in `sensors`, and causes, sorted by time."""
        if not self.times:
            return np.empty(0), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        time, code, cause = map(np.concatenate, (self.times, self.codes, self.causes))
        order = np.lexsort((code, time))
        return time[order], code[order], cause[order]
