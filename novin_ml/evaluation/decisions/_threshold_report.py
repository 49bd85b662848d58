"""The performance of thresholds on labelled rows: by label, overall and by home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.estimators.decisions import POISSON, AlarmThreshold, alarm_codes
from novin_ml.evaluation._row_checks import require_times
from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.alarms import weeks_by_home
from novin_ml.evaluation.decisions._bound_notes import notes_on_bound
from novin_ml.evaluation.decisions._home_bands import share_band
from novin_ml.evaluation.decisions._home_bounds import HomeBound, bound_of_homes, unseen_share
from novin_ml.evaluation.truth import GIVEN
from novin_ml.plain import plain


@dataclass(frozen=True)
class Homes:
    """The homes of rows.

    Attributes
    ----------
    names, weeks : ndarray of shape (n_homes,)
        Name and observed weeks of each, sorted by name.
    home : ndarray of shape (n_rows,), int
        Home of each row, counted from 0.
    """

    names: np.ndarray
    weeks: np.ndarray
    home: np.ndarray

    @classmethod
    def of(cls, scored: ScoredRows) -> Homes:
        """Return the homes of scored rows."""
        require_times(scored.times, "A budget of alarms a week")
        names, home = np.unique(scored.homes, return_inverse=True)
        return cls(names, weeks_by_home(scored.homes, scored.times), home)

    @property
    def total_weeks(self) -> float:
        """Observed weeks, summed over the homes."""
        return float(self.weeks.sum())

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Return how many of the rows, given as a mask, each home has."""
        return np.bincount(self.home[rows], minlength=len(self.names))


