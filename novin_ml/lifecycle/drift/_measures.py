"""Measures: numbers of a home, each a ratio of two sums over its rows or days.

The unit is the home, whose value is one number however many rows it has. A sum can be taken by
day as well, so that what drifted can be followed in time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from novin_ml.lifecycle.drift._columns import Column
from novin_ml.lifecycle.drift._effects import home_weights, weighted_quantiles

_QUARTILES = (0.25, 0.5, 0.75)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """What is measured of each home.

    Attributes
    ----------
    column : Column
        The column that it is of.
    kind : {"rate", "share", "mean", "below", "missing"}
        Rows of a category a day; the share of a category; the mean; the share of numbers up to a
        bound; the share of missing values.
    at : float
        The code of the category, or the bound.
    """

    column: Column
    kind: str
    at: float = 0.0

    @property
    def words(self) -> str:
        """What it is, such as "doorbell a day"."""
        if self.kind in ("rate", "share"):
            name = self.column.categories[int(self.at)]
            return f"{name} a day" if self.kind == "rate" else f"share of {name}"
        return {
            "mean": "mean",
            "below": f"share up to {self.at:.4g}",
            "missing": "share missing",
        }[self.kind]

    def parts(self, side: int) -> tuple[Floats, Floats | None]:
        """Return what each row of the reference (0) or current table (1) adds to both sums.

        The second is None where the sum is that of whole days.
        """
        values = self.column.values[side]
        if self.kind == "rate":
            whole = self.column.rows[side].is_whole_day
            return ((values == self.at) & whole).astype(np.float64), None
        is_known = self.column.is_known(side)
        if self.kind == "missing":
            return (~is_known).astype(np.float64), np.ones(len(values))
        if self.kind == "share":
            return (values == self.at).astype(np.float64), is_known.astype(np.float64)
        if self.kind == "mean":
            return np.where(is_known, values, 0.0), is_known.astype(np.float64)
        return (is_known & (values <= self.at)).astype(np.float64), is_known.astype(np.float64)

    def by_home(self, side: int) -> Floats:
        """Return the value of each home, shape (n_homes,); NaN where it has none.

        Sums of the same rows in another order differ in their last bits, which are rounded away.
        """
        rows = self.column.rows[side]
        n_homes = len(rows.homes.names)
        above, below = self.parts(side)
        total = np.bincount(rows.home, above, n_homes)
        size = rows.homes.days if below is None else np.bincount(rows.home, below, n_homes)
        values = np.full(n_homes, np.nan)
        np.divide(total, size, out=values, where=size > 0)
        rounded: Floats = values.astype(np.float32).astype(np.float64)
        return rounded

    def by_day(self, side: int, days: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return both sums of each home on each of some consecutive days: (n_homes, n_days)."""
        rows = self.column.rows[side]
        shape = len(rows.homes.names), len(days)
        inside = (rows.day >= days[0]) & (rows.day <= days[-1])
        cell = rows.home[inside] * len(days) + rows.day[inside] - days[0]
        above, below = self.parts(side)

        def by_cell(parts: Floats) -> Floats:
            sums = np.bincount(cell, parts[inside], shape[0] * shape[1])
            return sums.astype(np.float64).reshape(shape)

        if below is None:
            first, last = rows.homes.first[:, None], rows.homes.last[:, None]
            return by_cell(above), ((days >= first) & (days <= last)).astype(np.float64)
        return by_cell(above), by_cell(below)


def measures_of(column: Column) -> list[Measure]:
    """Return what is measured of a column.

    Bounds are quartiles of both tables together: were they those of the reference, the two tables
    would not be exchangeable where nothing drifted.
    """
    found = []
    if not column.is_number:
        codes = range(len(column.categories))
        if column.has_rates:
            found += [Measure(column, "rate", code) for code in codes]
        if column.has_shares:
            found += [Measure(column, "share", code) for code in codes]
    else:
        values = np.concatenate(column.values)
        weights = np.concatenate([home_weights(column, side) for side in (0, 1)])
        found.append(Measure(column, "mean"))
        bounds = weighted_quantiles(values, weights, _QUARTILES)
        found += [Measure(column, "below", bound) for bound in bounds]
    if column.can_miss and not all(column.is_known(side).all() for side in (0, 1)):
        found.append(Measure(column, "missing"))
    return found
