"""Accuracy with its interval: of all rows by homes, of the rows of a group by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.evaluation._bootstrap import (
    expanded_percentiles,
    group_codes,
    resampled_sums,
    sums_by_group,
)
from novin_ml.evaluation._scored_rows import share_interval
from novin_ml.evaluation.report._parts import Group, Share

CONFIDENCE = 0.95
#: Below this many rows a group says little: its interval is 20 points wide or more.
FEW_ROWS = 80
BY_HOME = "bootstrap of whole homes"
EXACT = "Clopper and Pearson"
_RESAMPLES = 2_000


def share(right: NDArray[np.bool_]) -> Share:
    """Return a share of rows with its exact interval, as if the rows were independent."""
    n_right, n_rows = int(right.sum()), len(right)
    low, high = share_interval(n_right, n_rows, CONFIDENCE)
    of_all = n_right / n_rows if n_rows else float("nan")
    return Share(n_right, n_rows, of_all, low, high, EXACT)


def compared(
    model: NDArray[np.bool_], rules: NDArray[np.bool_], homes: NDArray[Any]
) -> tuple[Share, Share, tuple[float, float, float]]:
    """Return the accuracy of a model and of the rules, and the difference.

    The intervals are from a bootstrap of whole homes, whose rows resemble each other; of one home
    they are exact ones of independent rows, and the difference has none.
    """
    of_model, of_rules = share(model), share(rules)
    gain = of_model.share - of_rules.share
    codes, n_homes = group_codes(homes, len(homes))
    if n_homes < 2:
        return of_model, of_rules, (gain, -1.0, 1.0)
    sums = sums_by_group(codes, n_homes, np.ones(len(homes)), model, rules)
    drawn = resampled_sums(sums, _RESAMPLES, np.random.default_rng(0))
    shares = drawn[:, 1:] / drawn[:, :1]

    def ends(values: NDArray[np.float64]) -> tuple[float, float]:
        return expanded_percentiles(values, n_homes, CONFIDENCE)

    def by_home(of: Share, values: NDArray[np.float64]) -> Share:
        if of.n_right in (0, of.n_rows):
            return of  # all homes are the same: the bootstrap would say that it is certain
        return Share(of.n_right, of.n_rows, of.share, *ends(values), BY_HOME)

    return (
        by_home(of_model, shares[:, 0]),
        by_home(of_rules, shares[:, 1]),
        (gain, *ends(shares[:, 0] - shares[:, 1])),
    )


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
