"""Measure what drifted between two tables of homes."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from novin_ml.events.vocabulary.columns import refuse_others, vocabulary_of
from novin_ml.exceptions import InvalidEventError
from novin_ml.lifecycle.drift._answers import answer_columns, checked_model
from novin_ml.lifecycle.drift._columns import Column, event_columns, own_columns
from novin_ml.lifecycle.drift._effects import effects_of
from novin_ml.lifecycle.drift._measures import measures_of
from novin_ml.lifecycle.drift._moved import Pairs, homes_that_moved, series_of, since_when
from novin_ml.lifecycle.drift._permutation import Tests, compare_groups, compare_pairs
from novin_ml.lifecycle.drift._rows import Rows, consenting
from novin_ml.lifecycle.drift.report import DriftReport, FeatureDrift
from novin_ml.plain import plural
from novin_ml.validation import Interval, validate_params

_MOST_EFFECT = 100.0
_WEEK = 7 * 86_400.0
Floats = NDArray[np.float64]
Tables = tuple[pd.DataFrame, pd.DataFrame]


@validate_params(
    {
        "columns": ["array-like", None],
        "level": [Interval(Real, 0, 0.5, closed="neither")],
        "min_effect": [Interval(Real, 0, None, closed="left")],
        "n_permutations": [Interval(Integral, 99, None, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def measure_drift(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    model: Pipeline | None = None,
    columns: Sequence[str] | None = None,
    level: float = 0.05,
    min_effect: float = 0.2,
    n_permutations: int = 1999,
    random_state: int | np.random.RandomState | None = 0,
) -> DriftReport:
    """Report what drifted between two tables of homes, since when, and in which homes.

    The unit is the home: each measure is one number of a home, and what decides is a test that
    exchanges whole homes, or the two periods of homes that are in both tables. The largest
    difference of all measures is held against those of the exchanges, so that the chance of any
    false cry is the level, whatever the number of features. A difference below `min_effect` is no
    drift, however many homes show it.

    Parameters
    ----------
    reference, current : DataFrame of shape (n_rows, n_columns)
        Two event tables, or two tables of features with `home_id`, `timestamp` and `consent`.
        Rows without consent are not looked at.
    model : Pipeline or None, default=None
        A fitted classifier, from events or chains to labels: its features, its answers and its
        alarms of both tables are compared as well. Not compared are features of the weekday,
        which tell when a table was made.
    columns : sequence of str, default=None
        Columns to compare besides the fields of events, such as a firmware version. None is none
        of event tables, and all that both tables of features have.
    level : float, default=0.05
        Share of comparisons without drift that may find one, above 0 and below 0.5.
    min_effect : float, default=0.2
        Smallest difference that counts, in standard deviations between homes.
    n_permutations : int, default=1999
        Number of random exchanges, at least 99. If there are no more at all, each is made once.
    random_state : int, RandomState or None, default=0
        Chooses the exchanges.

    Returns
    -------
    report : DriftReport
        Verdict, and of each feature its test, its effect sizes, since when and which homes.

    Raises
    ------
    InvalidEventError
        If a table is none, has no row with consent, names no homes, has no column in common with
        the other, or is of another vocabulary.
    ValueError
        If a parameter is out of its range, so few exchanges cannot reach the level, or the model
        is no such pipeline.

    See Also
    --------
    novin_ml.evaluation.compare : Whether one model is better than another.

    Notes
    -----
    Homes are compared with themselves if at least half of the homes of the smaller table are in
    both; else the homes of both tables are two groups. Numbers a day are those of whole days, UTC,
    between the first and the last event of a home.

    The test is the step-down procedure of Westfall and Young (1993) on t statistics of unequal
    variances. It is exact where homes are exchangeable; where both tables are of unequal lengths,
    it holds for many homes (Chung and Romano 2013).

    Examples
    --------
    >>> from novin_ml.lifecycle import measure_drift
    >>> from novin_ml.simulation import simulate_motions
    >>> before = simulate_motions(600, n_homes=12, random_state=0)
    >>> report = measure_drift(before, before.assign(sample_rate=20.0))
    >>> report.verdict, [each.name for each in report.drifted]
    ('drift', ['sample_rate'])
    """
    if 1 / (1 + n_permutations) > level:
        raise ValueError(
            f"The 'n_permutations' parameter must be at least 1/level - 1 = {1 / level - 1:,.0f}. "
            f"Got {n_permutations}, which cannot show a drift. Pass more."
        )
    if model is not None:
        checked_model(model)
    first, n_first = consenting(reference, "reference")
    second, n_second = consenting(current, "current")
    tables = (first, second)
    rows = (Rows.of_table(first), Rows.of_table(second))
    found = _columns_of(tables, rows, columns, model)
    source = np.random.default_rng(check_random_state(random_state).randint(2**31 - 1))
    comparison = _Comparison(rows, found, level, min_effect)
    comparison.test(n_permutations, source)
    features = [comparison.feature(number, source) for number in range(len(found))]
    features.sort(key=lambda each: (not each.has_drifted, each.p_value, -abs(each.effect)))
    verdict: Literal["drift", "none", "too few homes"] = "none"
    if any(each.has_drifted for each in features):
        verdict = "drift"
    elif all(each.verdict == "too few homes" for each in features):
        verdict = "too few homes"
    periods = [(float(t["timestamp"].min()), float(t["timestamp"].max())) for t in tables]
    return DriftReport(
        verdict=verdict,
        features=tuple(features),
        design="other homes" if comparison.pairs is None else "same homes",
        level=float(level),
        min_effect=float(min_effect),
        n_homes=(len(rows[0].homes.names), len(rows[1].homes.names)),
        n_in_both=len(comparison.shared[0]),
        n_rows=(len(first), len(second)),
        n_without_consent=(n_first, n_second),
        periods=(periods[0], periods[1]),
        notes=tuple(comparison.notes(periods)),
    )


def _columns_of(
    tables: Tables, rows: tuple[Rows, Rows], names: Sequence[str] | None, model: Pipeline | None
) -> list[Column]:
    is_events = ["kind" in each for each in tables]
    if all(is_events):
        refuse_others(vocabulary_of(tables[1]), vocabulary_of(tables[0]), "The 'current' parameter")
        found = [*event_columns(tables, rows), *own_columns(names or (), tables, rows)]
        return found if model is None else [*found, *answer_columns(model, tables, rows)]
    if model is not None:
        raise InvalidEventError(
            "Both tables must be of events for a model to answer for them. Got one without a "
            "column 'kind'. Leave 'model' out, or read events with novin_ml.events.read_events."
        )
    found = own_columns(names, tables, rows)
    if not found:
        raise InvalidEventError(
            "Both tables must have columns in common besides home, time, consent and labels. "
            f"Got {', '.join(map(str, tables[0].columns[:8]))} and "
            f"{', '.join(map(str, tables[1].columns[:8]))}. Pass two tables of events, or two of "
            "the same features."
        )
    return found


class _Comparison:
    """The values of all homes, and what is found of each feature."""

    def __init__(
        self, rows: tuple[Rows, Rows], columns: list[Column], level: float, min_effect: float
    ) -> None:
        self.rows, self.columns = rows, columns
        self.level, self.min_effect = level, min_effect
        self.measures = [measures_of(column) for column in columns]
        every = [measure for those in self.measures for measure in those]
        first, second = (
            np.stack([measure.by_home(side) for measure in every], axis=1) for side in (0, 1)
        )
        self.values = first, second
        names = [each.homes.names for each in rows]
        self.shared = Pairs(*np.intersect1d(names[0], names[1], return_indices=True)[1:])
        is_same = 2 * len(self.shared.reference) >= min(map(len, names))
        self.pairs = self.shared if is_same else None

    def test(self, n_permutations: int, rng: np.random.Generator) -> None:
        """Test all measures."""
        before, after = self.values
        if self.pairs is None:
            self.tests: Tests = compare_groups(before, after, n_permutations, rng)
        else:
            before, after = before[self.pairs.reference], after[self.pairs.current]
            is_missing = np.isnan(before) | np.isnan(after)
            before, after = (np.where(is_missing, np.nan, each) for each in (before, after))
            self.tests = compare_pairs(before, after, n_permutations, rng)
        known = [np.sum(~np.isnan(each), axis=0) for each in (before, after)]
        self.means = [
            np.nansum(each, axis=0) / np.maximum(count, 1)
            for each, count in zip((before, after), known, strict=True)
        ]
        variances = [
            np.nansum((each - mean) ** 2, axis=0) / np.maximum(count - 1, 1)
            for each, mean, count in zip((before, after), self.means, known, strict=True)
        ]
        difference = self.means[1] - self.means[0]
        spread = np.sqrt((variances[0] + variances[1]) / 2)
        largest = np.maximum(np.abs(self.means[0]), np.abs(self.means[1]))
        difference[np.abs(difference) <= 1e-6 * largest] = 0.0  # rounding of float32
        limit = np.maximum(spread, np.abs(difference) / _MOST_EFFECT)
        self.effects = np.divide(difference, limit, out=np.zeros(len(limit)), where=difference != 0)

    def feature(self, number: int, rng: np.random.Generator) -> FeatureDrift:
        """Return what is found of a feature: its measure with the smallest p-value."""
        column, measures = self.columns[number], self.measures[number]
        start = sum(map(len, self.measures[:number]))
        places = np.arange(start, start + len(measures))
        effects, p_values = np.abs(self.effects[places]), self.tests.p_adjusted[places]
        cries = (p_values <= self.level) & (effects >= self.min_effect)
        can_cry = self.tests.p_least[places] <= self.level
        # The mean says most; without a drift the smallest p-value is shown.
        is_mean = np.array([measure.kind == "mean" for measure in measures])
        order = np.lexsort([-np.abs(self.tests.t[places]), p_values, ~(cries & is_mean), ~cries])
        place = int(places[order[0]])
        measure = measures[place - start]
        values = (self.values[0][:, place], self.values[1][:, place])
        has_drifted = bool(cries.any())
        is_rate = not column.has_shares
        sizes = effects_of(column, values if is_rate else None)
        verdict: Literal["drift", "none", "too few homes"] = "none"
        if has_drifted:
            verdict = "drift"
        elif not can_cry.any():
            verdict = "too few homes"
        homes, n_moved = homes_that_moved(measure, values, self.pairs) if has_drifted else ((), 0)
        return FeatureDrift(
            name=column.name,
            group=column.group,
            measure=measure.words,
            reference=float(self.means[0][place]),
            current=float(self.means[1][place]),
            effect=float(self.effects[place]),
            p_value=float(self.tests.p_adjusted[place]),
            n_homes=(int(self.tests.n_homes[place, 0]), int(self.tests.n_homes[place, 1])),
            verdict=verdict,
            psi=sizes.psi,
            ks=sizes.ks,
            js=sizes.js,
            bins=sizes.bins,
            reference_shares=sizes.reference,
            current_shares=sizes.current,
            since=since_when(measure, values, self.pairs, rng) if has_drifted else None,
            homes=homes,
            n_moved=n_moved,
            series=series_of(measure, self.pairs) if has_drifted else None,
        )

    def notes(self, periods: Sequence[tuple[float, float]]) -> list[str]:
        """Return what the data cannot show, and why."""
        found = []
        n_shared = len(self.shared[0])
        if self.pairs is not None:
            for which, rows in zip(("reference", "current"), self.rows, strict=True):
                left = len(rows.homes.names) - n_shared
                if left:
                    found.append(
                        f"{plural(left, 'home')} of the {which} table alone "
                        f"{'is' if left == 1 else 'are'} in no test."
                    )
        elif n_shared:
            found.append(
                f"{plural(n_shared, 'home')} in both tables, fewer than half: they count as homes "
                "of each, which makes the tests stricter."
            )
        without = [sum(rows.homes.days == 0) for rows in self.rows]
        for which, count in zip(("reference", "current"), without, strict=True):
            if count:
                found.append(
                    f"{plural(int(count), 'home')} of the {which} table "
                    f"{'has' if count == 1 else 'have'} no whole day, so nothing is said of their "
                    "numbers a day."
                )
        if any(last - first < _WEEK for first, last in periods):
            found.append(
                "A table of less than a week has not all weekdays: what differs between them looks "
                "like a drift."
            )
        return found
