"""Disagreements between the hand-written rules and the model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.evaluation._scored_rows import ScoredRows
from novin_ml.evaluation.report._parts import Disagreement

_EXAMPLES = 3


def disagreements(
    scored: ScoredRows,
    rules: NDArray[Any],
    zones: NDArray[Any],
    offsets: NDArray[np.float64],
    may_be_shown: NDArray[np.bool_],
) -> list[Disagreement]:
    """Return the pairs of different answers, the most frequent first.

    Examples are the model's surest answers, from homes that consent.

    Parameters
    ----------
    scored : ScoredRows
        The rows, and the probabilities of the model.
    rules, zones : ndarray of shape (n_rows,), str
        The answers of the rules, and the zones.
    offsets : ndarray of shape (n_rows,)
        Seconds by which local time is ahead of UTC.
    may_be_shown : ndarray of shape (n_rows,), bool
        Rows of homes that consent in all their rows.
    """
    sure = scored.probabilities.max(axis=1)
    model = scored.classes[scored.probabilities.argmax(axis=1)]
    differ = np.flatnonzero(model != rules)
    pairs = pd.DataFrame({"rules": rules[differ], "model": model[differ]})
    found = []
    for of_pair in pairs.groupby(["rules", "model"]).indices.values():
        rows = differ[of_pair]
        by_rules, by_model = rules[rows[0]], model[rows[0]]
        shown = rows[may_be_shown[rows]]
        shown = shown[np.argsort(-sure[shown], kind="stable")][:_EXAMPLES]
        found.append(
            Disagreement(
                rules=str(by_rules),
                model=str(by_model),
                n_rows=len(rows),
                n_rules_right=int(np.sum(scored.truth[rows] == by_rules)),
                n_model_right=int(np.sum(scored.truth[rows] == by_model)),
                examples=[
                    {
                        "home_id": str(scored.homes[row]),
                        "timestamp": float(scored.times[row]),
                        "utc_offset": float(offsets[row]),
                        "zone": str(zones[row]),
                        "truth": str(scored.truth[row]),
                        "probability": float(sure[row]),
                    }
                    for row in shown
                ],
            )
        )
    return sorted(found, key=lambda each: (-each.n_rows, each.rules, each.model))
