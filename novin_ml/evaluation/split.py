"""Division of events into training and test homes."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from novin_ml.evaluation._row_checks import check_columns, check_homes
from novin_ml.events.tables.check import checked_rows
from novin_ml.validation import Interval, validate_params


@validate_params(
    {
        "test_fraction": [Interval(Real, 0, 1, closed="neither")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def split_by_home(
    events: Any,
    test_fraction: float,
    random_state: int | np.random.RandomState | None = None,
) -> tuple[Any, Any]:
    """Divide events or chains so that no home is in both parts.

    Parameters
    ----------
    events : DataFrame or Chains
        Event table or chains of at least two homes.
    test_fraction : float
        Share of the homes in the test part, between 0 and 1.
    random_state : int, RandomState or None, default=None
        Chooses the homes.

    Returns
    -------
    train, test : DataFrame or Chains
        Both parts; a DataFrame keeps the index of `events`.

    Raises
    ------
    ValueError
        If there are fewer than two homes, or rows without a home.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.evaluation import split_by_home
    >>> events = pd.DataFrame({"home_id": ["a", "a", "b", "c"]})
    >>> train, test = split_by_home(events, 0.3, random_state=0)
    >>> set(train["home_id"]) & set(test["home_id"])
    set()
    """
    check_columns(events, ["home_id"])
    events = checked_rows(events, "split_by_home")
    homes = events["home_id"]
    check_homes(homes)
    if homes.nunique() < 2:
        raise ValueError(
            f"The events must be of two homes or more to be divided. Got {homes.nunique()}. "
            "Train on all of them, and test on another file."
        )
    splitter = GroupShuffleSplit(1, test_size=test_fraction, random_state=random_state)
    train, test = next(splitter.split(homes, groups=homes))
    return events.iloc[train], events.iloc[test]
