"""What a prior from other homes finds in the first three weeks of a home, and what it costs.

Simulated homes, and the real homes of ``benchmarks.real_homes`` where they are. Anomalies are
planted one at a time into a week, as ``benchmarks.real_homes planted`` does. By rank: the
thresholds are those at which the week without a plant has 3 alarms of events, 1 of a silence and 1
of what stays on, so that all methods have equal false alarms. By the monitor's own thresholds:
those that it has at the beginning of each day, with the alarms of the week that they really give.

The prior never saw the homes of the test. In week 1 a home without it has an empty past, and the
same scores by its own counts; "curves alone" has the scores' rarity from the prior, but no habits.
"""

from __future__ import annotations

from argparse import Namespace
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._datasets import SHARED
from benchmarks._report import Report, new_table
from benchmarks.federated._kept import Kept
from benchmarks.real_homes._layout import DAY, read_homes
from benchmarks.real_homes._plants import PLANTS, Days
from benchmarks.real_homes.planted import (
    ALARMS_A_WEEK,
    HALF_DAY,
    WEEK,
    Monitor,
    Scored,
    is_found,
    rank_thresholds,
)
from novin_ml.estimators import HomeMonitor, first_days_monitor
from novin_ml.features import ActivityHistory, HabitPrior, activity_rows
from novin_ml.federated import learn_prior
from novin_ml.simulation import simulate_behavior

N_WEEKS = 3
OWN = "own monitor, as it comes"
#: Days that a log must have of a week.
LEAST_DAYS = 4.0
#: Homes of the prior and of the test have other numbers.
FIRST_TEST_HOME = 500


class FirstWeek(Days):
    """A log up to the end of one of its first weeks; the split is the beginning of the week."""

    @property
    def training(self) -> pd.DataFrame:
        """All events: what never stayed on for long is judged by the whole log."""
        return self.events

    @property
    def before(self) -> pd.DataFrame:
        """The events before the week."""
        return self.events[self.events["timestamp"] < self.split]


