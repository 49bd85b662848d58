"""Score the events of many homes by the baselines of their homes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import HomeMismatchError
from novin_ml.foreign import require_rows
from novin_ml.lifecycle.fleet.baselines import first_homes
from novin_ml.lifecycle.fleet.models import Fleet

if TYPE_CHECKING:
    from novin_ml.evaluation import AlarmRate

_HOME = "home_id"


@dataclass(frozen=True)
class FleetScores:
    """Scores of events by the baselines of a fleet.

    Attributes
    ----------
    scores : DataFrame of shape (n_events, 3)
        One row per event: `score` and `decision`, float64, and `alarm`, nullable boolean. Empty
        where the home has no baseline.
    alarms : AlarmRate
        Alarms per home and week, over homes with a baseline.
    n_ready, n_learning : int
        Number of homes in the events, by the `state_` of their baseline.
    without_baseline : list of str
        Homes in the events that have no baseline.
    n_unusual : int
        Events that are alarms. Several within an hour count once in `alarms`.
    """

    scores: pd.DataFrame = field(repr=False)
    alarms: AlarmRate
    n_ready: int
    n_learning: int
    without_baseline: list[str]
    n_unusual: int

    @property
    def n_scored(self) -> int:
        """Events of homes that have a baseline."""
        return int(self.scores["score"].notna().sum())


def score_fleet(fleet: Fleet, events: pd.DataFrame) -> FleetScores:
    """Score each event by the baseline of its home.

    Parameters
    ----------
    fleet : Fleet
        Result of `load_fleet`; its baselines begin with features.
    events : DataFrame
        The event table, of any homes.

    Returns
    -------
    scores : FleetScores
        The events of homes without a baseline stay empty.

    Raises
    ------
    HomeMismatchError
        If no event is of a home with a baseline.
    SavedModelError
        If the file of a home is damaged.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import fit_fleet, load_fleet, score_fleet
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(2, weeks=1, random_state=1).assign(consent=True)
    >>> first = events[events["home_id"] == "home_0001"]
    >>> folder = tempfile.mkdtemp()
    >>> report = fit_fleet(first, out=folder, random_state=0)
    >>> found = score_fleet(load_fleet(folder), events)
    >>> found.n_learning, found.without_baseline, found.n_scored == len(first)
    (1, ['home_0002'], True)
    """
    # Not above: the workers that fit a fleet import this package, and need no evaluation.
    from novin_ml.evaluation import alarms_per_week

    require_rows(events, "The 'events' parameter", chains=False)
    events = checked_events(events, (_HOME, "timestamp"), "score_fleet")
    score, decision = np.full(len(events), np.nan), np.full(len(events), np.nan)
    states, without = [], []
    for home, places in events.groupby(_HOME, observed=True, sort=False).indices.items():
        if home not in fleet:
            without.append(str(home))
            continue
        pipeline = fleet[str(home)]
        score[places] = pipeline.score_samples(events.iloc[places])
        decision[places] = score[places] - pipeline[-1].offset_
        states.append(pipeline[-1].state_)
    if not states:
        raise HomeMismatchError(
            f"The events must be of homes with a baseline in {fleet.folder}. "
            f"Got {first_homes(without)}.",
            "Fit them with fit_fleet.",
        )
    scored, is_alarm = ~np.isnan(score), decision < 0
    flags = pd.array(is_alarm, dtype="boolean")
    flags[~scored] = pd.NA
    return FleetScores(
        scores=pd.DataFrame({"score": score, "decision": decision, "alarm": flags}),
        alarms=alarms_per_week(events[scored], is_alarm[scored]),
        n_ready=states.count("ready"),
        n_learning=states.count("learning"),
        without_baseline=without,
        n_unusual=int(is_alarm.sum()),
    )
