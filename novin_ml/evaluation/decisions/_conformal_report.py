"""The quality of prediction sets on labelled rows: overall, by label and by home."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import betaincinv

from novin_ml.estimators.decisions import Abstention
from novin_ml.evaluation._intervals import exact_interval
from novin_ml.plain import plain


@dataclass(frozen=True)
class ConformalReport:
    """The quality of the prediction sets of labelled rows.

    Attributes
    ----------
    abstention : Abstention
        Error rate, cut, and the probability below which the answer is "don't know".
    n_rows : int
        Number of labelled rows.
    coverage : float
        Share of rows whose set contains the right label.
    coverage_low, coverage_high : float
        Clopper-Pearson interval of the coverage, at 95 %. On the rows that the cut was chosen on,
        the coverage is the requested one and proves nothing.
    promised_low, promised_high : float
        Range of the coverage of new rows, for 95 of 100 choices of the rows that the cut is chosen
        on, if all rows are exchangeable.
    mean_set_size : float
        Mean number of labels in a set.
    abstained : float
        Share of rows that are answered with "don't know".
    accuracy : float
        Share of right labels among the other rows; NaN if there are none.
    by_label, by_home : DataFrame
        Columns ``label`` or ``home_id``, ``n_rows``, ``coverage`` and ``abstained``; the lowest
        coverage comes first. The guarantee does not hold for a single label or home: the error rate
        is that of all rows together. `by_home` is empty if the homes are not known.
    """

    abstention: Abstention
    n_rows: int
    coverage: float
    coverage_low: float
    coverage_high: float
    promised_low: float
    promised_high: float
    mean_set_size: float
    abstained: float
    accuracy: float
    by_label: pd.DataFrame
    by_home: pd.DataFrame

    def to_document(self) -> dict[str, Any]:
        """Return the report as a dict for JSON.

        Returns
        -------
        document : dict of str to object
            A dict with None for unknown values.
        """
        tables = {"by_label": self.by_label, "by_home": self.by_home}
        records = {name: table.to_dict("records") for name, table in tables.items()}
        document: dict[str, Any] = plain(vars(self) | records)
        return document


def rank_of_cut(n_rows: int, error_rate: float) -> int:
    """Return the rank of the cut among the probabilities of right labels, 0 if too few."""
    # Use whole numbers: a rounded product could fall below the exact one.
    return math.floor((n_rows + 1) * Fraction(str(float(error_rate))))


def coverage_report(
    abstention: Abstention,
    probabilities: np.ndarray,
    codes: np.ndarray,
    homes: np.ndarray | None,
    classifier: Any,
) -> ConformalReport:
    """Return the quality of prediction sets on rows; `codes` are those of the right labels."""
    n = len(codes)
    sets = probabilities >= abstention.cut
    covered = sets[np.arange(n), codes]
    abstains = probabilities.max(axis=1) < abstention.abstain_below
    right = probabilities.argmax(axis=1) == codes
    low, high = exact_interval(int(covered.sum()), n, 0.95)
    rows = pd.DataFrame({"coverage": covered, "abstained": abstains})
    labels = np.asarray(classifier.classes_)[codes]
    return ConformalReport(
        abstention=abstention,
        n_rows=n,
        coverage=float(covered.mean()),
        coverage_low=low,
        coverage_high=high,
        **_promised(abstention),
        mean_set_size=float(sets.sum(axis=1).mean()),
        abstained=float(abstains.mean()),
        accuracy=float(right[~abstains].mean()) if not abstains.all() else math.nan,
        by_label=_parts(rows, "label", labels),
        by_home=_parts(rows.iloc[:0], "home_id", [])
        if homes is None
        else _parts(rows, "home_id", homes),
    )


def _promised(abstention: Abstention) -> dict[str, float]:
    """Return the range of the coverage of new rows, which has a beta distribution (Vovk)."""
    n = abstention.n_rows
    rank = rank_of_cut(n, abstention.error_rate)
    if not rank:
        return {"promised_low": 1.0, "promised_high": 1.0}
    low, high = betaincinv(n + 1 - rank, rank, [0.025, 0.975]).tolist()
    return {"promised_low": low, "promised_high": high}


def _parts(rows: pd.DataFrame, name: str, parts: Any) -> pd.DataFrame:
    grouped = rows.assign(**{name: parts}).groupby(name)
    table = grouped.agg(
        n_rows=("coverage", "size"), coverage=("coverage", "mean"), abstained=("abstained", "mean")
    )
    return table.reset_index().sort_values("coverage", kind="stable", ignore_index=True)
