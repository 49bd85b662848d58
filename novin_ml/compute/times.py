"""Measured times of training, and what they say of other numbers of rows and other machines."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from novin_ml.compute.hardware import TASKS, Hardware
from novin_ml.compute.scaling import Prediction, ScalingLaw, fit_scaling_law
from novin_ml.documents import parse_json
from novin_ml.exceptions import InvalidParametersError
from novin_ml.files import write_text
from novin_ml.formats import FORMATS, newer
from novin_ml.plain import plain, plural, shown

#: Averaging the updates of homes; its rows are updates times values of each.
AGGREGATION = "aggregation"
#: Training a network in place of trees. It uses one core.
NETWORKS = {task: f"{task}-mlp" for task in TASKS if task != "behavior"}
_ONE_CORE = ("behavior", AGGREGATION, *NETWORKS.values())
_KNOWN = (*TASKS, *NETWORKS.values(), AGGREGATION)
_FILE = "measured.json"
#: Growth of the time beyond the measured rows: a pass over rows is linear, and more rows take more
#: passes before early stopping ends them.
_EXPONENTS = (1.0, 1.5)
_FORMAT = FORMATS["times"]
_OF_A_RUN = ("task", "rows", "cores", "seconds")


@dataclass(frozen=True)
class Estimate:
    """A time with its interval, and what it is based on.

    Attributes
    ----------
    seconds, low, high : float
        Median, and the interval that holds one further run with 95 % confidence: of another
        session if several were measured, else of the same one.
    basis : {"measured", "extrapolated"}
        "measured" within the rows and on the machine that were measured.
    """

    seconds: float
    low: float
    high: float
    basis: str = "measured"

    @property
    def is_extrapolated(self) -> bool:
        """Whether the rows or the machine are beyond what was measured."""
        return self.basis == "extrapolated"

    def times(self, factor: float) -> Estimate:
        """Return the time of several such runs, one after the other.

        Parameters
        ----------
        factor : float
            Number of runs.

        Returns
        -------
        estimate : Estimate
            As if all of them were fast, or all slow.
        """
        return Estimate(factor * self.seconds, factor * self.low, factor * self.high, self.basis)

    def plus(self, other: Estimate) -> Estimate:
        """Return the time of both, one after the other.

        Parameters
        ----------
        other : Estimate
            Another time.

        Returns
        -------
        estimate : Estimate
            Extrapolated if one of both is.
        """
        either = self.is_extrapolated or other.is_extrapolated
        return Estimate(
            self.seconds + other.seconds,
            self.low + other.low,
            self.high + other.high,
            "extrapolated" if either else "measured",
        )


@dataclass(frozen=True)
class Times:
    """Measured times of one machine; `novin_ml.lifecycle.calibrate` measures runs.

    Attributes
    ----------
    runs : tuple of (str, int, int, float)
        For each run: what was trained (``"delivery"``, ``"motion"``, ``"chains"`` by boosting, or
        as a network with ``"-mlp"`` behind it, ``"behavior"`` or ``"aggregation"``), rows, cores,
        seconds. Rows of behavior are the events of one home, those of an aggregation its updates
        times the values of each.
    machine : str, default="this machine"
        What it was measured on.
    day : str, default=""
        Date of the measurement, ISO 8601.
    is_own : bool, default=True
        Whether the machine is the user's, which may be the answer of a plan.
    facts : dict
        What else was measured; of the package: weights of the networks, and what a simulated home
        reports.
    sessions : tuple of int, default=()
        Number of the calibration of each run. Runs of one share how busy the machine was. Empty if
        all are of one.

    Raises
    ------
    InvalidParametersError
        If a run is not as described, or nothing is there.

    Examples
    --------
    >>> from novin_ml.compute import Times
    >>> runs = [("delivery", rows, 1, rows / 50_000) for rows in (1_000, 2_000, 4_000)]
    >>> round(Times(runs).estimate("delivery", 4_000).seconds, 2)
    0.08
    """

    runs: tuple[tuple[str, int, int, float], ...]
    machine: str = "this machine"
    day: str = ""
    is_own: bool = True
    facts: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sessions: tuple[int, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", tuple(_run(each) for each in self.runs))
        if not self.runs:
            raise InvalidParametersError(
                "The 'runs' parameter must have a run. Got none. Measure with novin-ml plan "
                "--calibrate."
            )
        sessions = tuple(self.sessions) or (0,) * len(self.runs)
        if len(sessions) != len(self.runs) or not all(_is_number(each) for each in sessions):
            raise InvalidParametersError(
                "The 'sessions' parameter must have a number from 0 for each of "
                f"{plural(len(self.runs), 'run')}. Got {shown(self.sessions)}. "
                "Leave it out if all runs are of one calibration."
            )
        object.__setattr__(self, "sessions", sessions)

    @cached_property
    def cores(self) -> int:
        """The most cores that were measured with."""
        return max(cores for _, _, cores, _ in self.runs)

    @cached_property
    def laws(self) -> dict[str, ScalingLaw]:
        """The law of each task that was measured."""
        found = {}
        for task in dict.fromkeys(each[0] for each in self.runs):
            rows, cores, seconds, sessions = zip(
                *(
                    (*run[1:], session)
                    for run, session in zip(self.runs, self.sessions, strict=True)
                    if run[0] == task
                ),
                strict=True,
            )
            found[task] = fit_scaling_law(seconds, cores, rows, sessions=sessions)
        return found

    @cached_property
    def _known(self) -> dict[tuple[str, float, float], Prediction]:
        return {}

    def _predicted(self, task: str, cores: float, rows: float) -> Prediction:
        """Return the prediction of a law, which several machines share."""
        key = (task, cores, rows)
        if key not in self._known:
            self._known[key] = self.laws[task].predict(cores, rows)
        return self._known[key]

    def _beyond(self, most: Prediction, task: str, ratio: float) -> Prediction:
        """Return the time of more rows than were measured, from that of the most."""
        law = self.laws[task]
        if law.size_exponent is None or law.size_interval is None:  # laws here are over rows
            return most
        slowest = max(law.size_interval[1], _EXPONENTS[1])
        return Prediction(
            most.seconds * ratio ** max(law.size_exponent, _EXPONENTS[0]),
            most.low * ratio ** min(law.size_interval[0], _EXPONENTS[0]),
            most.high * ratio**slowest,
        )

    def measured_rows(self, task: str) -> tuple[int, int]:
        """Return the least and most rows that were measured.

        Parameters
        ----------
        task : str
            What was trained.

        Returns
        -------
        rows : tuple of (int, int)
            Least and most.
        """
        rows = [each[1] for each in self.runs if each[0] == task]
        return min(rows), max(rows)

    def estimate(
        self,
        task: str,
        rows: float,
        hardware: Hardware | None = None,
        speed: tuple[float, float] = (0.5, 2),
    ) -> Estimate:
        """Return the time of a run.

        Parameters
        ----------
        task : str
            What is trained.
        rows : float
            Number of rows. Fewer than were measured count as the fewest that were.
        hardware : Hardware, default=None
            Where; None is the measured machine.
        speed : tuple of (float, float), default=(0.5, 2)
            How many times as fast a core of other hardware is, at least and at most, if its
            entry has no `speed`.

        Returns
        -------
        estimate : Estimate
            Time with its interval. Other hardware has the cores of its entry, or as many as were
            measured with; its interval is widened by `speed`. Beyond the measured rows, time grows
            at least linearly, and at most with the power 1.5 or the fitted one.

        Raises
        ------
        InvalidParametersError
            If the task was not measured.
        """
        if task not in self.laws:
            raise InvalidParametersError(
                f"The times must have runs of {task}. Got {', '.join(self.laws)}. "
                f"Measure them with novin-ml plan --calibrate --task {task.removesuffix('-mlp')}."
            )
        least, most = self.measured_rows(task)
        cores = self.cores if hardware is None or hardware.cores is None else hardware.cores
        beyond = rows > most
        within = min(max(rows, least), most)
        found = self._predicted(task, 1 if task in _ONE_CORE else cores, within)
        if beyond:
            found = self._beyond(found, task, rows / most)
        if hardware is None:
            basis = "extrapolated" if beyond else "measured"
            return Estimate(found.seconds, found.low, found.high, basis)
        slow, fast = speed if hardware.speed is None else (hardware.speed,) * 2
        middle = 1.0 if hardware.speed is None else hardware.speed
        return Estimate(found.seconds / middle, found.low / fast, found.high / slow, "extrapolated")

    def inside(self, runs: Iterable[tuple[str, int, int, float]]) -> tuple[int, int]:
        """Count the runs that lie within the intervals of these times.

        Parameters
        ----------
        runs : iterable of (str, int, int, float)
            Other runs, such as those of a second calibration.

        Returns
        -------
        inside, compared : tuple of (int, int)
            Number of runs within their intervals, and of those whose task was measured.
        """
        inside = compared = 0
        for task, rows, cores, seconds in runs:
            if task in self.laws:
                found = self.laws[task].predict(cores, rows)
                compared += 1
                inside += found.low <= seconds <= found.high
        return inside, compared

    def joined(self, other: Times) -> Times:
        """Return the runs of two calibrations of one machine.

        Parameters
        ----------
        other : Times
            Of another hour, when the machine was more or less busy.

        Returns
        -------
        times : Times
            Their intervals cover the spread between both.

        Raises
        ------
        InvalidParametersError
            If the machines have different names.
        """
        if other.machine != self.machine:
            raise InvalidParametersError(
                f"The times must be of one machine. Got {self.machine} and {other.machine}. "
                "Name another file."
            )
        after = max(self.sessions) + 1
        sessions = self.sessions + tuple(after + each for each in other.sessions)
        return Times(
            self.runs + other.runs, other.machine, other.day, self.is_own, self.facts, sessions
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the times, whole or not at all.

        Parameters
        ----------
        path : path
            JSON file to write.
        """
        document = {
            "format": _FORMAT,
            "machine": self.machine,
            "day": self.day,
            "facts": dict(self.facts),
            "runs": [
                dict(zip((*_OF_A_RUN, "session"), (*run, session), strict=True))
                for run, session in zip(self.runs, self.sessions, strict=True)
            ],
        }
        write_text(json.dumps(plain(document), indent=1) + "\n", Path(path))


