"""Score the events of many homes by the baselines of their homes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.home_models import is_monitor
from novin_ml.events.tables.check import checked_events
from novin_ml.events.vocabulary.columns import read_by
from novin_ml.exceptions import HomeMismatchError
from novin_ml.lifecycle.fleet.baselines import first_homes
from novin_ml.lifecycle.fleet.models import Fleet

if TYPE_CHECKING:
    from novin_ml.evaluation import AlarmRate, SeenInTraining

_HOME = "home_id"


@dataclass(frozen=True)
class FleetScores:
    """Scores of events by the baselines of a fleet.

    Attributes
    ----------
    scores : DataFrame of shape (n_events, 3)
        One row per event: `anomaly_score` and `threshold`, float64, and `alarm`, nullable boolean.
        The score is from 0 to 1, higher is more unusual; above its home's threshold it is an alarm.
        Empty where the home has no baseline.
    alarms : AlarmRate
        Alarms per home and week, over homes with a baseline.
    n_ready, n_unproven, n_learning : int
        Number of homes in the events, by the `state_` of their baseline.
    without_baseline : list of str
        Homes in the events that have no baseline.
    n_unusual : int
        Events that are alarms. Several within an hour count once in `alarms`.
    training_data : SeenInTraining
        How many of the scored events their baselines were trained on.
    """

    scores: pd.DataFrame = field(repr=False)
    alarms: AlarmRate
    n_ready: int
    n_unproven: int
    n_learning: int
    without_baseline: list[str]
    n_unusual: int
    training_data: SeenInTraining = field(repr=False)

    @property
    def n_scored(self) -> int:
        """Events of homes that have a baseline."""
        return int(self.scores["anomaly_score"].notna().sum())


def score_fleet(fleet: Fleet, events: pd.DataFrame) -> FleetScores:
    """Score each event by the baseline of its home.

    Kinds and zones are found again by the vocabulary of each baseline, where the table is of
    another and has the columns ``type`` and ``location``.

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
    ValueError
        If a home has a `HomeMonitor`.

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
    from novin_ml.evaluation import SeenInTraining, alarms_per_week

    events = checked_events(events, (_HOME, "timestamp"), "score_fleet")
    score, threshold = np.full(len(events), np.nan), np.full(len(events), np.nan)
    states, n_seen = [], 0
    known, without = homes_of_fleet(fleet, events, "baseline")
    for home, places in known.items():
        pipeline = fleet[home]
        if is_monitor(pipeline):
            raise ValueError(
                f"The homes of {fleet.folder} must have baselines of events. Got a HomeMonitor "
                f"for {home!r}, which has rows of its own. Score it with watch_fleet."
            )
        rows = read_by(events.iloc[places], getattr(pipeline[0], "vocabulary_", None))
        score[places] = -pipeline.score_samples(rows)
        n_seen += pipeline[0].count_remembered(rows)
        threshold[places] = -pipeline[-1].offset_
        states.append(pipeline[-1].state_)
    scored, is_alarm = ~np.isnan(score), score > threshold
    n_scored = int(scored.sum())
    flags = pd.array(is_alarm, dtype="boolean")
    flags[~scored] = pd.NA
    return FleetScores(
        scores=pd.DataFrame({"anomaly_score": score, "threshold": threshold, "alarm": flags}),
        alarms=alarms_per_week(events[scored], is_alarm[scored]),
        n_ready=states.count("ready"),
        n_unproven=states.count("unproven"),
        n_learning=states.count("learning"),
        without_baseline=without,
        n_unusual=int(is_alarm.sum()),
        training_data=SeenInTraining(True, n_scored, n_scored, n_seen, 0.0, n_seen > 0),
    )


def homes_of_fleet(
    fleet: Fleet, events: pd.DataFrame, model: str
) -> tuple[dict[str, NDArray[np.intp]], list[str]]:
    """Return the positions of the events of each home in a fleet, and the homes without a model.

    Raises
    ------
    HomeMismatchError
        If no home is in the fleet. `model` is the word for what the homes lack.
    """
    places = events.groupby(_HOME, observed=True, sort=False).indices
    known = {str(home): np.asarray(rows) for home, rows in places.items() if home in fleet}
    without = [str(home) for home in places if str(home) not in known]
    if not known:
        raise HomeMismatchError(
            f"The events must be of homes with a {model} in {fleet.folder}. "
            f"Got {first_homes(without)}.",
            "Fit them with fit_fleet.",
        )
    return known, without
