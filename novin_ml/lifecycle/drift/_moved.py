"""Since when a measure is another one, and which homes moved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.lifecycle.drift._measures import Measure
from novin_ml.lifecycle.drift._rows import DAY
from novin_ml.lifecycle.drift.report import HomeShift, Series, Since

_MOST_HOMES = 10
_RESAMPLES = 200
_RANGE = (0.05, 0.95)
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """Positions of the homes that are in both tables, in each of them."""

    reference: NDArray[np.intp]
    current: NDArray[np.intp]


def since_when(
    measure: Measure, values: tuple[Floats, Floats], pairs: Pairs | None, rng: np.random.Generator
) -> Since | None:
    """Return from which day on the current table differs from the reference.

    The day is where a series with one step fits best by least squares: before it each home is as
    in the reference, or, if it is not there, as the mean of the homes there; from it on all are
    off by the same. The homes have equal weights. Its range is that of a bootstrap over homes.
    """
    rows = measure.column.rows[1]
    days = np.arange(rows.day.min(), rows.day.max() + 1)
    before = np.full(len(rows.homes.names), np.nanmean(values[0]))
    if pairs is not None:
        before[:] = np.nan
        before[pairs.current] = values[0][pairs.reference]
    usable = np.flatnonzero(~np.isnan(before) & ~np.isnan(values[1]))
    usable = usable[np.lexsort((before[usable], values[1][usable]))]  # whatever their names are
    total, size = measure.by_day(1, days)
    total, size = total[usable], size[usable]
    own = size.sum(axis=1, keepdims=True)
    off = (total - before[usable, None] * size) / np.where(own > 0, own, 1.0)
    weight = size / np.where(own > 0, own, 1.0)
    observed = np.flatnonzero(weight.sum(axis=0) > 0)
    if not len(observed):
        return None
    off, weight, days = off[:, observed], weight[:, observed], days[observed]
    draws = rng.multinomial(len(usable), np.full(len(usable), 1 / len(usable)), _RESAMPLES)
    best = _first_day(off.sum(axis=0)[None], weight.sum(axis=0)[None])[0]
    drawn = _first_day(draws @ off, draws @ weight)
    low, high = np.quantile(drawn, _RANGE, method="nearest").astype(int)
    low, high = min(low, best), max(high, best)
    day, low, high = (float(days[each] * DAY) for each in (best, low, high))
    return Since(day, low, high, bool(best == 0))


def _first_day(off: Floats, weight: Floats) -> NDArray[np.intp]:
    """Return the best first day of each row: that where a step takes most squares away."""
    # Sums from each day on to the end.
    total = np.cumsum(off[:, ::-1], axis=1)[:, ::-1]
    size = np.cumsum(weight[:, ::-1], axis=1)[:, ::-1]
    explained = np.divide(total**2, size, out=np.zeros_like(total), where=size > 0)
    best: NDArray[np.intp] = np.argmax(explained, axis=1)
    return best


def homes_that_moved(
    measure: Measure, values: tuple[Floats, Floats], pairs: Pairs | None
) -> tuple[tuple[HomeShift, ...], int]:
    """Return the homes that moved most to the side of the mean, and how many moved to it."""
    names = measure.column.rows[1].homes.names
    before = np.full(len(names), np.nanmean(values[0]))
    places = np.arange(len(names))
    if pairs is not None:
        places = pairs.current
        before[places] = values[0][pairs.reference]
    change = values[1] - before
    places = places[~np.isnan(change[places])]
    side = np.sign(change[places].mean())
    moved = places[side * change[places] > 0]
    order = sorted(moved, key=lambda place: (-abs(change[place]), names[place]))
    return (
        tuple(
            HomeShift(
                str(names[each]), float(before[each]), float(values[1][each]), pairs is not None
            )
            for each in order[:_MOST_HOMES]
        ),
        len(moved),
    )


def series_of(measure: Measure, pairs: Pairs | None) -> Series:
    """Return the measure day by day, the mean over homes, of the reference and then the current."""
    days: list[float] = []
    values: list[float] = []
    n_reference = 0
    for side in (0, 1):
        rows = measure.column.rows[side]
        span = np.arange(rows.day.min(), rows.day.max() + 1)
        total, size = measure.by_day(side, span)
        if pairs is not None:
            total, size = total[pairs[side]], size[pairs[side]]
        own = np.divide(total, size, out=np.full(total.shape, np.nan), where=size > 0)
        count = np.sum(size > 0, axis=0)
        mean = np.divide(
            np.nansum(own, axis=0), count, out=np.full(len(span), np.nan), where=count > 0
        )
        seen = np.flatnonzero(count > 0)
        days += (span[seen] * DAY).tolist()
        values += mean[seen].tolist()
        if side == 0:
            n_reference = len(days)
    return Series(tuple(days), tuple(values), n_reference)
