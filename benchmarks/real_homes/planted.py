"""Which anomalies are found that were planted into the days after a home's training.

A home is trained on its first days. Into the days after them one anomaly is planted at a time, and
again, 200 times a kind (``--draws``, ``--seed``). It is found if there is an alarm within it. The
threshold of each kind of alarm is a rank: without a plant the days after training have as many
alarms a week as `ALARMS_A_WEEK` says. Where the log is long enough there is a second figure: the
share found by the detector's own threshold, which is proven on the training days.

The last 14 days of a log, but at most seven tenths of them, are not trained on: 10 days of ordonez
A and 14 of B (``--test-days`` sets another number). Simulated homes (``--homes``) stand beside the
real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from benchmarks._report import Report, new_table  # first: OpenMP

# isort: split
import numpy as np
import pandas as pd

from benchmarks.real_homes._layout import DAY, Home
from benchmarks.real_homes._plants import PLANTS, Days, Plant
from novin_ml.estimators import HomeMonitor, make_behavior_pipeline
from novin_ml.features import ActivityHistory, activity_rows
from novin_ml.simulation import simulate_behavior

ALARMS_A_WEEK = {"event": 3.0, "silence": 1.0, "still on": 1.0}
HOUR, HALF_DAY, WEEK = 3_600.0, DAY / 2, 7.0 * DAY
MOST_DAYS, MOST_OF_LOG = 14, 0.7
SIMULATED_TEST = 28
SIMULATED_WEEKS = 16


class Scored(NamedTuple):
    """Rows that may alarm, of one kind.

    Attributes
    ----------
    time : ndarray of shape (n_rows,)
        When each was scored, in seconds since 1970.
    unit : ndarray of shape (n_rows,), int
        Rows of one unit are one alarm: a clock hour, a silence or an activation.
    score : ndarray of shape (n_rows,)
        How unusual it is.
    proven : ndarray of shape (n_rows,), bool
        Whether it is an alarm by the detector's own threshold.
    """

    time: np.ndarray
    unit: np.ndarray
    score: np.ndarray
    proven: np.ndarray


class Method(Protocol):
    """A way to find anomalies, trained on the first days of one home."""

    #: Kinds of alarms whose budget is proven.
    ready: frozenset[str]

    def score(self, events: pd.DataFrame, start: float, until: float) -> Mapping[str, Scored]:
        """Score the days after training; rows before `start` or after `until` may be left out."""
        ...


class Forest:
    """The behavior pipeline as it comes."""

    def __init__(self, training: pd.DataFrame, rest: pd.DataFrame, seed: int) -> None:
        self._pipeline = make_behavior_pipeline(
            alarms_per_week=ALARMS_A_WEEK["event"], random_state=seed
        )
        self._pipeline.fit(training, detector__timestamps=training["timestamp"])
        is_ready = self._pipeline["detector"].state_ == "ready"
        self.ready = frozenset({"event"} if is_ready else ())

    def score(self, events: pd.DataFrame, start: float, until: float) -> Mapping[str, Scored]:
        """Score the events of the window."""
        time = events["timestamp"].to_numpy()
        rows = self._pipeline["features"].transform(events[time <= until])
        here = time[time <= until] >= start
        detector = self._pipeline["detector"]
        usual = detector.score_samples(rows[here])
        time = time[time <= until][here]
        hours = np.floor(time / HOUR).astype(np.int64)
        return {"event": Scored(time, hours, -usual, usual < detector.offset_)}


class Monitor:
    """`HomeMonitor`: three kinds of alarms.

    A plant is scored from the last half day before it on, by the history of what was there: the
    days before a plant are as they were.
    """

    def __init__(self, training: pd.DataFrame, rest: pd.DataFrame, seed: int) -> None:
        self._monitor = HomeMonitor(random_state=seed).fit(training)
        budgets = self._monitor.budgets_.items()
        self.ready = frozenset(kind for kind, budget in budgets if budget.state == "ready")
        self._training = training
        self._moments: list[tuple[float, ActivityHistory]] = [(-np.inf, self._monitor.history_)]
        history = self._monitor.history_.copy()
        for half_day, part in rest.groupby(rest["timestamp"] // HALF_DAY):
            self._moments.append((float(half_day) * HALF_DAY, history.copy()))
            activity_rows(part, history=history)

    def score(self, events: pd.DataFrame, start: float, until: float) -> Mapping[str, Scored]:
        """Score the rows of the window."""
        monitor = self._monitor
        since, history = max(
            (moment for moment in self._moments if moment[0] <= start - HALF_DAY),
            key=lambda moment: moment[0],
        )
        events = events[events["timestamp"] <= until]
        here = events["timestamp"].to_numpy() >= since
        end = until if np.isfinite(until) else None
        rows = activity_rows(events[here], history=history.copy(), until=end)
        behavior = monitor.features_.transform(events)[here]
        scores = monitor.scores_of(behavior, rows)
        found = {}
        for kind, of_kind in rows.items():
            within = (of_kind.time >= start) & (of_kind.time <= until)
            score = scores[kind][within]
            proven = score > monitor.budgets_[kind].threshold
            if kind not in self.ready:
                proven[:] = False
            found[kind] = Scored(of_kind.time[within], of_kind.unit[within], score, proven)
        return found


METHODS: dict[str, Any] = {"the forest": Forest, "HomeMonitor": Monitor}


def rank_thresholds(
    method: Method, days: Days, alarms_a_week: Mapping[str, float] = ALARMS_A_WEEK
) -> dict[str, float]:
    """Return the thresholds that give the rest of the days their alarms; more than one alarms."""
    weeks = (days.rest["timestamp"].iloc[-1] - days.split) / WEEK
    thresholds = {}
    for kind, scored in method.score(days.rest, -np.inf, np.inf).items():
        most = pd.Series(scored.score).groupby(scored.unit).max().sort_values(ascending=False)
        allowed = round(alarms_a_week[kind] * weeks)
        thresholds[kind] = float(most.iloc[allowed]) if allowed < len(most) else -np.inf
    return thresholds


class Found(NamedTuple):
    """Whether a plant was found, by rank and by the proven thresholds."""

    by_rank: bool
    proven: bool


def is_found(method: Method, thresholds: Mapping[str, float], plant: Plant) -> Found:
    """Tell whether any alarm is within a plant."""
    by_rank = proven = False
    for kind, scored in method.score(plant.events, plant.start, plant.until).items():
        by_rank |= bool((scored.score > thresholds[kind]).any())
        proven |= bool(scored.proven.any())
    return Found(by_rank, proven)


def shares_found(
    days: Days, others: list[Days], n_draws: int, seed: int
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the share found of each kind, in percent, by rank and proven, by method.

    A kind that cannot be planted, and a budget that cannot be proven, have NaN.
    """
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name, make in METHODS.items():
        method = make(days.training, days.rest, seed)
        thresholds = rank_thresholds(method, days)
        found[name] = {}
        for number, (kind, plant) in enumerate(PLANTS.items()):
            rng = np.random.default_rng([seed, number])
            drawn = [plant(rng, days, others) for _ in range(n_draws)]
            answers = [is_found(method, thresholds, each) for each in drawn if each is not None]
            by_rank, proven = (
                100 * float(np.mean([answer[i] for answer in answers])) if answers else np.nan
                for i in (0, 1)
            )
            found[name][kind] = by_rank, proven if method.ready else np.nan
    return found


