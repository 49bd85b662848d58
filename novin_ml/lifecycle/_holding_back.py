"""Choose the homes to hold back for testing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from novin_ml.estimators.families import Family
from novin_ml.evaluation import split_by_home
from novin_ml.exceptions import HomeMismatchError

_HOME = "home_id"


def hold_back(
    family: Family,
    table: Any,
    trainable: NDArray[np.bool_],
    test_fraction: float,
    random_state: int | None,
) -> tuple[Any, Any]:
    """Divide a table by home, so that training has each label and the test has labels.

    The homes are those of `split_by_home`, if the training homes have each label and a test home
    has labels. Otherwise homes are exchanged in a random order.

    Parameters
    ----------
    family : Family
        The family to train.
    table : DataFrame or Chains
        Rows of homes.
    trainable : ndarray of shape (n_rows,), bool
        Rows with a label and consent.
    test_fraction : float
        Share of the homes to hold back.
    random_state : int or None
        Chooses the homes.

    Returns
    -------
    train, test : DataFrame or Chains
        Both parts.

    Raises
    ------
    HomeMismatchError
        If there are fewer than two homes, or no home can be held back.
    """
    rows = family.rows_in(table).name
    n_homes = table[_HOME].nunique()
    if n_homes < 2:
        raise HomeMismatchError(
            f"The {rows} must be of two homes or more to test on some of them. Got {n_homes}.",
            "Train on all with test_fraction=0, and evaluate on other rows.",
        )
    parts = split_by_home(table, test_fraction, random_state)
    labels = _LabelsOfHomes(table, trainable)
    wanted = sorted(set(parts[1][_HOME]))
    if labels.can_be_held_back(wanted):
        return parts
    held_back: list[Any] = []
    others = sorted(set(table[_HOME]) - set(wanted))
    order = check_random_state(random_state).permutation(len(others))
    for home in (*wanted, *(others[place] for place in order)):
        if len(held_back) == len(wanted):
            break
        if labels.of(home) and labels.can_be_held_back([*held_back, home]):
            held_back.append(home)
    if not held_back:
        raise HomeMismatchError(labels.fault(rows), "Train on all with test_fraction=0.")
    is_held_back = table[_HOME].isin(held_back).to_numpy(dtype=bool)
    return table[~is_held_back], table[is_held_back]


class _LabelsOfHomes:
    """The labels of each home: those that can be learnt from it, and all."""

    def __init__(self, table: Any, trainable: NDArray[np.bool_]) -> None:
        columns = pd.DataFrame(
            {
                "home": np.asarray(table[_HOME], dtype=object),
                "label": np.asarray(table["label"].astype(object), dtype=object),
            }
        )
        known = columns[columns["label"].notna()]
        self._all = _sets(known)
        self._learnt = _sets(columns[trainable])
        self._wanted = set().union(*self._learnt.values())

    def of(self, home: Any) -> set[Any]:
        return self._all.get(home, set())

    def can_be_held_back(self, homes: list[Any]) -> bool:
        """Tell whether the other homes teach all labels, and these have some of them to test."""
        left = (labels for home, labels in self._learnt.items() if home not in homes)
        tested = set().union(*(self.of(home) for home in homes))
        return set().union(*left) == self._wanted and bool(tested) and tested <= self._wanted

    def fault(self, rows: str) -> str:
        if len(self._all) < 2:
            return (
                f"The labelled {rows} must be of two homes or more to test on some of them. "
                f"Got {len(self._all)}."
            )
        strange = sorted(map(str, set().union(*self._all.values()) - self._wanted))
        if strange:
            return (
                "A home to test on must have labels that can be learnt. Got none: "
                f"{strange[0]!r} is a label of homes without consent alone."
            )
        return (
            "A home to test on must leave each label to another home. Got none: each home has the "
            "only rows of a label."
        )


def _sets(rows: pd.DataFrame) -> dict[Any, set[Any]]:
    return {home: set(labels) for home, labels in rows.groupby("home")["label"].unique().items()}
