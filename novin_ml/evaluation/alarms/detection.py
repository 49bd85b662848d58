"""Incidents in the log of a home: recall, delay, and alarms on usual days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from numbers import Real

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from novin_ml.estimators.alarm_budget import HOUR, observed_days, poisson_upper
from novin_ml.evaluation._row_checks import check_columns, check_homes
from novin_ml.events.labels import UNUSUAL
from novin_ml.events.tables.check import checked_rows
from novin_ml.plain import plural
from novin_ml.validation import Interval, validate_params

__all__ = [
    "AlarmRate",
    "Detection",
    "IncidentDetection",
    "alarm_hours",
    "alarms_per_week",
    "detection_delay",
]

_DAYS_OF_WEEK = 7.0
_GAP = 2 * HOUR  # labelled events of a home that are closer belong to one incident


@dataclass(frozen=True)
class IncidentDetection:
    """One incident, and whether it was found.

    Attributes
    ----------
    home_id : str
        The home.
    start, end : float
        Times of its first and its last event, in seconds since 1970.
    n_events : int
        Number of events.
    delay : float
        Seconds from the first event to the first alarm; NaN if there is no alarm.
    """

    home_id: str
    start: float
    end: float
    n_events: int
    delay: float

    @property
    def detected(self) -> bool:
        """Whether an event of the incident is an alarm."""
        return not np.isnan(self.delay)


@dataclass(frozen=True)
class Detection:
    """All incidents of a table, with recall and delay.

    Attributes
    ----------
    incidents : tuple of IncidentDetection
        Sorted by home and time.
    """

    incidents: tuple[IncidentDetection, ...]

    @property
    def n_detected(self) -> int:
        """Number of incidents that were found."""
        return sum(incident.detected for incident in self.incidents)

    @property
    def recall(self) -> float:
        """Share of incidents that were found; NaN if there are none."""
        return self.n_detected / len(self.incidents) if self.incidents else float("nan")

    @property
    def median_delay(self) -> float:
        """Median delay of the found incidents, in seconds; NaN if none was found."""
        delays = [incident.delay for incident in self.incidents if incident.detected]
        return float(np.median(delays)) if delays else float("nan")


@dataclass(frozen=True)
class AlarmRate:
    """The rate of alarms on usual days.

    Attributes
    ----------
    n_alarms : int
        Number of clock hours with an alarm, over all homes.
    home_weeks : float
        Observed time in weeks, summed over the homes.
    per_week : float
        Alarms per home and week.
    low, high : float
        Exact confidence interval of the rate, if alarms follow a Poisson process.
    """

    n_alarms: int
    home_weeks: float
    per_week: float
    low: float
    high: float


def alarm_hours(timestamps: ArrayLike, flags: ArrayLike) -> NDArray[np.int64]:
    """Return the clock hours with an alarm in one home; each counts as one alarm.

    Parameters
    ----------
    timestamps : array-like of shape (n_events,)
        Times of the events of one home, in seconds since 1970.
    flags : array-like of shape (n_events,), bool
        Which are alarms: ``model.predict(events) == -1``.

    Returns
    -------
    hours : ndarray of shape (n_alarms,), int64
        Hours since 1970, UTC, ascending.

    Raises
    ------
    ValueError
        If there is not one bool for each time.

    Examples
    --------
    >>> from novin_ml.evaluation import alarm_hours
    >>> alarm_hours([0.0, 60.0, 3599.0, 3600.0, 9000.0], [True, True, True, True, False])
    array([0, 1])
    """
    times = np.asarray(timestamps, dtype=np.float64)
    return np.unique(np.floor(times[_checked_flags(flags, len(times))] / HOUR)).astype(np.int64)


def detection_delay(events: pd.DataFrame, flags: ArrayLike) -> Detection:
    """Find out for each incident whether it was found, and after how many seconds.

    An incident is a run of events of a home with the label ``"unusual"``, each less than two hours
    after the one before. It is found if one of these events is an alarm. Alarms of other events in
    between do not count.

    Parameters
    ----------
    events : DataFrame
        Event table with `label`; rows in any order, homes interleaved.
    flags : array-like of shape (n_events,), bool
        Which are alarms.

    Returns
    -------
    detection : Detection
        One entry for each incident, sorted by home and time.

    Raises
    ------
    ValueError
        If a column is missing, or there is not one bool for each event.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.evaluation import detection_delay
    >>> events = pd.DataFrame({
    ...     "home_id": "a",
    ...     "timestamp": [0.0, 100.0, 130.0, 90_000.0],
    ...     "label": ["usual", "unusual", "unusual", "unusual"],
    ... })
    >>> detection = detection_delay(events, [False, False, True, False])
    >>> detection.recall, detection.median_delay
    (0.5, 30.0)
    """
    check_columns(events, ["home_id", "timestamp"])
    flags = _checked_flags(flags, len(events))
    events = checked_rows(events, "detection_delay", need=("home_id", "timestamp"))
    check_homes(events["home_id"])
    unusual = _is_unusual(events)
    planted = pd.DataFrame(
        {
            "home_id": events["home_id"].to_numpy(dtype=object)[unusual].astype(str),
            "time": events["timestamp"].to_numpy(dtype=np.float64)[unusual],
            "flag": flags[unusual],
        }
    ).sort_values(["home_id", "time"], kind="stable")
    home, time, flag = (planted[name].to_numpy() for name in planted)
    begins = np.ones(len(planted), dtype=bool)
    begins[1:] = (home[1:] != home[:-1]) | (np.diff(time) >= _GAP)
    bounds = np.append(np.flatnonzero(begins), len(planted))
    found = []
    for first, stop in pairwise(bounds.tolist()):
        alarms = time[first:stop][flag[first:stop]]
        delay = float(alarms[0] - time[first]) if len(alarms) else float("nan")
        start, end = float(time[first]), float(time[stop - 1])
        found.append(IncidentDetection(str(home[first]), start, end, stop - first, delay))
    return Detection(tuple(found))


@validate_params(
    {"confidence": [Interval(Real, 0, 1, closed="neither")]}, prefer_skip_nested_validation=True
)
def alarms_per_week(
    events: pd.DataFrame, flags: ArrayLike, *, confidence: float = 0.95
) -> AlarmRate:
    """Count the alarms on usual days, per home and week.

    Alarms of a home in one clock hour count as one. If there is a column `label`, hours with an
    event labelled ``"unusual"`` do not count. The observed time of a home is the number of days
    with an event, at most the time from its first event to its last, as for the budget of
    `novin_ml.BehaviorAnomalyDetector`.

    Parameters
    ----------
    events : DataFrame
        Event table; rows in any order, homes interleaved.
    flags : array-like of shape (n_events,), bool
        Which are alarms.
    confidence : float, default=0.95
        Confidence level of the two-sided interval.

    Returns
    -------
    rate : AlarmRate
        The rate with its exact interval.

    Raises
    ------
    ValueError
        If a column is missing, there is not one bool for each event, or no time was observed.

    References
    ----------
    F. Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28, 1936.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.evaluation import alarms_per_week
    >>> days = pd.DataFrame({"home_id": "a", "timestamp": [86_400.0 * day for day in range(15)]})
    >>> rate = alarms_per_week(days, days.index == 3)
    >>> rate.n_alarms, rate.home_weeks, rate.per_week, round(rate.high, 2)
    (1, 2.0, 0.5, 2.79)
    """
    check_columns(events, ["home_id", "timestamp"])
    flags = _checked_flags(flags, len(events))
    events = checked_rows(events, "alarms_per_week", need=("home_id", "timestamp"))
    check_homes(events["home_id"])
    time = events["timestamp"].to_numpy(dtype=np.float64)
    unusual = _is_unusual(events) if "label" in events.columns else np.zeros(len(time), dtype=bool)
    n_alarms, days = 0, 0.0
    homes = events["home_id"].to_numpy(dtype=object)
    for rows in pd.Series(np.arange(len(time))).groupby(homes.astype(str)).indices.values():
        of_home = time[rows]
        alarmed = alarm_hours(of_home, flags[rows])
        n_alarms += len(np.setdiff1d(alarmed, alarm_hours(of_home, unusual[rows])))
        days += observed_days(of_home)
    if not days:
        raise ValueError(
            "The events must be from more than one moment of a home. Got no time between them. "
            "Pass the log of some days."
        )
    return alarm_rate(n_alarms, days / _DAYS_OF_WEEK, confidence)


def alarm_rate(n_alarms: int, weeks: float, confidence: float) -> AlarmRate:
    """Return the rate of alarms that were counted in some weeks, with its exact interval."""
    tail = (1 - confidence) / 2
    low = float(gammaincinv(n_alarms, tail)) if n_alarms else 0.0
    high = float(poisson_upper(np.array(n_alarms), 1 - tail))
    return AlarmRate(n_alarms, weeks, n_alarms / weeks, low / weeks, high / weeks)


def _is_unusual(events: pd.DataFrame) -> NDArray[np.bool_]:
    if "label" not in events.columns:
        raise ValueError(
            "The events must have a column 'label' that is 'unusual' in events of incidents. "
            "Got none. Add it, or simulate homes."
        )
    return np.asarray(events["label"] == UNUSUAL, dtype=bool)


def _checked_flags(flags: ArrayLike, n: int) -> NDArray[np.bool_]:
    flags = np.asarray(flags)
    if (flags.dtype != bool and len(flags)) or flags.shape != (n,):
        raise ValueError(
            f"The flags must be {plural(n, 'bool')}, one for each event. Got {flags.dtype} of "
            "shape "
            f"{flags.shape}. Pass model.predict(events) == -1."
        )
    return flags.astype(bool)
