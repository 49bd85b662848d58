"""The log of one home: what its sensors see over months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from novin_ml.simulation.draws import chance, lognormal
from novin_ml.simulation.event_log import Columns, EventLog, take
from novin_ml.simulation.months.causes import CAUSES
from novin_ml.simulation.months.household import Sensor

_NOTHING = {
    "time": np.empty(0),
    "sensor": np.empty(0, dtype=np.int64),
    "cause": np.empty(0, dtype=np.int64),
}


@dataclass
class HomeLog(EventLog):
    """Events of one home.

    Its columns are ``time`` (local hours since the first midnight), ``sensor`` (position in
    `sensors`) and ``cause`` (code).

    Parameters
    ----------
    sensors : tuple of (str, str)
        The sensors of the home. Events that no sensor sees are not in the log.
    """

    sensors: tuple[Sensor, ...]

    def __post_init__(self) -> None:
        self._code = {sensor: code for code, sensor in enumerate(self.sensors)}

    def has(self, kind: str, zone: str) -> bool:
        """Tell whether there is such a sensor."""
        return (kind, zone) in self._code

    def zones(self, kind: str) -> list[str]:
        """Name the zones of the sensors of a kind."""
        return [zone for k, zone in self.sensors if k == kind]

    def add(self, time: np.ndarray, kind: str, zone: str, cause: str = "routine") -> None:
        """Add an event at each of these local hours, if there is such a sensor."""
        code = self._code.get((kind, zone))
        if code is not None and len(time):
            self.write(
                {
                    "time": np.asarray(time, dtype=np.float64),
                    "sensor": np.full(len(time), code),
                    "cause": np.full(len(time), CAUSES.index(cause)),
                }
            )

    def walk(
        self,
        rng: np.random.Generator,
        time: np.ndarray,
        path: Sequence[Sensor],
        cause: str = "routine",
        *,
        seconds: float = 15.0,
    ) -> np.ndarray:
        """Add a walk past sensors at each of these local hours; return when they end.

        Steps take log-normal times around `seconds`, whether a sensor sees them or not; a motion
        sensor misses one in ten.
        """
        for kind, zone in path:
            seen = chance(rng, len(time), 0.9) if kind == "motion" else slice(None)
            self.add(time[seen], kind, zone, cause)
            time = time + lognormal(rng, len(time), seconds, 0.6) / 3600
        return time

    def collect(self) -> Columns:
        """Return all events, sorted by time."""
        events = super().collect() if self.chunks else _NOTHING
        return take(events, np.lexsort((events["sensor"], events["time"])))
