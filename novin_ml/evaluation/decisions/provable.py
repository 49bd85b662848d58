"""The smallest budget of false alarms that rows can prove."""

from __future__ import annotations

import math
from typing import Any

from novin_ml.evaluation.alarms import observed_weeks
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_rows
from novin_ml.events.training_record import homes_and_times

_CONFIDENCE = 0.95


def provable_budget(rows: Any, confidence: float = _CONFIDENCE) -> float:
    """Return a budget of false alarms per home and week that rows can prove.

    Even no false alarm in the time that the homes were observed proves no smaller rate (the rule of
    three, Hanley and Lippman-Hand, JAMA 1983).

    Parameters
    ----------
    rows : DataFrame or Chains
        Events or chains to choose thresholds by. Rows without a label or consent do not count.
    confidence : float, default=0.95
        Confidence level of the bound.

    Returns
    -------
    budget : float
        In tenths, at least 1; 1 for rows without homes or times.

    Examples
    --------
    >>> from novin_ml.evaluation.decisions import provable_budget
    >>> from novin_ml.simulation import simulate_deliveries
    >>> provable_budget(simulate_deliveries(3_000, random_state=0))
    1.0
    """
    rows = checked_rows(rows, "provable_budget", need=("home_id",))
    if "consent" in rows.columns:
        rows = rows[has_consent(rows)]
    if "label" in rows.columns:
        rows = rows[rows["label"].notna()]
    found = homes_and_times(rows)
    if found is None or not len(rows):
        return 1.0
    provable = -math.log(1 - confidence) / observed_weeks(*found)
    return max(1.0, math.ceil(10 * provable) / 10)
