"""The alarms of each kind that a monitor raises, and the incidents that it finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.monitor.rows import KINDS
from novin_ml.evaluation.alarms.detection import (
    AlarmRate,
    Detection,
    alarm_rate,
    alarms_per_week,
    detection_delay,
)
from novin_ml.events.tables.check import checked_rows
from novin_ml.features.activity.steps import is_end
from novin_ml.plain import plural

__all__ = ["MonitorAlarms", "monitor_alarms"]


@dataclass(frozen=True)
class MonitorAlarms:
    """The alarms of monitors, kind by kind.

    Attributes
    ----------
    rates : dict of str to AlarmRate
        Alarms per home and week, by kind: ``"event"``, ``"silence"`` and ``"still on"``. A clock
        hour of events, a whole silence or a whole activation is one alarm.
    detection : Detection or None
        Labelled incidents, found by alarms of their events; None without the column `label`.
    """

    rates: dict[str, AlarmRate]
    detection: Detection | None

    @property
    def per_week(self) -> float:
        """Alarms of all kinds per home and week."""
        return sum(rate.per_week for rate in self.rates.values())


def monitor_alarms(
    events: pd.DataFrame, rows: pd.DataFrame, *, confidence: float = 0.95
) -> MonitorAlarms:
    """Count the alarms of monitors, and the incidents that they find.

    Hours with an event labelled ``"unusual"`` do not count as alarms of events. Silences and
    activations all count.

    Parameters
    ----------
    events : DataFrame
        Event table of one home or of several.
    rows : DataFrame
        What `HomeMonitor.score` returned for the events of each of these homes.
    confidence : float, default=0.95
        Confidence level of the two-sided intervals.

    Returns
    -------
    alarms : MonitorAlarms
        The three rates, and the incidents.

    Raises
    ------
    ValueError
        If the rows are of other events, a column is missing, or no time was observed.

    Examples
    --------
    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.evaluation import monitor_alarms
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=4, ends=True, random_state=1).assign(consent=True)
    >>> late = log["timestamp"] >= log["timestamp"].iloc[0] + 21 * 86_400
    >>> monitor = HomeMonitor(n_estimators=10, random_state=0).fit(log[~late])
    >>> alarms = monitor_alarms(log[late], monitor.score(log[late]))
    >>> sorted(alarms.rates)
    ['event', 'silence', 'still on']
    """
    events = checked_rows(events, "monitor_alarms", need=("home_id", "timestamp"))
    flags = event_flags(events, rows)
    of_events = alarms_per_week(events, flags, confidence=confidence)
    rates = {KINDS[0]: of_events}
    alarms = rows[rows["alarm"].to_numpy(dtype=bool)]
    for kind in KINDS[1:]:
        units = alarms.loc[alarms["kind"] == kind, ["home_id", "unit"]].drop_duplicates()
        rates[kind] = alarm_rate(len(units), of_events.home_weeks, confidence)
    detection = detection_delay(events, flags) if "label" in events.columns else None
    return MonitorAlarms(rates, detection)


def event_flags(events: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Return for each event whether it is an alarm; one that ends an activation never is.

    Parameters
    ----------
    events : DataFrame
        Event table of one home or of several.
    rows : DataFrame
        What `HomeMonitor.score` returned for the events of each of these homes.

    Returns
    -------
    flags : ndarray of shape (n_events,), bool
        In the order of `events`.
    """
    return column_of_events(events, rows, "alarm") == 1


def column_of_events(events: pd.DataFrame, rows: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Return a column of the rows of events, in the order of `events`; NaN if it has no row."""
    values = np.full(len(events), np.nan)
    of_kind = rows[rows["kind"] == KINDS[0]]
    of_homes = events.groupby("home_id", observed=True, sort=False).indices
    for home, places in ((home, np.asarray(of_home)) for home, of_home in of_homes.items()):
        time = events["timestamp"].to_numpy(dtype=np.float64)[places]
        order = places[np.argsort(time, kind="stable")]
        order = order[~is_end(events)[order]]
        found = of_kind.loc[of_kind["home_id"] == str(home), name].to_numpy(dtype=np.float64)
        if len(found) != len(order):
            raise ValueError(
                f"The 'rows' parameter must have {plural(len(order), 'row')} of events of "
                f"{home!r}, one for each event that ends no activation. Got {len(found)}. Pass "
                "what HomeMonitor.score returned for these events."
            )
        values[order] = found
    return values
