"""Tests of many measures at once, with homes as units: the largest t under permutation of homes.

Where nothing drifted, whole homes can be exchanged: a home of one table for one of the other, or,
of homes that are in both, its two periods. The largest absolute t over all measures under such
exchanges keeps the chance of any false cry at the level, whatever the dependence of the measures
(Westfall and Young 1993, step-down). t is that of unequal variances (Welch), so that the level also
holds, for many homes, where the tables are of unequal lengths (Chung and Romano 2013).
"""

from __future__ import annotations

from itertools import combinations, product
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
#: Smallest standard error, as a share of the largest deviation: less is rounding.
_LEAST = 1e-6
_CHUNK = 128


class Tests(NamedTuple):
    """Results of tests, one a measure.

    Attributes
    ----------
    t : ndarray of shape (n_measures,)
        Welch's t of the difference; of paired homes, t of the mean difference.
    p_adjusted : ndarray of shape (n_measures,)
        Corrected for all measures.
    n_homes : ndarray of shape (n_measures, 2), int
        Homes of each table that have a value; those of pairs twice.
    p_least : ndarray of shape (n_measures,)
        Smallest p-value that so many homes can give.
    """

    t: Floats
    p_adjusted: Floats
    n_homes: NDArray[np.int64]
    p_least: Floats


def compare_pairs(
    before: Floats, after: Floats, n_permutations: int, rng: np.random.Generator
) -> Tests:
    """Test the differences of homes that are in both tables, exchanging the periods of homes.

    Parameters
    ----------
    before, after : ndarray of shape (n_homes, n_measures)
        Values of the same homes; NaN where missing.
    n_permutations : int
        Number of random exchanges; all are made if there are no more.
    rng : Generator
        Source of the exchanges.
    """
    change = _in_order(after - before)
    known = ~np.isnan(change)
    change = _scaled(np.where(known, change, 0.0))
    count, squares = known.sum(axis=0).astype(np.float64), np.sum(change**2, axis=0)

    def t_of(signs: Floats) -> Floats:
        mean = np.divide(
            signs @ change, count, out=np.zeros((len(signs), len(count))), where=count > 1
        )
        variance = np.maximum(squares - count * mean**2, 0) / np.maximum(count - 1, 1)
        return _ratio(mean, variance / np.maximum(count, 1))

    n = len(change)
    if 2.0**n <= n_permutations + 1:
        signs = np.array([*product((1.0, -1.0), repeat=n)])[1:]  # the first is the observed one
        chunks = [signs]
    else:
        sizes = _sizes(n_permutations)
        chunks = [np.where(rng.random((size, n)) < 0.5, -1.0, 1.0) for size in sizes]
    t = t_of(np.ones((1, n)))[0]
    permuted = np.concatenate([np.abs(t_of(signs)) for signs in chunks])
    n_homes = np.repeat(known.sum(axis=0)[:, None], 2, axis=1)
    return Tests(t, _step_down(t, permuted), n_homes, 2.0 ** (1 - count))


def compare_groups(
    reference: Floats, current: Floats, n_permutations: int, rng: np.random.Generator
) -> Tests:
    """Test the difference of two groups of homes, exchanging homes.

    Parameters
    ----------
    reference, current : ndarray of shape (n_homes, n_measures)
        Values of the homes; NaN where missing.
    n_permutations, rng
        As for `compare_pairs`.
    """
    values = np.concatenate([reference, current])
    order = _order(values)
    is_current = (np.arange(len(values)) >= len(reference))[order].astype(np.float64)
    values = values[order]
    known = ~np.isnan(values)
    centre = np.nansum(values, axis=0) / np.maximum(known.sum(axis=0), 1)
    values = _scaled(np.where(known, values - centre, 0.0))
    sums = [known.astype(np.float64), values, values**2]
    totals = [each.sum(axis=0) for each in sums]

    def t_of(labels: Floats) -> Floats:
        count, total, square = (labels @ each for each in sums)
        sides = [(count, total, square)]
        sides.append(tuple(all_ - own for all_, own in zip(totals, sides[0], strict=True)))
        means, errors = [], []
        for n, s, q in sides:
            means.append(s / np.maximum(n, 1))
            variance = np.maximum(q - n * means[-1] ** 2, 0) / np.maximum(n - 1, 1)
            errors.append(variance / np.maximum(n, 1))
        enough = (sides[0][0] > 1) & (sides[1][0] > 1)
        return np.where(enough, _ratio(means[0] - means[1], errors[0] + errors[1]), 0.0)

    n, n_current = len(values), len(current)
    if comb(n, n_current) <= n_permutations + 1:
        labels = np.zeros((comb(n, n_current), n))
        for row, members in enumerate(combinations(range(n), n_current)):
            labels[row, members] = 1.0
        chunks = [labels[(labels != is_current).any(axis=1)]]
    else:
        chunks = []
        for size in _sizes(n_permutations):
            labels = np.zeros((size, n))
            drawn = np.argsort(rng.random((size, n)), axis=1)[:, :n_current]
            np.put_along_axis(labels, drawn, 1.0, axis=1)
            chunks.append(labels)
    t = t_of(is_current[None])[0]
    permuted = np.concatenate([np.abs(t_of(labels)) for labels in chunks])
    n_homes = np.stack([(~np.isnan(each)).sum(axis=0) for each in (reference, current)], axis=1)
    least = [2 / comb(a + b, a) if min(a, b) > 1 else 1.0 for a, b in n_homes.tolist()]
    return Tests(t, _step_down(t, permuted), n_homes, np.array(least))


def _step_down(t: Floats, permuted: Floats) -> Floats:
    """Return p-values, corrected for the measures with no larger t."""
    order = np.argsort(-np.abs(t), kind="stable")
    largest = np.maximum.accumulate(permuted[:, order[::-1]], axis=1)[:, ::-1]
    seen = np.abs(t)[order] * (1 - 1e-9) - 1e-9
    p = (1 + np.sum(largest >= seen, axis=0)) / (1 + len(permuted))
    adjusted = np.empty(len(t))
    adjusted[order] = np.maximum.accumulate(p)
    return adjusted


def _ratio(difference: Floats, squared_error: Floats) -> Floats:
    """Return t; the error is at least what rounding makes of none."""
    return np.where(
        np.abs(difference) < _LEAST**2, 0.0, difference / np.maximum(np.sqrt(squared_error), _LEAST)
    )


def _scaled(values: Floats) -> Floats:
    largest = np.abs(values).max(axis=0, initial=0.0)
    return values / np.where(largest > 0, largest, 1.0)


def _order(values: Floats) -> NDArray[np.intp]:
    """Return an order of homes by their values: random exchanges do not depend on names."""
    return np.lexsort(np.nan_to_num(values, nan=-1.0).T[::-1])


def _in_order(values: Floats) -> Floats:
    return values[_order(values)]


def _sizes(n: int) -> list[int]:
    return [min(_CHUNK, n - start) for start in range(0, n, _CHUNK)]
