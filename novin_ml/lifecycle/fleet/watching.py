"""Score the events of many homes by the monitors of their homes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from novin_ml.estimators.home_models import home_features, is_monitor
from novin_ml.events.tables.check import checked_events
from novin_ml.events.vocabulary.columns import read_by
from novin_ml.lifecycle.fleet.models import Fleet
from novin_ml.lifecycle.fleet.scoring import homes_of_fleet

if TYPE_CHECKING:
    from novin_ml.evaluation import MonitorAlarms, SeenInTraining

_HOME = "home_id"


@dataclass(frozen=True)
class FleetRows:
    """Rows of events, silences and activations by the monitors of a fleet.

    Attributes
    ----------
    rows : DataFrame of shape (n_rows, 8)
        Those of `HomeMonitor.score`, home by home.
    alarms : MonitorAlarms
        Alarms of each kind per home and week, over homes with a monitor.
    n_ready, n_unproven, n_learning : int
        Number of homes in the events, by the `state_` of their monitor.
    without_monitor : list of str
        Homes in the events that have no monitor.
    training_data : SeenInTraining
        How many of the events of homes with a monitor it was trained on.
    """

    rows: pd.DataFrame = field(repr=False)
    alarms: MonitorAlarms
    n_ready: int
    n_unproven: int
    n_learning: int
    without_monitor: list[str]
    training_data: SeenInTraining = field(repr=False)


def watch_fleet(fleet: Fleet, events: pd.DataFrame) -> FleetRows:
    """Score events, silences and activations of each home by its monitor.

    Parameters
    ----------
    fleet : Fleet
        Result of `load_fleet`; its homes have a `HomeMonitor` each.
    events : DataFrame
        The event table, of any homes.

    Returns
    -------
    rows : FleetRows
        Homes without a monitor have no rows.

    Raises
    ------
    HomeMismatchError
        If no event is of a home with a monitor.
    ValueError
        If a home has a baseline of events alone.
    SavedModelError
        If the file of a home is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.lifecycle import fit_fleet, load_fleet, watch_fleet
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=4, ends=True, random_state=1).assign(consent=True)
    >>> late = log["timestamp"] >= log["timestamp"].iloc[0] + 21 * 86_400
    >>> folder, monitor = tempfile.mkdtemp(), HomeMonitor(n_estimators=10)
    >>> report = fit_fleet(log[~late], out=folder, estimator=monitor, random_state=0)
    >>> found = watch_fleet(load_fleet(folder), log[late])
    >>> sorted(found.alarms.rates), found.without_monitor
    (['event', 'silence', 'still on'], [])
    """
    # Not above: the workers that fit a fleet import this package, and need no evaluation.
    from novin_ml.evaluation import SeenInTraining, monitor_alarms

    events = checked_events(events, (_HOME, "timestamp"), "watch_fleet")
    parts, states, n_seen = [], [], 0
    known, without = homes_of_fleet(fleet, events, "monitor")
    for home, places in known.items():
        monitor = fleet[home]
        if not is_monitor(monitor):
            raise ValueError(
                f"The homes of {fleet.folder} must have a HomeMonitor. Got a baseline of events "
                f"alone for {home!r}. Score it with score_fleet."
            )
        features = home_features(monitor)
        rows = read_by(events.iloc[places], getattr(features, "vocabulary_", None))
        parts.append(monitor.score(rows))
        n_seen += features.count_remembered(rows)
        states.append(monitor.state_)
    rows = pd.concat(parts, ignore_index=True)
    of_fleet = events[~events[_HOME].isin(without)]
    return FleetRows(
        rows=rows,
        alarms=monitor_alarms(of_fleet, rows),
        n_ready=states.count("ready"),
        n_unproven=states.count("unproven"),
        n_learning=states.count("learning"),
        without_monitor=without,
        training_data=SeenInTraining(True, len(of_fleet), len(of_fleet), n_seen, 0.0, n_seen > 0),
    )
