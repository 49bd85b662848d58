"""Trees of an ensemble in flat arrays, as a proof and a Python answer read them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trees:
    """The trees of an ensemble in Python, their nodes in one numbering.

    Attributes
    ----------
    roots : ndarray of shape (n_trees,), int64
    left, right : ndarray of shape (n_nodes,), int32 or int64
        Children; -1 for a leaf.
    feature : ndarray of shape (n_nodes,), int32 or int64
        Feature of a node that is no leaf.
    threshold : ndarray of shape (n_nodes,), float64
        As in Python: no float32 number need equal it.
    missing_left : ndarray of shape (n_nodes,), bool
        Whether a missing value goes to the left child.
    value : ndarray of shape (n_nodes,) or (n_nodes, n_dimensions), float64
        Value that a leaf adds, or what it adds to each sum: of 0 it has no entry, or one entry if
        all of them are 0.
    dimension : ndarray of shape (n_trees,), int64, or None
        The sum that a tree adds to; None if a leaf adds to several.
    base : ndarray of shape (n_dimensions,), float64
        The sums before any tree.
    less_equal : bool
        Whether a value that equals the threshold goes left.
    base_digits : float, default=1e-6
        How far `base` may be off in a model, as a share of it, or of 1 if it is smaller.
    """

    roots: NDArray[np.int64]
    left: NDArray[np.int32 | np.int64]
    right: NDArray[np.int32 | np.int64]
    feature: NDArray[np.int32 | np.int64]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    value: NDArray[np.float64]
    dimension: NDArray[np.int64] | None
    base: NDArray[np.float64]
    less_equal: bool
    base_digits: float = 1e-6

    def largest_sums(self) -> NDArray[np.float64]:
        """Return a bound of the absolute sum of each dimension, for every row.

        It is the base and, of each tree, the largest absolute leaf.

        Returns
        -------
        sums : ndarray of shape (n_dimensions,), float64
            One for each dimension.
        """
        at_leaf = self.left < 0
        values = np.abs(self.value) * (at_leaf if self.value.ndim == 1 else at_leaf[:, None])
        largest = np.maximum.reduceat(values, self.roots, axis=0)
        sums = np.abs(self.base).astype(np.float64)
        if self.dimension is None:
            return sums + largest.sum(axis=0)
        return sums + np.bincount(self.dimension, weights=largest, minlength=len(sums))

    def of_dimension(self, dimension: int) -> Trees:
        """Return the trees that add to one sum, as the only sum of an ensemble.

        Parameters
        ----------
        dimension : int
            The sum.

        Returns
        -------
        trees : Trees
            Those trees and their base.
        """
        own = np.asarray(self.dimension) == dimension
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields |= {
            "roots": self.roots[own],
            "dimension": np.zeros(int(own.sum()), np.int64),
            "base": self.base[dimension : dimension + 1],
        }
        return Trees(**fields)
