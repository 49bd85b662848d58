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
from novin_ml.evaluation.decisions._home_bands import FEWEST_HOMES, share_band
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.plain import plain, plural

CONFIDENCE = 0.95


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
        Range of the coverage at 95 %: over homes, by Student's t on the logit scale, if the homes
        are known; NaN with fewer than 10 of them. Otherwise Clopper and Pearson's interval of
        independent rows.
    promised_low, promised_high : float
        Range of the coverage of new rows, as it was when the cut was chosen: over homes if they
        were known, and NaN if they were fewer than 10. Otherwise for 95 of 100 choices of the rows,
        if all rows are exchangeable, which rows of a few homes are not.
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
    band : {"homes", "rows", "none"}
        The unit of the coverage's range; "none" if the homes are too few to state one.
    n_homes : int or None
        Number of homes of these rows; None if they are not known.
    truth : str or None
        The column of the right labels; None if they were passed beside the rows.
    notes : tuple of str
        What is promised of new rows, and what is not, in sentences.
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
    band: str = "rows"
    n_homes: int | None = None
    truth: str | None = None
    notes: tuple[str, ...] = ()

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
    band, n_homes = "rows", None
    if homes is None:
        low, high = exact_interval(int(covered.sum()), n, CONFIDENCE)
    else:
        names, home = np.unique(homes, return_inverse=True)
        low, high = share_band(covered, home, CONFIDENCE)
        n_homes = len(names)
        band = "homes" if n_homes >= FEWEST_HOMES else "none"
    promised = _promised(abstention)
    by_home = np.array([]) if homes is None else np.bincount(home, covered) / np.bincount(home)
    rows = pd.DataFrame({"coverage": covered, "abstained": abstains})
    labels = np.asarray(classifier.classes_)[codes]
    return ConformalReport(
        abstention=abstention,
        n_rows=n,
        coverage=float(covered.mean()),
        coverage_low=low,
        coverage_high=high,
        promised_low=promised["promised_low"],
        promised_high=promised["promised_high"],
        band=band,
        n_homes=n_homes,
        mean_set_size=float(sets.sum(axis=1).mean()),
        abstained=float(abstains.mean()),
        accuracy=float(right[~abstains].mean()) if not abstains.all() else math.nan,
        notes=_notes(abstention, promised, by_home, (low, high)),
        by_label=_parts(rows, "label", labels),
        by_home=_parts(rows.iloc[:0], "home_id", [])
        if homes is None
        else _parts(rows, "home_id", homes),
    )


def _promised(abstention: Abstention) -> dict[str, float]:
    """Return the range of the coverage of new rows; of rows alone it has a beta law (Vovk)."""
    n = abstention.n_rows
    if abstention.cut == 0:
        return {"promised_low": 1.0, "promised_high": 1.0}
    if abstention.n_homes is not None:
        low, high = abstention.promised_low, abstention.promised_high
        return {
            "promised_low": math.nan if low is None else low,
            "promised_high": math.nan if high is None else high,
        }
    rank = rank_of_cut(n, abstention.error_rate)
    if not rank:
        return {"promised_low": 1.0, "promised_high": 1.0}
    low, high = betaincinv(n + 1 - rank, rank, [0.025, 0.975]).tolist()
    return {"promised_low": low, "promised_high": high}


def _notes(
    abstention: Abstention,
    promised: dict[str, float],
    by_home: np.ndarray,
    interval: tuple[float, float],
) -> tuple[str, ...]:
    """Return what is promised of new rows, and how it is here."""
    low, high = promised["promised_low"], promised["promised_high"]
    sure, homes = f"{100 * CONFIDENCE:g} %", plural(abstention.n_homes or 0, "home")
    if abstention.unit == "home":
        notes = [
            f"The set of a row of a new home has its right label with a probability of at least "
            f"{1 - abstention.error_rate:g}: chosen on {homes}, each counted alike."
        ]
    else:
        notes = []
    if math.isnan(low):
        notes.append(
            f"No range is stated for new rows: the cut was chosen on {homes}, and "
            f"{FEWEST_HOMES} are needed."
        )
    elif abstention.cut == 0:
        notes.append("Every set has all labels: the rows that the cut was chosen on were too few.")
    elif abstention.n_homes is None:
        notes.append(
            f"Of new rows {low:.1%} to {high:.1%} will have the right label in their set ({sure}), "
            "if rows are independent. Rows of one home are not: choose the cut on rows whose homes "
            "are known."
        )
    else:
        notes.append(
            f"Of new rows of such homes {low:.1%} to {high:.1%} will have the right label in their "
            f"set (approximately {sure}, over {homes})."
        )
    if len(by_home):
        here = f"By home it is {by_home.min():.1%} to {by_home.max():.1%} of the rows here"
        if not math.isnan(interval[0]):
            here += f"; over homes {interval[0]:.1%} to {interval[1]:.1%} (approximately {sure})"
        notes.append(f"{here}.")
    return tuple(notes)


def _parts(rows: pd.DataFrame, name: str, parts: Any) -> pd.DataFrame:
    grouped = rows.assign(**{name: parts}).groupby(name)
    table = grouped.agg(
        n_rows=("coverage", "size"), coverage=("coverage", "mean"), abstained=("abstained", "mean")
    )
    return table.reset_index().sort_values("coverage", kind="stable", ignore_index=True)