def read_times(path: str | os.PathLike[str] | None = None) -> Times:
    """Return times that `Times.save` wrote.

    Parameters
    ----------
    path : path, default=None
        The file; None takes the times that come with the package, which are of another machine.

    Returns
    -------
    times : Times
        Measured times.

    Raises
    ------
    InvalidParametersError
        If the file is not what `save` writes.
    OSError
        If it cannot be read.

    Examples
    --------
    >>> from novin_ml.compute import read_times
    >>> read_times().estimate("delivery", 10_000).seconds < 60
    True
    """
    if path is None:
        return _of_the_package()
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    return _parsed(text, str(path), is_own=True)


@cache
def _of_the_package() -> Times:
    text = resources.files("novin_ml.compute").joinpath(_FILE).read_text(encoding="utf-8")
    return _parsed(text, _FILE, is_own=False)


def _parsed(text: str, name: str, *, is_own: bool) -> Times:
    refusal = None
    try:
        document = parse_json(text)
        refusal = newer(name, "times", document["format"])
        if refusal or document["format"] != _FORMAT:
            raise ValueError(f"the format {document['format']!r}")
        runs = [tuple(each[name] for name in _OF_A_RUN) for each in document["runs"]]
        # Files of before sessions were told apart have none.
        sessions = tuple(each.get("session", 0) for each in document["runs"])
        machine, day = str(document["machine"]), str(document["day"])
        facts = dict(document["facts"])
        return Times(tuple(runs), machine, day, is_own, facts, sessions)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidParametersError(
            refusal
            or f"{name} must be times that novin-ml plan --calibrate wrote. Got: {error}. "
            "Measure again."
        ) from None


