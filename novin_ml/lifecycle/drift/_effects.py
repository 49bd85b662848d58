"""How large a drift is: PSI, Kolmogorov-Smirnov and Jensen-Shannon, each home with equal weight.

They are shown beside a test and decide nothing: each of them grows with noise where homes are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.lifecycle.drift._columns import Column

_BINS = 10
#: Homes for each bin of numbers of which a home has one: fewer make noise.
_HOMES_A_BIN = 10
#: Least share of a bin in PSI, whose logarithm knows no empty bin.
_LEAST = 1e-4
Floats = NDArray[np.float64]


class Effects(NamedTuple):
    """Distances of two distributions, None where they cannot be told, and their bins."""

    psi: float | None
    ks: float | None
    js: float | None
    bins: tuple[str, ...] = ()
    reference: tuple[float, ...] = ()
    current: tuple[float, ...] = ()


def home_weights(column: Column, side: int) -> Floats:
    """Return the weight of each row: those of a home add up to 1; 0 where the value is missing."""
    rows, known = column.rows[side], column.is_known(side)
    count = np.bincount(rows.home, known, len(rows.homes.names))
    weights: Floats = known / np.maximum(count[rows.home], 1)
    return weights


def weighted_quantiles(values: Floats, weights: Floats, at: Sequence[float]) -> list[float]:
    """Return the different values at which the weights' share reaches some shares, sorted."""
    known = weights > 0
    if not known.any():
        return []
    distinct, places = np.unique(values[known], return_inverse=True)
    # Rounded: sums in another order of the rows differ in the last bits.
    share = np.cumsum(np.bincount(places, weights[known]))
    share = np.round(share / share[-1], 9)
    found = distinct[np.minimum(np.searchsorted(share, at), len(distinct) - 1)]
    return [float(each) for each in np.unique(found)]


def effects_of(column: Column, by_home: tuple[Floats, Floats] | None = None) -> Effects:
    """Return the distances of a column, or of numbers of which each home has one.

    Parameters
    ----------
    column : Column
        The column.
    by_home : tuple of ndarray, default=None
        Numbers of the homes of both tables, instead of the values of the rows.

    Returns
    -------
    effects : Effects
        PSI and Jensen-Shannon divergence (base 2, 0 to 1) over the categories, or over the tenths
        of the reference; the Kolmogorov-Smirnov distance of numbers, over all their values.
    """
    if by_home is not None:
        values = [each[~np.isnan(each)] for each in by_home]
        weights = [np.ones(len(each)) for each in values]
        n_bins = min(_BINS, min(map(len, values)) // _HOMES_A_BIN)
        return _of_numbers(values, weights, n_bins)
    weights = [home_weights(column, side) for side in (0, 1)]
    if column.is_number:
        return _of_numbers(column.values, weights, _BINS)
    n = len(column.categories)
    shares = [
        np.bincount(values[weight > 0], weight[weight > 0], n).astype(np.float64)
        for values, weight in zip(column.values, weights, strict=True)
    ]
    if any(share.sum() == 0 for share in shares):
        return Effects(None, None, None)
    return _of_shares(shares[0], shares[1], None, column.categories)


def _of_numbers(values: Sequence[Floats], weights: Sequence[Floats], n_bins: int) -> Effects:
    if any(weight.sum() == 0 for weight in weights):
        return Effects(None, None, None)
    places, codes = np.unique(np.concatenate(values), return_inverse=True)
    cut = len(values[0])
    masses = [
        np.bincount(code, weight, len(places)) / weight.sum()
        for code, weight in zip((codes[:cut], codes[cut:]), weights, strict=True)
    ]
    ks = min(float(np.abs(np.cumsum(masses[1] - masses[0])).max()), 1.0)
    if n_bins < 2:
        return Effects(None, ks, None)
    bounds = weighted_quantiles(
        values[0], weights[0], [place / n_bins for place in range(1, n_bins)]
    )
    bins = np.searchsorted(bounds, places)
    # NaN, the last place, has no weight.
    shares = [np.bincount(bins, mass, len(bounds) + 1).astype(np.float64) for mass in masses]
    names = [f"up to {bound:.3g}" for bound in bounds] + [f"above {bounds[-1]:.3g}"]
    return _of_shares(shares[0], shares[1], ks, names)


def _of_shares(p: Floats, q: Floats, ks: float | None, names: Sequence[str]) -> Effects:
    from scipy.special import rel_entr

    p, q = p / p.sum(), q / q.sum()
    floored = [np.maximum(share, _LEAST) for share in (p, q)]
    a, b = (share / share.sum() for share in floored)
    psi = float(np.sum((b - a) * np.log(b / a)))
    middle = (p + q) / 2
    js = float((rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / 2 / np.log(2))
    return Effects(
        psi, ks, min(max(js, 0.0), 1.0), tuple(names), tuple(p.tolist()), tuple(q.tolist())
    )
