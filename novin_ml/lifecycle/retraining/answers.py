"""Answers of models and of rules for labelled rows, with their homes and weeks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from novin_ml.estimators.families import Family
from novin_ml.estimators.rules.base import EventRules
from novin_ml.lifecycle.weeks import times_of, weeks_of


@dataclass(frozen=True)
class Labelled:
    """The labelled rows of a table, as models take them.

    Attributes
    ----------
    rows : DataFrame or Chains
    truth : ndarray of shape (n_rows,), str
    homes : ndarray of shape (n_rows,)
    weeks : ndarray of shape (n_rows,), int64
    """

    rows: Any
    truth: NDArray[Any]
    homes: NDArray[Any]
    weeks: NDArray[np.int64]

    @classmethod
    def of(cls, table: Any, family: Family, *models: Any) -> Labelled:
        """Return the labelled rows of events or chains; the others are context."""
        rows = family.rows_in(table).to_score(table, *models)
        rows = rows[np.asarray(rows["label"].notna(), dtype=bool)]
        return cls(
            rows=rows,
            truth=np.asarray(rows["label"].astype(object)).astype(str),
            homes=np.asarray(rows["home_id"], dtype=object),
            weeks=weeks_of(times_of(rows)),
        )

    def right(self, model: Any) -> NDArray[np.bool_]:
        """Tell which rows a model, or rules, answer as they are labelled."""
        if isinstance(model, EventRules):  # rules learn nothing from these rows
            model = clone(model).fit(self.rows)
        if not len(self.rows):
            return np.zeros(0, dtype=bool)
        found: NDArray[np.bool_] = np.asarray(model.predict(self.rows)).astype(str) == self.truth
        return found