def as_times(times: Any) -> Times:
    """Return times from what a caller gives: `Times`, runs, or None for those of the package."""
    if times is None:
        return read_times()
    if isinstance(times, Times):
        return times
    try:
        runs = tuple(times)
    except TypeError:
        raise InvalidParametersError(
            "The 'times' parameter must be Times, or runs of (task, rows, cores, seconds). "
            f"Got {shown(times)}. Measure them with novin_ml.lifecycle.calibrate."
        ) from None
    return Times(runs, day=date.today().isoformat())


def _is_number(session: Any) -> bool:
    return isinstance(session, int) and not isinstance(session, bool) and session >= 0


def _run(run: Any) -> tuple[str, int, int, float]:
    try:
        task, rows, cores, seconds = run
        known = task in _KNOWN
        numbers = [float(each) for each in (rows, cores, seconds)]
    except (OverflowError, TypeError, ValueError):
        known, numbers = False, []
    if not known or not all(0 < each < math.inf for each in numbers) or numbers[1] < 1:
        raise InvalidParametersError(
            "A run must be (task, rows, cores, seconds), with a task of "
            f"{', '.join(_KNOWN)}, and numbers above 0. Got {shown(run)}. "
            "Leave out what failed."
        )
    return str(task), int(numbers[0]), int(numbers[1]), numbers[2]