@dataclass(frozen=True)
class ThresholdReport:
    """The performance of thresholds on rows of homes.

    Attributes
    ----------
    thresholds : tuple of AlarmThreshold
        One for each label that was tuned or measured. Each label counts on its own: a row is an
        alarm of a label if it reaches its threshold.
    confidence : float
        Confidence level of the bounds (one-sided) and the intervals (two-sided).
    n_rows, n_homes : int
        Numbers of labelled rows and of their homes.
    n_without_consent : int
        Number of labelled rows without consent, which were not used to fit a threshold.
    home_weeks : float
        Observed time in weeks, summed over the homes: see `observed_weeks`.
    n_alarms, n_false : int
        Number of alarms with all thresholds of the classifier, and number of false alarms among
        them. A row counts once, however many thresholds it reaches.
    false_per_home_week, false_per_home_week_upper : float
        False alarms per home and week, and the upper bound on them.
    bound : str
        The method behind `false_per_home_week_upper`: "quasi-Poisson" over homes, which is
        approximate, "betting" over homes, which is exact of homes' rates clipped at 10 budgets, or
        "none": then no confidence is stated, and the number only is what thresholds are chosen by.
        "Poisson" over rows is what version 0.1.0 had.
    quasi_poisson_upper : float or None
        The approximate bound. With one home, the Poisson bound of its rows.
    betting_upper : float or None
        The betting bound; None with fewer homes than it needs (36 at 95 %), or if a threshold has
        no budget.
    refused : str
        The reason why no confidence is stated; empty if it is.
    unseen_share : float
        Up to this share of all homes may behave in a way that none of these homes does.
    dispersion : float
        Variation of the false alarms between homes, relative to a Poisson process that is the same
        in all homes. NaN without false alarms, or with one home.
    truth : str
        The column of the right labels.
    notes : tuple of str
        What the bounds promise and what they do not, in sentences, with warnings: a dispersion
        above 1.5, or a home with more than a fifth of at least 10 false alarms.
    homes : DataFrame
        One row for each home, the one with the most false alarms per week first: ``home_id``,
        ``home_weeks``, ``n_rows``, ``n_false``, ``false_per_week``, ``false_per_week_upper``
        (Poisson, of that home alone), ``n_to_find`` (rows of labels that have a threshold) and
        ``recall``.
    """

    thresholds: tuple[AlarmThreshold, ...]
    confidence: float
    n_rows: int
    n_homes: int
    n_without_consent: int
    home_weeks: float
    n_alarms: int
    n_false: int
    false_per_home_week: float
    false_per_home_week_upper: float
    dispersion: float
    homes: pd.DataFrame
    bound: str = POISSON
    quasi_poisson_upper: float | None = None
    betting_upper: float | None = None
    refused: str = ""
    unseen_share: float = math.nan
    truth: str = GIVEN
    notes: tuple[str, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """Return the report as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict with None for unknown values.
        """
        document: dict[str, Any] = plain(vars(self) | {"homes": self.homes.to_dict("records")})
        return document


def measured_threshold(
    label: Any,
    column: int,
    threshold: np.float32,
    budget: float | None,
    scored: ScoredRows,
    homes: Homes,
    confidence: float,
) -> AlarmThreshold:
    """Return the recall and the false alarms of the threshold of one label."""
    is_label = scored.truth == scored.classes[column]
    reached = scored.probabilities[:, column] >= threshold
    n_false, n_found = int(np.sum(reached & ~is_label)), int(np.sum(reached & is_label))
    n_rows = int(is_label.sum())
    low, high, unit = _recall_interval(reached[is_label], homes.home[is_label], confidence)
    found = bound_of_homes(homes.counts(reached & ~is_label), homes.weeks, budget, confidence)
    return AlarmThreshold(
        label=label,
        threshold=threshold,
        budget=budget,
        confidence=confidence,
        n_false=n_false,
        home_weeks=homes.total_weeks,
        false_per_home_week=n_false / homes.total_weeks,
        n_rows=n_rows,
        recall=n_found / n_rows if n_rows else None,
        recall_low=low,
        recall_high=high,
        recall_unit=unit,
        **of_bound(found, homes),
    )


def _recall_interval(
    found: np.ndarray, home: np.ndarray, confidence: float
) -> tuple[float | None, float | None, str | None]:
    """Return the ends of the interval of a recall over homes, and its unit."""
    if not len(found):
        return None, None, None
    _, home = np.unique(home, return_inverse=True)
    low, high = share_band(found, home, confidence)
    return (None, None, "none") if math.isnan(low) else (low, high, "homes")


def of_bound(found: HomeBound, homes: Homes) -> dict[str, Any]:
    """Return the attributes of an `AlarmThreshold` that a bound gives."""
    return {
        "false_per_home_week_upper": found.upper,
        "bound": found.bound,
        "n_homes": len(homes.weeks),
        "quasi_poisson_upper": found.quasi_poisson,
        "betting_upper": found.betting,
    }


def threshold_report(
    classifier: Any,
    thresholds: tuple[AlarmThreshold, ...],
    scored: ScoredRows,
    homes: Homes,
    confidence: float,
    counts: np.ndarray | None = None,
) -> ThresholdReport:
    """Return the performance of all thresholds of a classifier together, and of each label.

    `counts` are the false alarms of each home that the bound is to be computed from, if the
    thresholds were chosen on these rows; None takes those of the classifier's thresholds.
    """
    row = classifier.decisions_.threshold_row(classifier.classes_.tolist())
    is_alarm, is_false = alarms_of(scored, row)
    to_find = np.isin(scored.truth, scored.classes[np.isfinite(row)])
    table = _by_home(homes, is_alarm, is_false, to_find, confidence)
    n_false, weeks = int(is_false.sum()), homes.total_weeks
    budgets = [each.budget for each in thresholds]
    budget = None if None in budgets else float(sum(filter(None, budgets)))
    found = bound_of_homes(
        homes.counts(is_false) if counts is None else counts, homes.weeks, budget, confidence
    )
    expected = table["home_weeks"] * n_false / weeks
    spread = ((table["n_false"] - expected) ** 2 / expected).sum() if n_false else np.nan
    dispersion = float(spread / (len(table) - 1)) if len(table) > 1 else math.nan
    return ThresholdReport(
        thresholds=thresholds,
        confidence=confidence,
        n_rows=len(scored.truth),
        n_homes=len(table),
        n_without_consent=scored.n_without_consent,
        home_weeks=weeks,
        n_alarms=int(is_alarm.sum()),
        n_false=n_false,
        false_per_home_week=n_false / weeks,
        false_per_home_week_upper=found.upper,
        dispersion=dispersion,
        homes=table,
        bound=found.bound,
        quasi_poisson_upper=found.quasi_poisson,
        betting_upper=found.betting,
        refused=found.refused,
        unseen_share=unseen_share(len(table), confidence),
        notes=notes_on_bound(found, table, budget, dispersion, confidence),
    )


def alarms_of(scored: ScoredRows, row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are alarms by the thresholds of all classes, and which are false ones."""
    answer = alarm_codes(scored.probabilities, row)
    is_alarm = answer >= 0
    return is_alarm, is_alarm & (scored.classes[answer] != scored.truth)


def _by_home(
    homes: Homes,
    is_alarm: np.ndarray,
    is_false: np.ndarray,
    to_find: np.ndarray,
    confidence: float,
) -> pd.DataFrame:
    n_false, n_to_find = homes.counts(is_false), homes.counts(to_find)
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: nothing is to be found
        recall = homes.counts(is_alarm & ~is_false) / n_to_find
    table = pd.DataFrame(
        {
            "home_id": homes.names,
            "home_weeks": homes.weeks,
            "n_rows": homes.counts(np.ones(len(to_find), dtype=bool)),
            "n_false": n_false,
            "false_per_week": n_false / homes.weeks,
            "false_per_week_upper": poisson_upper(n_false, confidence) / homes.weeks,
            "n_to_find": n_to_find,
            "recall": recall,
        }
    )
    return table.sort_values(
        ["false_per_week", "n_false", "home_id"],
        ascending=[False, False, True],
        ignore_index=True,
    )
