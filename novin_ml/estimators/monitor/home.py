"""Unusual events, silences and activations of one home: three kinds of alarms and budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.alarm_budget import (
    DAY,
    HOUR,
    STATES,
    KindBudget,
    observed_days,
    spend_budget,
)
from novin_ml.estimators.behavior import BehaviorAnomalyDetector
from novin_ml.estimators.monitor.moments import Moment, positions_in_kind, strongest_rows
from novin_ml.estimators.monitor.rows import (
    FOREST_COLUMNS,
    KINDS,
    alarm_table,
    event_scores,
    forest_table,
    habit_scores,
)
from novin_ml.estimators.tails import Tail, highest_of_units
from novin_ml.events.tables.check import checked_events
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.activity import ActivityHistory, ActivityRows, activity_rows
from novin_ml.features.activity.facts import facts_at
from novin_ml.features.activity.steps import ACTIVITY_INPUTS, OPTIONAL, is_end
from novin_ml.features.behavior.features import BehaviorFeatures
from novin_ml.validation import Interval, NamedParameters

__all__ = ["HomeMonitor"]

#: The first days, when little is known; a log of at least `_TO_SPARE` days leaves them out of the
#: thresholds.
_FIRST_DAYS, _TO_SPARE = 7.0, 28.0


def thresholds_from(times: NDArray[np.float64]) -> float:
    """Return from when on the events of a log, in the order of time, determine thresholds."""
    is_long = observed_days(times) >= _TO_SPARE
    return float(times[0] + (_FIRST_DAYS * DAY if is_long else 0.0))


class HomeMonitor(NamedParameters, BaseEstimator):
    """Monitor of one home: unusual events, unusual silences, and sensors that stay on too long.

    Each kind of alarm has its own budget and threshold, and the budgets add up. One alarm is
    a clock hour of events, a whole silence, or a whole activation of a sensor.

    Parameters
    ----------
    alarms_per_week : float, default=3.0
        The budget of events.
    silences_per_week : float, default=1.0
        The budget of silences.
    still_on_per_week : float, default=1.0
        The budget of activations.
    confidence : float, default=0.95
        Confidence of the bound that must stay within a budget.
    learning_days : float, default=14
        Minimum number of observed days.
    tick_minutes, door_tick_minutes : int, default=60, 15
        Minutes between the ticks of `ActivityHistory`.
    n_estimators : int, default=100
        Number of trees.
    random_state : int, RandomState or None, default=None
        Seeds the trees.

    Attributes
    ----------
    home_id_ : str
        The home.
    budgets_ : dict of str to KindBudget
        By kind of alarm: ``state``, ``threshold``, ``n_alarms`` in the training log, ``bound`` on
        the alarms per week, and the ``required_days``. See `BehaviorAnomalyDetector`.
    n_days_ : float
        Number of days whose scores determine the thresholds.
    sensor_hour_weight_ : float
        Weight of the sensor at its hour in the rarity of habits: 1 if the training log has four
        weeks or more, otherwise 0.
    detector_ : BehaviorAnomalyDetector
        The forest over the 17 columns of `BehaviorFeatures` and the two means of `ActivityHistory`.

    See Also
    --------
    BehaviorAnomalyDetector : Unusual events alone.
    novin_ml.features.ActivityHistory : The rows of silences and activations.

    Notes
    -----
    This is feature set 2. An event has two scores: the score of the forest, and the rarity of
    habits. The rarer one counts. The rarity of habits is the mean rarity of the transitions between
    sensors, plus that of a sensor at its hour if the training log has four weeks or more: hours
    need days to be known. Rarity is in bits: the negative logarithm of the share of hours in the
    training log with such a score. The rule was chosen on training days, and on simulated homes
    that are not scored. Two alternatives found less there: transitions as columns of the forest
    only, and, at night, the mean of both scores.

    For silences, activations and transitions, the scores of the training log are prequential: the
    days before a day score it.

    Examples
    --------
    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=4, ends=True, random_state=1).assign(consent=True)
    >>> start = log["timestamp"].iloc[0]
    >>> train = log["timestamp"] < start + 21 * 86_400
    >>> monitor = HomeMonitor(n_estimators=10, random_state=0).fit(log[train])
    >>> rows = monitor.score(log[~train])
    >>> sorted(monitor.count_alarms(rows))
    ['event', 'silence', 'still on']
    """

    #: Number of the feature set that the monitor needs.
    feature_set: ClassVar[int] = 2
    #: Columns of the event table that are read.
    inputs: ClassVar[tuple[str, ...]] = tuple(
        dict.fromkeys((*BehaviorFeatures.inputs, *ACTIVITY_INPUTS, *OPTIONAL))
    )

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "alarms_per_week": [Interval(Real, 0, None, closed="neither")],
        "silences_per_week": [Interval(Real, 0, None, closed="neither")],
        "still_on_per_week": [Interval(Real, 0, None, closed="neither")],
        "confidence": [Interval(Real, 0, 1, closed="neither")],
        "learning_days": [Interval(Real, 0, None, closed="left")],
        "tick_minutes": [Interval(Integral, 1, 1440, closed="both")],
        "door_tick_minutes": [Interval(Integral, 1, 1440, closed="both")],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        alarms_per_week: float = 3.0,
        silences_per_week: float = 1.0,
        still_on_per_week: float = 1.0,
        confidence: float = 0.95,
        learning_days: float = 14,
        tick_minutes: int = 60,
        door_tick_minutes: int = 15,
        n_estimators: int = 100,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.alarms_per_week = alarms_per_week
        self.silences_per_week = silences_per_week
        self.still_on_per_week = still_on_per_week
        self.confidence = confidence
        self.learning_days = learning_days
        self.tick_minutes = tick_minutes
        self.door_tick_minutes = door_tick_minutes
        self.n_estimators = n_estimators
        self.random_state = random_state

    @property
    def state_(self) -> str:
        """The first state that a kind of alarms is in: learning, unproven or ready."""
        check_is_fitted(self)
        states = {budget.state for budget in self.budgets_.values()}
        return next(state for state in STATES if state in states)

    def fit(self, events: pd.DataFrame, y: Any = None) -> Self:
        """Learn the habits of a home.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table of one home, rows in any order; those of one time count in that order.
            Every event must have consent.
        y : Ignored
            Not used.

        Returns
        -------
        self : object
            The fitted monitor.

        Raises
        ------
        InvalidEventError
            If the events break a rule, are of several homes, or lack consent.
        ValueError
            If a parameter is wrong, or there are fewer than two events.
        """
        self._validate_params()
        events = self._in_order(events)
        self.features_ = BehaviorFeatures(one_home=True).fit(events)
        self.home_id_ = str(self.features_.homes_[0]) if len(self.features_.homes_) else ""
        self.history_ = self._begin()
        rows = activity_rows(events, history=self.history_)
        behavior = self._behavior(events)
        columns = forest_table(behavior, rows["event"])
        times = rows["event"].time
        self.detector_ = BehaviorAnomalyDetector(
            n_estimators=self.n_estimators,
            alarms_per_week=self.alarms_per_week,
            random_state=self.random_state,
        ).fit(columns, timestamps=times)
        since = thresholds_from(times)
        self.n_days_ = observed_days(times[times >= since])
        kept = times >= since
        hours = np.floor(times[kept] / HOUR)
        forest = -self.detector_.score_samples(columns)
        self.forest_tail_ = Tail.of(forest[kept], hours)
        self.sensor_hour_weight_ = float(observed_days(times) >= _TO_SPARE)
        habits = habit_scores(rows["event"].values, self.sensor_hour_weight_)
        self.transition_tail_ = Tail.of(habits[kept], hours)
        self._spend_budgets(rows, self.scores_of(behavior, rows), since)
        return self

    def _begin(self) -> ActivityHistory:
        """Return the history of the home before its first event."""
        return ActivityHistory(
            self.home_id_,
            tick_minutes=int(self.tick_minutes),
            door_tick_minutes=int(self.door_tick_minutes),
        )

    def _spend_budgets(
        self, rows: dict[str, ActivityRows], scores: dict[str, NDArray[np.float64]], since: float
    ) -> None:
        """Choose the threshold of each kind from the scores of the training log."""
        self.budgets_: dict[str, KindBudget] = {}
        for kind in KINDS:
            late = rows[kind].time >= since
            highest = highest_of_units(scores[kind][late], rows[kind].unit[late])
            self.budgets_[kind] = spend_budget(
                -highest[::-1],
                self.n_days_,
                float(self.learning_days),
                self.budget_of(kind),
                self.confidence,
            )

    def score(self, events: pd.DataFrame, *, until: float | None = None) -> pd.DataFrame:
        """Score events that follow the training log, and the ticks between and after them.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table of the home, none earlier than the training log; rows in any order, but
            for those of one time, which count in that order.
        until : float, optional
            Seconds since 1970 up to which there are ticks; None is the last event.

        Returns
        -------
        rows : DataFrame of shape (n_rows, 8)
            Sorted by time: ``home_id``, ``kind``, ``time`` (seconds since 1970), ``unit`` (rows of
            a kind with the same unit are one alarm), ``sensor``, ``score``, ``alarm`` (bool) and
            ``unproven`` (bool): whether nothing proves yet how often such alarms come.

        Raises
        ------
        InvalidEventError
            If the events break a rule, are of another home, or go back in time.
        """
        check_is_fitted(self)
        _, _, rows, scores = self._scored(events, until, self.history_)
        return alarm_table(self.home_id_, self.budgets_, rows, scores)

    def moments(
        self,
        events: pd.DataFrame,
        rows: Sequence[int] | None = None,
        *,
        n_rows: int = 5,
        until: float | None = None,
        anew: bool = False,
    ) -> list[Moment]:
        """Return rows of `score` with what was known at them, for `novin_ml.evaluation.explain`.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            As for `score`.
        rows : sequence of int, default=None
            Numbers of rows of what `score` returns. None takes the most unusual ones, one for each
            clock hour of events, silence and activation.
        n_rows : int, default=5
            Most rows, if `rows` is None.
        until : float, optional
            As for `score`.
        anew : bool, default=False
            Whether the events are those of `fit`: they then continue no log, but begin one.

        Returns
        -------
        moments : list of Moment
            In the order of `rows`, or else the most unusual one first: the one that exceeds the
            threshold of its kind by most bits.

        Raises
        ------
        InvalidEventError
            As `score` raises it.
        ValueError
            If there is no such row.
        """
        check_is_fitted(self)
        history = self._begin() if anew else self.history_
        in_order, behavior, of_kinds, scores = self._scored(events, until, history)
        table = alarm_table(self.home_id_, self.budgets_, of_kinds, scores)
        if rows is None:
            rows = strongest_rows(table, self.budgets_, n_rows)
        places = positions_in_kind(table, rows)
        wanted = {kind: [at for each, at in places if each == kind] for kind in KINDS}
        facts = facts_at(in_order, of_kinds, wanted, history.copy())
        columns = forest_table(behavior, of_kinds["event"])
        found = []
        for row, (kind, at) in zip(rows, places, strict=True):
            given = table.iloc[row]
            moment = Moment(
                int(row), self.home_id_, kind, at, float(given["time"]), str(given["sensor"]),
                float(given["score"]), bool(given["alarm"]), bool(given["unproven"]),
                facts[kind, at],
            )  # fmt: skip
            if kind == KINDS[0]:
                X = columns.iloc[[at]]
                of_forest = self.forest_tail_.bits(-self.detector_.score_samples(X))[0]
                moment = replace(
                    moment, features=X.to_numpy(), by_forest=bool(of_forest >= moment.score)
                )
            found.append(moment)
        return found

    def _scored(
        self, events: pd.DataFrame, until: float | None, history: ActivityHistory
    ) -> tuple[
        pd.DataFrame, NDArray[np.float32], dict[str, ActivityRows], dict[str, NDArray[np.float64]]
    ]:
        """Return the events in order, their columns of behavior, all rows, and the scores."""
        events = self._in_order(events)
        others = [home for home in events["home_id"].unique() if home != self.home_id_]
        if others:
            raise InvalidEventError(
                f"The events of a monitor must be of its home, {self.home_id_!r}. Got some of "
                f"{others[0]!r}. Fit a monitor for each home."
            )
        rows = activity_rows(events, history=history.copy(), until=until)
        behavior = self._behavior(events)
        return events, behavior, rows, self.scores_of(behavior, rows)

    def budget_of(self, kind: str) -> float:
        """Return the alarms per week that a kind may have.

        Parameters
        ----------
        kind : {"event", "silence", "still on"}
            The kind of alarms.

        Returns
        -------
        alarms_per_week : float
            The parameter of that kind.
        """
        budgets = (self.alarms_per_week, self.silences_per_week, self.still_on_per_week)
        return float(dict(zip(KINDS, budgets, strict=True))[kind])

    def forest_columns(self, events: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of the forest for events after the training log.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table of the home; rows in any order, but for those of one time.

        Returns
        -------
        columns : DataFrame of shape (n_events, 19), float32
            In the order of `events`; NaN for an event that ends an activation.
        """
        check_is_fitted(self)
        checked = self._checked(events)
        order = np.argsort(checked["timestamp"].to_numpy(), kind="stable")
        checked = checked.iloc[order]
        rows = activity_rows(checked, history=self.history_.copy())
        columns = np.full((len(checked), len(FOREST_COLUMNS)), np.nan, dtype=np.float32)
        places = order[~is_end(checked)]
        columns[places] = forest_table(self._behavior(checked), rows["event"])
        return pd.DataFrame(columns, columns=[spec.name for spec in FOREST_COLUMNS])

    def count_alarms(self, rows: pd.DataFrame) -> dict[str, int]:
        """Count the alarms of each kind: a silence or an activation is one, however long.

        Parameters
        ----------
        rows : DataFrame
            From `score`.

        Returns
        -------
        alarms : dict of str to int
            Number of units with an alarm, by kind.
        """
        alarms = rows[rows["alarm"]]
        return {kind: int(alarms.loc[alarms["kind"] == kind, "unit"].nunique()) for kind in KINDS}

    def _in_order(self, events: pd.DataFrame) -> pd.DataFrame:
        return self._checked(events).sort_values("timestamp", kind="stable")

    def _checked(self, events: pd.DataFrame) -> pd.DataFrame:
        return checked_events(events, (*ACTIVITY_INPUTS, "zone", "home_mode"), type(self).__name__)

    def _behavior(self, events: pd.DataFrame) -> NDArray[np.float32]:
        """Return the columns of behavior, for the events that have a row."""
        rows: NDArray[np.float32] = self.features_.transform(events)[~is_end(events)]
        return rows

    def scores_of(
        self, behavior: NDArray[np.float32], rows: dict[str, ActivityRows]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the score of each row, by kind.

        Parameters
        ----------
        behavior : ndarray of shape (n_events, 17), float32
            Columns of `BehaviorFeatures`, for the events that have a row.
        rows : dict of str to ActivityRows
            From `activity_rows`.

        Returns
        -------
        scores : dict of str to ndarray of shape (n_rows,), float64
            In bits; higher is more unusual.
        """
        of_events = event_scores(
            self.forest_tail_.curve,
            self.transition_tail_.curve,
            -self.detector_.score_samples(forest_table(behavior, rows["event"])),
            habit_scores(rows["event"].values, self.sensor_hour_weight_),
        )
        scores = {kind: rows[kind].values[:, 0].astype(np.float64) for kind in KINDS[1:]}
        return {"event": of_events} | scores
