"""The defaults of boosting, which follow the number of rows, classes and columns.

Few rows have few to lose to a split: shallow trees, small steps, a share of the rows for each tree
and of the columns for each split. Many rows carry deep trees and large steps, which train faster.
`benchmarks.small_tables` names the tables on which the settings were chosen.
"""

from __future__ import annotations

from typing import Any

#: Fewer rows than these are few: nothing is held back for early stopping.
FEW_ROWS = 1_000
#: From this number of rows on, the defaults of families hold, which were tuned on such tables.
MANY_ROWS = 10_000

#: Boosting rounds by number of rows: few, some, many.
ROUNDS = (200, 300, 300)


def default_rounds(n_rows: int) -> int:
    """Return the maximum number of rounds.

    Parameters
    ----------
    n_rows : int
        Rows to train on, with those that are held back.

    Returns
    -------
    rounds : int
        The default of `epochs`.
    """
    return ROUNDS[(n_rows >= FEW_ROWS) + (n_rows >= MANY_ROWS)]


def default_params(n_rows: int, n_classes: int, n_columns: int, rounds: int) -> dict[str, Any]:
    """Return the parameters of trees and of early stopping.

    Parameters
    ----------
    n_rows : int
        Rows to train on, with those that are held back.
    n_classes, n_columns : int
        Numbers of labels and of features.
    rounds : int
        Maximum number of rounds. Fewer than `default_rounds` take larger steps.

    Returns
    -------
    params : dict of str to float, int or str
        xgboost's parameters and ``patience``, in rounds.

    References
    ----------
    Breiman, "Random forests", Machine Learning 45, 2001, for the square root of the columns.
    """
    params: dict[str, Any] = {
        "max_depth": 6,
        "learning_rate": 0.2,
        "max_bin": 64,
        "min_child_weight": 5.0,
        "gamma": 0.0,
        "patience": 20,
    }
    if n_rows >= MANY_ROWS:
        return params
    params |= {
        "learning_rate": min(0.3, 0.05 * max(1.0, default_rounds(n_rows) / rounds)),
        "min_child_weight": 1.0,
        "patience": 40,
        "reg_lambda": 5.0,
        "colsample_bynode": max(n_columns, 1) ** -0.5,
    }
    if n_rows < FEW_ROWS:
        # A row of one of k classes weighs p (1 - p), about 1 / k at the start.
        params |= {
            "max_depth": 4,
            "min_child_weight": 0.5 / n_classes,
            "reg_lambda": 3.0,
            "subsample": 0.6,
        }
    return params
