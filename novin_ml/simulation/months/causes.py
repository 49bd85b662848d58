"""Causes of events: circumstances of the home or of the day, and incidents."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from novin_ml.simulation.months.local_time import within

#: Innocent causes; the first is an ordinary day.
CIRCUMSTANCES = (
    "routine", "holiday", "guests", "party", "sick day", "clock change", "dog", "sensor fault",
)  # fmt: skip

#: Causes of unusual events.
INCIDENTS = (
    "night prowl", "night opening", "garage at night", "break-in", "back window", "from within",
)  # fmt: skip

#: The code of a cause is its position here.
CAUSES = (*CIRCUMSTANCES, *INCIDENTS)

# Circumstances of whole days: routine events of such a day are due to the first that applies.
_DAYS_OF = ("party", "clock change", "holiday", "sick day", "guests")


@dataclass
class Spans:
    """Spans of local hours, by the name of the circumstance that lasts so long."""

    hours: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def add(self, name: str, begin: float, end: float) -> None:
        """Add a span."""
        self.hours.setdefault(name, []).append((begin, end))

    def explain(self, time: np.ndarray, cause: np.ndarray) -> np.ndarray:
        """Return the causes of events; routine events may be due to the circumstances of their day.

        Parameters
        ----------
        time : ndarray of shape (n,)
            Local hours.
        cause : ndarray of shape (n,), int
            Codes of the causes that are known; 0 is routine.

        Returns
        -------
        cause : ndarray of shape (n,), int
        """
        cause = cause.copy()
        for name in _DAYS_OF:
            if name in self.hours:
                cause[(cause == 0) & within(time, self.hours[name])] = CAUSES.index(name)
        return cause
