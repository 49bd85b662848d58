"""Divide rows by home into files to train on, to choose thresholds by, and to test on."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from novin_ml.evaluation import split_by_home
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.events.tables.check import checked_rows
from novin_ml.exceptions import HomeMismatchError, InvalidEventError
from novin_ml.validation import Interval, validate_params

_HOME = "home_id"


@validate_params(
    {
        "test_fraction": [Interval(Real, 0, 1, closed="neither")],
        "tune_fraction": [Interval(Real, 0, 1, closed="left")],
        "random_state": ["random_state"],
    },
    prefer_skip_nested_validation=True,
)
def divide_by_home(
    rows: Any,
    *,
    test_fraction: float = 0.2,
    tune_fraction: float = 0.0,
    random_state: int | np.random.RandomState | None = None,
) -> dict[str, Any]:
    """Divide events or chains so that no home is in two parts.

    Parameters
    ----------
    rows : DataFrame or Chains
        Event table or chains, each with its home.
    test_fraction : float, default=0.2
        Share of the homes to test on, between 0 and 1.
    tune_fraction : float, default=0.0
        Share of the homes to choose thresholds by; 0 makes no such part.
    random_state : int, RandomState or None, default=None
        Chooses the homes.

    Returns
    -------
    parts : dict of str to DataFrame or Chains
        ``"train"``, ``"tune"`` if it was asked for, and ``"test"``. Rows stay in their order.

    Raises
    ------
    HomeMismatchError
        If there are fewer homes than parts.
    InvalidEventError
        If rows do not name their home.
    ValueError
        If the shares leave no home to train on.

    See Also
    --------
    novin_ml.evaluation.split_by_home : Two parts, of any table with homes.

    Examples
    --------
    >>> from novin_ml.lifecycle import divide_by_home
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(1500, random_state=0)
    >>> parts = divide_by_home(events, test_fraction=0.2, tune_fraction=0.3, random_state=0)
    >>> {name: part["home_id"].nunique() for name, part in parts.items()}
    {'train': 5, 'tune': 3, 'test': 2}
    """
    rows = checked_rows(rows, "divide_by_home", need=(_HOME,))
    if test_fraction + tune_fraction >= 1:
        raise ValueError(
            "The 'test_fraction' and 'tune_fraction' parameters must leave homes to train on. Got "
            f"{test_fraction:g} and {tune_fraction:g}. Pass smaller ones."
        )
    homes = rows[_HOME]
    n_unknown = int((homes == UNKNOWN_HOME).sum())
    if n_unknown:
        raise InvalidEventError(
            f"Each row must name its home in {_HOME!r} to be divided by home. Got {n_unknown:,} "
            f"of {len(rows):,} without a home. Add it to the file."
        )
    n_parts, n_homes = 3 if tune_fraction else 2, int(homes.nunique())
    if n_homes < n_parts:
        raise HomeMismatchError(
            f"The number of homes must be at least {n_parts}, one for each part. Got {n_homes}.",
            "Observe more homes; the weeks of one home divide by time.",
        )
    rest, test = split_by_home(rows, test_fraction, random_state)
    if not tune_fraction:
        return {"train": rest, "test": test}
    if rest[_HOME].nunique() < 2:
        raise HomeMismatchError(
            f"The rows must be of enough homes for three parts. Got {n_homes}, of which "
            f"{n_homes - 1} to test on.",
            "Pass a smaller test_fraction.",
        )
    train, tune = split_by_home(rest, tune_fraction / (1 - test_fraction), random_state)
    return {"train": train, "tune": tune, "test": test}
