"""The performance of thresholds on labelled rows: by label, overall and by home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.estimators.decisions import AlarmThreshold, alarm_codes
from novin_ml.evaluation._intervals import exact_interval
from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.alarms import observed_weeks
from novin_ml.plain import plain


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
        Distribution behind the upper bounds: "Poisson".
    dispersion : float
        Variation of the false alarms between homes, relative to a Poisson process that is the same
        in all homes. NaN without false alarms, or with one home. Far above 1, the bounds hold for
        these homes only.
    homes : DataFrame
        One row for each home, the one with the most false alarms per week first: ``home_id``,
        ``home_weeks``, ``n_rows``, ``n_false``, ``false_per_week``, ``false_per_week_upper``,
        ``n_to_find`` (rows of labels that have a threshold) and ``recall``.
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
    bound: str = "Poisson"

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
    scored: ScoredRows,
    weeks: float,
    confidence: float,
) -> AlarmThreshold:
    """Return the recall and the false alarms of the threshold of one label."""
    is_label = scored.truth == scored.classes[column]
    reached = scored.probabilities[:, column] >= threshold
    n_false, n_found = int(np.sum(reached & ~is_label)), int(np.sum(reached & is_label))
    n_rows = int(is_label.sum())
    low, high = exact_interval(n_found, n_rows, confidence)
    return AlarmThreshold(
        label=label,
        threshold=threshold,
        confidence=confidence,
        n_false=n_false,
        home_weeks=weeks,
        false_per_home_week=n_false / weeks,
        false_per_home_week_upper=float(poisson_upper(np.array(n_false), confidence)) / weeks,
        n_rows=n_rows,
        recall=n_found / n_rows if n_rows else None,
        recall_low=low if n_rows else None,
        recall_high=high if n_rows else None,
    )


def threshold_report(
    classifier: Any,
    thresholds: tuple[AlarmThreshold, ...],
    scored: ScoredRows,
    weeks: float,
    confidence: float,
    n_more: int = 0,
) -> ThresholdReport:
    """Return the performance of all thresholds of a classifier together, and of each label.

    `n_more` is the number of false alarms to add before the bound on all of them is computed, if
    the thresholds were chosen on these rows.
    """
    row = classifier._threshold_row()
    answer = alarm_codes(scored.probabilities, row)
    is_alarm, is_right = answer >= 0, scored.classes[answer] == scored.truth
    homes = _by_home(scored, is_alarm, is_right, scored.classes[np.isfinite(row)], confidence)
    n_false = int(np.sum(is_alarm & ~is_right))
    expected = homes["home_weeks"] * n_false / weeks
    spread = ((homes["n_false"] - expected) ** 2 / expected).sum() if n_false else np.nan
    return ThresholdReport(
        thresholds=thresholds,
        confidence=confidence,
        n_rows=len(scored.truth),
        n_homes=len(homes),
        n_without_consent=scored.n_without_consent,
        home_weeks=weeks,
        n_alarms=int(is_alarm.sum()),
        n_false=n_false,
        false_per_home_week=n_false / weeks,
        false_per_home_week_upper=float(poisson_upper(np.array(n_false + n_more), confidence))
        / weeks,
        dispersion=float(spread / (len(homes) - 1)) if len(homes) > 1 else math.nan,
        homes=homes,
    )


def _by_home(
    scored: ScoredRows,
    is_alarm: np.ndarray,
    is_right: np.ndarray,
    alarm_labels: np.ndarray,
    confidence: float,
) -> pd.DataFrame:
    to_find = np.isin(scored.truth, alarm_labels)
    rows = []
    for home, of_home in pd.Series(scored.times).groupby(scored.homes).indices.items():
        weeks = observed_weeks(scored.homes[of_home], scored.times[of_home])
        n_false = int(np.sum(is_alarm[of_home] & ~is_right[of_home]))
        n_found = int(np.sum(is_alarm[of_home] & is_right[of_home]))
        n_to_find = int(to_find[of_home].sum())
        rows.append(
            {
                "home_id": home,
                "home_weeks": weeks,
                "n_rows": len(of_home),
                "n_false": n_false,
                "false_per_week": n_false / weeks,
                "false_per_week_upper": float(poisson_upper(np.array(n_false), confidence)) / weeks,
                "n_to_find": n_to_find,
                "recall": n_found / n_to_find if n_to_find else math.nan,
            }
        )
    return pd.DataFrame(rows).sort_values(
        ["false_per_week", "n_false", "home_id"],
        ascending=[False, False, True],
        ignore_index=True,
    )
