"""Learn a prior for the baselines of new homes from homes whose events stay where they are."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.docstrings import sections_of, substitute
from novin_ml.events.consent import has_consent
from novin_ml.exceptions import InvalidEventError, InvalidParametersError, UpdateError
from novin_ml.features.activity.habits import Habits, Key, habits_of
from novin_ml.features.activity.prior import (
    SCORES,
    HabitPrior,
    check_bins,
    check_habits,
    score_bins,
    scores_of_rows,
)
from novin_ml.features.activity.table import activity_rows
from novin_ml.plain import plural, shown

__all__ = ["HabitHome", "LearnedPrior", "LocalHabits", "learn_prior"]

#: Days of a log whose scores are counted: those for which a new home needs the prior.
_FIRST_DAYS = 21.0
_DAY = 86_400.0


class HabitHome(Protocol):
    """A home that lends its habits to new ones."""

    def habits(self) -> Habits:
        """Return what the home does on an average day, by kind and zone of its sensors.

        Returns
        -------
        habits : dict of tuple to ndarray
            Rates and shares; no time, no name and no event.
        """
        ...

    def bins(self, prior: HabitPrior) -> dict[str, NDArray[np.float64]]:
        """Return how rare the home's scores are, if its first days begin with a prior.

        Parameters
        ----------
        prior : HabitPrior
            The habits of all homes.

        Returns
        -------
        bins : dict of str to ndarray of shape (256,)
            Units a day, by score and quarter of a bit.
        """
        ...


@dataclass(frozen=True, eq=False)
class LocalHabits:
    """A home whose events are in this process.

    Attributes
    ----------
    events : DataFrame of shape (n_events, n_columns)
        Event table of the home; every event has consent.

    Examples
    --------
    >>> from novin_ml.federated import LocalHabits
    >>> from novin_ml.simulation import simulate_behavior
    >>> events = simulate_behavior(weeks=2, ends=True, random_state=0).assign(consent=True)
    >>> ("events", "door") in LocalHabits(events).habits()
    True
    """

    events: pd.DataFrame

    @substitute(sections=sections_of(HabitHome.habits))
    def habits(self) -> Habits:
        """Return what the home does on an average day, by kind and zone of its sensors.

        {sections}
        """
        n_without = int(np.count_nonzero(~has_consent(self.events)))
        if n_without:
            raise InvalidEventError(
                "The events of a home that lends its habits must have consent. Got "
                f"{n_without:,} of {plural(len(self.events), 'event')} without."
            )
        return habits_of(self.events)

    @substitute(sections=sections_of(HabitHome.bins))
    def bins(self, prior: HabitPrior) -> dict[str, NDArray[np.float64]]:
        """Return how rare the home's scores are, if its first days begin with a prior.

        {sections}
        """
        times = self.events["timestamp"].to_numpy(dtype=np.float64)
        end = min(times.max(), times.min() + _FIRST_DAYS * _DAY)
        first = self.events[times <= end]
        history = prior.history(str(first["home_id"].iloc[0]), first)
        rows = activity_rows(first, history=history)
        n_days = max((end - times.min()) / _DAY, 1.0)
        return {name: score_bins(scores_of_rows(rows, name)) / n_days for name in SCORES}


@dataclass(frozen=True)
class LearnedPrior:
    """The result of `learn_prior`.

    Attributes
    ----------
    prior : HabitPrior
        Of the homes that were counted.
    refused : dict of str to str
        Why a home was not counted, by its name.
    """

    prior: HabitPrior
    refused: dict[str, str]


def learn_prior(
    homes: Mapping[str, HabitHome | pd.DataFrame],
    *,
    min_homes: int = 10,
    min_homes_of_kind: int = 3,
    n_days: float = 7.0,
) -> LearnedPrior:
    """Learn a prior for the baselines of new homes; each home counts as one, however busy.

    Homes are asked twice: for their habits, and, once the habits of all are known, for how rare
    their scores are with them. What a home sends is checked, and the mean over homes has the same
    bits in any order.

    Parameters
    ----------
    homes : mapping of str to HabitHome or DataFrame
        By name. What a home raises is a refusal of it.
    min_homes : int, default=10
        The mean of fewer would say too much of each.
    min_homes_of_kind : int, default=3
        Numbers that fewer homes have, such as those of a rare kind of sensor, are left out.
    n_days : float, default=7
        After how many days the own habits of a new home outweigh the prior.

    Returns
    -------
    learned : LearnedPrior
        The prior, and which homes were refused.

    Raises
    ------
    InvalidParametersError
        If fewer homes can be counted, or a number is out of its range.

    Examples
    --------
    >>> from novin_ml.federated import learn_prior
    >>> from novin_ml.simulation import simulate_behavior
    >>> logs = simulate_behavior(12, weeks=2, ends=True, random_state=0)
    >>> homes = {home: log for home, log in logs.groupby("home_id")}
    >>> learned = learn_prior(homes)
    >>> learned.prior.n_homes, sorted(learned.refused)
    (11, ['home_0002'])
    """
    ranges = {"min_homes": min_homes >= 1, "min_homes_of_kind": min_homes_of_kind >= 1}
    ranges["n_days"] = 0 < n_days < math.inf
    values = {"min_homes": min_homes, "min_homes_of_kind": min_homes_of_kind, "n_days": n_days}
    for name, holds in ranges.items():
        if not holds:
            expected = "above 0 and finite" if name == "n_days" else "1 or more"
            raise InvalidParametersError(
                f"The {name!r} parameter must be {expected}. Got {shown(values[name])} instead."
            )
    those = {
        name: LocalHabits(home) if isinstance(home, pd.DataFrame) else home
        for name, home in sorted(homes.items())
    }
    refused: dict[str, str] = {}
    said = _asked(those, lambda home: _checked_habits(home.habits()), refused)
    _require(len(said), min_homes, refused)
    means = _means(said.values(), min_homes_of_kind)
    prior = HabitPrior(means, {}, len(said), n_days)
    counted = {name: those[name] for name in said}
    bins = _asked(counted, lambda home: _checked_bins(home.bins(prior)), refused)
    _require(len(bins), min_homes, refused)
    keyed: list[Habits] = [{(name,): row for name, row in each.items()} for each in bins.values()]
    by_score = {key[0]: row for key, row in _means(keyed, 1).items()}
    return LearnedPrior(replace(prior, bins=by_score), refused)


def _asked(homes: Mapping[str, Any], ask: Any, refused: dict[str, str]) -> dict[str, Any]:
    answers = {}
    for name, home in homes.items():
        try:
            answers[name] = ask(home)
        except Exception as error:  # a home that fails costs the others nothing
            refused[name] = str(error) or type(error).__name__
    return answers


def _checked_habits(habits: Habits) -> Habits:
    try:
        check_habits(habits)
    except (AttributeError, TypeError, ValueError) as error:
        raise UpdateError(
            "no habits", "have rates and shares by kind and zone", str(error)
        ) from None
    return habits


def _checked_bins(bins: dict[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    try:
        check_bins(bins)
        if set(bins) != set(SCORES):
            raise ValueError(f"counts of {sorted(bins)}")
    except (AttributeError, TypeError, ValueError) as error:
        raise UpdateError("no counts", "have counts of all scores", str(error)) from None
    return bins


def _require(n_homes: int, min_homes: int, refused: Mapping[str, str]) -> None:
    if n_homes < min_homes:
        first = next(iter(refused.items()), None)
        why = f" (the first refused, {first[0]}: {first[1].rstrip('.')})" if first else ""
        raise InvalidParametersError(
            f"The 'homes' parameter must have {plural(min_homes, 'home')} or more that can be "
            f"counted (min_homes). Got {n_homes:,}{why}."
        )


def _means(
    tables: Iterable[Mapping[Key, NDArray[np.float64]]], fewest: int
) -> dict[Key, NDArray[np.float64]]:
    """Return the mean of each key over the tables that have it; exact, so in any order."""
    rows: dict[Key, list[NDArray[np.float64]]] = defaultdict(list)
    n_tables: Counter[Key] = Counter()
    for table in tables:
        for key, row in table.items():
            rows[key].append(row)
            n_tables[key] += 1
    return {
        key: np.array([math.fsum(column) for column in zip(*rows[key], strict=True)]) / n
        for key, n in sorted(n_tables.items())
        if n >= fewest
    }
