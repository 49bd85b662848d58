"""The mode of a home: by its alarm panel, else by who is at home, or as a mapping says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from novin_ml.events.doors.home_assistant.schema import StateRow

__all__ = ["Modes", "modes_of_alarm", "modes_of_persons", "modes_of_states"]

_ARMED = {
    "disarmed": "home",
    "armed_home": "home",
    "armed_away": "away",
    "armed_night": "night",
    "armed_vacation": "vacation",
}
#: States on the way to another: the mode stays what it was.
_PASSING = frozenset(("arming", "pending", "triggered", "disarming"))
_UNKNOWN = frozenset((None, "", "unavailable", "unknown"))


class Modes:
    """The mode of a home over time.

    Parameters
    ----------
    times : list of float
        When a mode began, in order.
    modes : list of str or None
        Which; None is unknown.
    source : str or None
        What told it, for a person; None if nothing did.
    others : sequence of str
        What could have told it as well.
    """

    def __init__(
        self,
        times: list[float],
        modes: list[str | None],
        source: str | None,
        others: Sequence[str] = (),
    ) -> None:
        self._times = np.array(times, dtype=np.float64)
        self._modes = np.array([None, *modes], dtype=object)
        self.source = source
        self.others = others

    def at(self, times: np.ndarray) -> list[str | None]:
        """Return the mode at each time."""
        found: list[str | None] = self._modes[
            np.searchsorted(self._times, times, side="right")
        ].tolist()
        return found


def modes_of_alarm(states: Iterable[StateRow], source: str, others: Sequence[str] = ()) -> Modes:
    """Return the modes that an alarm panel says."""
    times: list[float] = []
    modes: list[str | None] = []
    mode: str | None = None
    for row in states:
        if row.state not in _PASSING:
            mode = _ARMED.get(row.state or "")
        times.append(row.time)
        modes.append(mode)
    return Modes(times, modes, source, others)


def modes_of_persons(states: Iterable[StateRow], n_persons: int) -> Modes:
    """Return the modes that follow from who is at home: nights cannot be told by it."""
    where: dict[str, str | None] = {}
    times: list[float] = []
    modes: list[str | None] = []
    for row in states:
        where[row.entity] = row.state
        times.append(row.time)
        modes.append(_mode_of(where, n_persons))
    return Modes(times, modes, "who is at home")


def _mode_of(where: Mapping[str, str | None], n_persons: int) -> str | None:
    if "home" in where.values():
        return "home"
    is_known = len(where) == n_persons and not any(each in _UNKNOWN for each in where.values())
    return "away" if is_known else None


def modes_of_states(states: Iterable[StateRow], modes: Mapping[str, str], source: str) -> Modes:
    """Return the modes that a mapping gives to the states of an entity."""
    rows = list(states)
    return Modes([row.time for row in rows], [modes.get(row.state or "") for row in rows], source)