class FirstDays:
    """`first_days_monitor`, made anew each day from the log so far."""

    ready = frozenset(ALARMS_A_WEEK)

    def __init__(self, prior: HabitPrior, week: FirstWeek) -> None:
        first, rest = week.events.iloc[:2], week.rest
        name = str(first["home_id"].iloc[0])
        history = prior.history(name, week.events)
        if len(week.before):
            activity_rows(week.before, history=history)
        self._moments: list[tuple[float, ActivityHistory]] = [(-np.inf, history.copy())]
        for half_day, part in rest.groupby(rest["timestamp"] // HALF_DAY):
            self._moments.append((float(half_day) * HALF_DAY, history.copy()))
            activity_rows(part, history=history)
        self._days: list[tuple[float, HomeMonitor]] = []
        for number in range(7):
            begin = week.split + number * DAY
            past = week.events[week.events["timestamp"] < begin]
            monitor = first_days_monitor(
                prior, past if len(past) > 1 else first, sensors=week.events
            )
            self._days.append((begin, monitor))

    def score(self, events: pd.DataFrame, start: float, until: float) -> Mapping[str, Scored]:
        """Score the rows of the window."""
        since, history = max(
            (moment for moment in self._moments if moment[0] <= start - HALF_DAY),
            key=lambda moment: moment[0],
        )
        events = events[events["timestamp"] <= until]
        here = events["timestamp"].to_numpy() >= since
        end = until if np.isfinite(until) else None
        rows = activity_rows(events[here], history=history.copy(), until=end)
        n_columns = len(self._days[0][1].features_.feature_specs)
        # The steps ask one column, which is not among those of behavior.
        behavior = np.zeros((len(rows["event"]), n_columns), dtype=np.float32)
        scores = self._days[0][1].scores_of(behavior, rows)
        found = {}
        for kind, of_kind in rows.items():
            within = (of_kind.time >= start) & (of_kind.time <= until)
            time, score = of_kind.time[within], scores[kind][within]
            begins = [begin for begin, _ in self._days]
            day = np.clip(np.searchsorted(begins, time, side="right") - 1, 0, 6)
            at = np.array([monitor.budgets_[kind].threshold for _, monitor in self._days])
            found[kind] = Scored(time, of_kind.unit[within], score, score > at[day])
        return found


def first_weeks(name: str, events: pd.DataFrame) -> Iterator[tuple[int, FirstWeek]]:
    """Give the first weeks of a log that it has days of."""
    start = float(events["timestamp"].iloc[0])
    for number in range(N_WEEKS):
        split, end = start + number * WEEK, start + (number + 1) * WEEK
        part = events[events["timestamp"] < end].reset_index(drop=True)
        if part["timestamp"].iloc[-1] >= split + LEAST_DAYS * DAY:
            yield number + 1, FirstWeek(name, part, split)


def simulated(first: int, n_homes: int) -> dict[str, pd.DataFrame]:
    """Return the first weeks of simulated homes that have consented."""
    found: dict[str, pd.DataFrame] = {}
    number = first
    while len(found) < n_homes:
        events = simulate_behavior(
            weeks=N_WEEKS, unusual_per_month=0, first_home=number, ends=True, random_state=0
        )
        number += 1
        if events["consent"].all():
            found[str(events["home_id"].iloc[0])] = events
    return found


class Tally:
    """Shares found and alarms a week, by week and method."""

    def __init__(self) -> None:
        self._found: dict[Any, list[tuple[float, float]]] = defaultdict(list)
        self._alarms: dict[Any, list[float]] = defaultdict(list)

    def add(self, number: int, name: str, result: Mapping[str, Any]) -> None:
        """Add what `found_in` returned."""
        for kind, shares in result["found"].items():
            self._found[number, name, kind].append(tuple(shares))
        self._alarms[number, name].append(result["alarms"])

    def tables(self, title: str, methods: list[str]) -> Iterator[Any]:
        """Give a table for each week."""
        for number in range(1, N_WEEKS + 1):
            here = [name for name in methods if self._alarms[number, name]]
            if not here:
                continue
            n_homes = len(self._alarms[number, here[0]])
            table = new_table(
                f"{title}, week {number}, {n_homes} homes: planted anomalies found, in %, at equal "
                "false alarms / by own thresholds",
                ("method", *PLANTS, "alarms a week by own thresholds"),
            )
            for name in here:
                cells = []
                for kind in PLANTS:
                    found = np.array(self._found[number, name, kind])
                    mean = found.mean(axis=0) if len(found) else (np.nan, np.nan)
                    cells.append(" / ".join(f"{each:.0f}" for each in mean))
                alarms = np.mean(self._alarms[number, name])
                table.add_row(name, *cells, f"{alarms:.1f}")
            yield table


def found_in(
    week: FirstWeek, method: Any, others: list[Any], n_draws: int, seed: int
) -> dict[str, Any]:
    """Plant anomalies into a week; return shares found by kind, and alarms a week without them."""
    thresholds = rank_thresholds(method, week)
    found = {}
    for place, (kind, plant) in enumerate(PLANTS.items()):
        rng = np.random.default_rng([seed, place])
        drawn = [plant(rng, week, others) for _ in range(n_draws)]
        answers = [is_found(method, thresholds, each) for each in drawn if each is not None]
        if answers:
            found[kind] = (100 * np.mean(answers, axis=0)).tolist()
    clean = method.score(week.rest, -np.inf, np.inf)
    weeks = (week.rest["timestamp"].iloc[-1] - week.split) / WEEK
    alarms = sum(len(np.unique(each.unit[each.proven])) for each in clean.values())
    return {"found": found, "alarms": float(alarms / weeks)}


def tally(
    logs: Mapping[str, pd.DataFrame], priors_of: Mapping[str, Any], options: Namespace, kept: Kept
) -> Tally | None:
    """Plant into all first weeks of homes; `priors_of` has a prior by method, given the home."""
    result = Tally()
    weeks = {name: dict(first_weeks(name, events)) for name, events in logs.items()}
    for name, own in weeks.items():
        others = [days for other, days in weeks.items() if other != name]
        for number, week in own.items():
            beside = [each.get(number, each[1]) for each in others]
            makers: dict[str, Any] = {
                method: lambda w=week, p=prior_of, n=name: FirstDays(p(n), w)
                for method, prior_of in priors_of.items()
            }
            if number > 1:
                makers[OWN] = lambda w=week: Monitor(w.before, w.rest, options.seed)
            for method, make in makers.items():
                label = f"prior, {name}, week {number}, {method}, {options.draws} draws"
                found = kept.get(
                    f"{label}, seed {options.seed}, {options.prior_homes} homes",
                    lambda m=make, w=week, b=beside: found_in(
                        w, m(), b, options.draws, options.seed
                    ),
                )
                if found is None:
                    return None
                result.add(number, method, found)
    return result


def without_habits(prior: HabitPrior) -> HabitPrior:
    """Return a prior that knows how rare scores are, and no habit: its counts round to none."""
    return replace(prior, n_days=1e-6)


def show(options: Namespace, report: Report) -> None:
    """Print the tables of simulated and of real homes."""
    of_prior = simulated(0, options.prior_homes)
    prior = learn_prior(of_prior).prior
    report.say(
        f"The prior of {prior.n_homes} simulated homes of {N_WEEKS} weeks; {options.draws} plants "
        "of a kind and week."
    )
    kept = Kept(options.kept, options.seconds)
    if "simulated" in options.population:
        logs = simulated(FIRST_TEST_HOME, options.test_homes)
        priors = {
            "curves alone": lambda name: without_habits(prior),
            "prior of simulated homes": lambda name: prior,
        }
        _show("Simulated homes", tally(logs, priors, options, kept), [OWN, *priors], report)
    if "real" in options.population:
        try:
            homes = {home.name: home.events for home in read_homes(SHARED)}
        except FileNotFoundError:
            report.say(f"No real homes in {SHARED}: left out.")
            return
        half = {}
        for name in homes:
            others = {each: log for each, log in homes.items() if each != name}
            n_each = max(1, len(of_prior) // max(1, len(others)))
            copies = {f"{each} {i}": log for each, log in others.items() for i in range(n_each)}
            both = learn_prior({**of_prior, **copies}).prior
            few = learn_prior(others, min_homes=1, min_homes_of_kind=1).prior
            half[name] = both, few
        priors = {
            "curves alone": lambda name: without_habits(prior),
            "prior of simulated homes": lambda name: prior,
            "prior of the other real homes": lambda name: half[name][1],
            "prior of both, half each": lambda name: half[name][0],
        }
        _show("Real homes", tally(homes, priors, options, kept), [OWN, *priors], report)
    kept.say(report)


def _show(title: str, found: Tally | None, methods: list[str], report: Report) -> None:
    if found is not None:
        for table in found.tables(title, methods):
            report.show(table)