def days_of(home: Home, test_days: int | None) -> Days:
    """Divide the log of a home into days of training and the rest."""
    times = home.events["timestamp"].to_numpy()
    n_days = test_days or min(MOST_DAYS, round(MOST_OF_LOG * (times[-1] - times[0]) / DAY))
    return Days(home.name, home.events, times[-1] - n_days * DAY)


def simulated_days(n_homes: int) -> list[Days]:
    """Simulate homes of many weeks that have consented, whose sensors tell their ends."""
    found: list[Days] = []
    number = 0
    while len(found) < n_homes:
        events = simulate_behavior(
            weeks=SIMULATED_WEEKS, unusual_per_month=0, first_home=number, ends=True, random_state=0
        )
        number += 1
        if events["consent"].all():
            split = events["timestamp"].iloc[-1] - SIMULATED_TEST * DAY
            found.append(Days(str(events["home_id"].iloc[0]), events, float(split)))
    return found


def show(homes: list[Home], report: Report) -> None:
    """Print the share of planted anomalies that is found, at each home and on average."""
    options = report.options
    groups = {
        "real": [days_of(home, options.test_days) for home in homes],
        "simulated": simulated_days(options.homes),
    }
    report.figures["planted"] = {}
    for group, every in groups.items():
        found = {}
        for days in every:
            others = [other for other in every if other is not days]
            if not others:
                report.say(
                    f"{days.name} is the only {group} home: half hours of others are its own."
                )
            found[days.name] = shares_found(days, others or [days], options.draws, options.seed)
            report.progress(
                f"{days.name}: {(days.rest['timestamp'].iloc[-1] - days.split) / DAY:.0f} days"
            )
        if found:
            _show_group(group, found, report)
            report.figures["planted"][group] = found


def _show_group(group: str, found: Mapping[str, Any], report: Report) -> None:
    for method in METHODS:
        table = new_table(
            f"Planted anomalies found in {group} homes, in %: {method}; by rank / proven budget",
            ("anomaly", *found, "mean"),
        )
        for kind in PLANTS:
            cells = [of_home[method][kind] for of_home in found.values()]
            mean = tuple(_mean([cell[i] for cell in cells]) for i in (0, 1))
            table.add_row(kind, *(_shown(cell) for cell in (*cells, mean)))
        report.show(table)


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _shown(cell: tuple[float, ...]) -> str:
    return " / ".join("-" if np.isnan(value) else f"{value:.0f}" for value in cell)
