"""What thresholds are worth on labelled rows: of each label, in all and by home."""

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
    """What thresholds are worth on rows of homes.

    Attributes
    ----------
    thresholds : tuple of AlarmThreshold
        Of each label that was tuned, or measured, on its own: a row is an alarm of it if it reaches
        its threshold.
    confidence : float
        Of the bounds (one-sided) and the intervals (two-sided).
    n_rows, n_homes : int
        Labelled rows, and their homes.
    n_without_consent : int
        Labelled rows that were left out, as a threshold is fitted to rows.
    home_weeks : float
        For how long homes were observed, all of them together: `observed_weeks`.
    n_alarms, n_false : int
        Rows that are alarms with all thresholds of the classifier, and those of them that have
        another label. A row counts once, whichever thresholds it reaches.
    false_per_home_week, false_per_home_week_upper : float
        These per home and week, and the upper bound on them.
    bound : str
        Of which law the upper bounds are: "Poisson".
    dispersion : float
        How much the false alarms of homes vary, as a multiple of a Poisson process that is the same
        in all; NaN without false alarms, or of one home. Far above 1, the bounds are of these homes
        only.
    homes : DataFrame
        A row for each home, the one with the most false alarms per week first: ``home_id``,
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
            What is not known is None.
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
    """Return how often a label's threshold is reached, rightly and for nothing."""
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
    """Return what all thresholds of a classifier are worth together, with those of each label.

    `n_more` is by how many false alarms the bound on all of them is that of more than there are,
    where these rows chose the thresholds.
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
