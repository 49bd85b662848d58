"""Shares and rates with their intervals, for all rows and for groups."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv

from novin_ml.estimators.alarm_budget import poisson_upper
from novin_ml.evaluation.alarms import weeks_by_home
from novin_ml.evaluation.comparison.bootstrap import (
    expanded_percentiles,
    group_codes,
    resampled_sums,
    sums_by_group,
)
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.evaluation.report._parts import Group, Rate, Share

CONFIDENCE = 0.95
#: A group with fewer rows says little: its interval is at least 20 points wide.
FEW_ROWS = 80
BY_HOME = "bootstrap of whole homes"
EXACT = "Clopper and Pearson"
POISSON = "exact, of a Poisson process"
_RESAMPLES = 2_000


def share(right: NDArray[np.bool_]) -> Share:
    """Return a share of rows with its exact interval, as if the rows were independent."""
    n_right, n_rows = int(right.sum()), len(right)
    low, high = exact_interval(n_right, n_rows, CONFIDENCE)
    of_all = n_right / n_rows if n_rows else float("nan")
    return Share(n_right, n_rows, of_all, low, high, EXACT)


def share_by_home(right: NDArray[np.bool_], homes: NDArray[Any]) -> Share:
    """Return a share of rows with the interval of a bootstrap of whole homes.

    Rows of a home resemble each other. If there is only one home, or if all or no rows count, no
    resample differs; then the interval is the exact one for independent rows.
    """
    exact = share(right)
    codes, n_homes = group_codes(homes, len(homes))
    if n_homes < 2 or exact.n_right in (0, exact.n_rows):
        return exact
    sums = sums_by_group(codes, n_homes, right, np.ones(len(right)))
    return Share(exact.n_right, exact.n_rows, exact.share, *_ends(sums), BY_HOME)


def rate_by_home(is_false: NDArray[np.bool_], homes: NDArray[Any], times: ArrayLike) -> Rate:
    """Return the rate of false alarms, with the interval of a bootstrap of whole homes.

    For one home, or without any alarm, the interval is that of a Poisson process.
    """
    weeks = weeks_by_home(homes, times)
    codes, n_homes = group_codes(homes, len(homes))
    n_false, total = int(is_false.sum()), float(weeks.sum())
    if n_homes < 2 or not n_false:
        tail = (1 - CONFIDENCE) / 2
        low = float(gammaincinv(n_false, tail)) / total if n_false else 0.0
        high = float(poisson_upper(np.array(n_false), 1 - tail)) / total
        return Rate(n_false, total, n_false / total, low, high, POISSON)
    sums = np.column_stack([sums_by_group(codes, n_homes, is_false), weeks])
    return Rate(n_false, total, n_false / total, *_ends(sums), BY_HOME)


def by_group(
    names: Iterable[str], model: NDArray[np.bool_], rules: NDArray[np.bool_]
) -> list[Group]:
    """Return the accuracy of each group, sorted by name."""
    groups = []
    for name, rows in pd.Series(np.arange(len(model))).groupby(list(names)).indices.items():
        groups.append(
            Group(
                name=str(name),
                accuracy=share(model[rows]),
                rules_accuracy=float(rules[rows].mean()),
                few=len(rows) < FEW_ROWS,
            )
        )
    return sorted(groups, key=lambda group: group.name)


def _ends(sums: NDArray[np.float64]) -> tuple[float, float]:
    """Return the interval of a ratio of sums, given both by home: shape (n_homes, 2)."""
    drawn = resampled_sums(sums, _RESAMPLES, np.random.default_rng(0))
    return expanded_percentiles(drawn[:, 0] / drawn[:, 1], len(sums), CONFIDENCE)
