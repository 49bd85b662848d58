"""Tree ensembles as flat arrays; all rows of a chunk descend a tree together, level by level."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

# Rows of a chunk, so that their keys stay in the processor's cache, and (tree, row) pairs that
# advance at once: one tree at a time for many rows, many trees at once for few.
_CHUNK_ROWS = 2048
_BLOCK_PAIRS = 16384
# All pairs go down so many levels; below, those whose leaf is not reached yet.
_EVEN_LEVELS = 5

_INT32_MAX = np.iinfo(np.int32).max
_INT32_MIN = np.iinfo(np.int32).min


def order_keys(values: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return integers in the order of the numbers: ``a < b`` exactly if ``key(a) < key(b)``.

    Both zeros have the same key, and no key of a number lies between ``key(a)`` and
    ``key(a) + 1``. So every comparison of a tree node becomes an exact ``key(x) < bound``,
    infinities included.
    Missing values have no place in the order.
    """
    bits = (values + np.float32(0)).view(np.int32)
    return bits ^ ((bits >> 31) & np.int32(_INT32_MAX))


def row_keys(X: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return the keys of a table twice: missing values above all bounds, then below all."""
    keys = order_keys(X)
    missing = np.isnan(X)
    return np.hstack([np.where(missing, _INT32_MAX, keys), np.where(missing, _INT32_MIN, keys)])


@dataclass(frozen=True)
class TreeGroup:
    """Trees that add to the same dimensions of the prediction, with one numbering of nodes.

    A row at node ``i`` goes on to ``children[2 * i + (key < bound[i])]``. The key is that of
    column ``column[i]`` of `row_keys`. The children of a leaf are the leaf itself.
    """

    dimensions: NDArray[np.intp]  # (w,)
    column: NDArray[np.intp]  # (m,)
    bound: NDArray[np.int32]  # (m,)
    children: NDArray[np.intp]  # (2 m,)
    values: NDArray[np.float64]  # (w, m)
    roots: NDArray[np.intp]  # (t,)
    depths: NDArray[np.intp]  # (t,)
    reached: NDArray[np.bool_] | None = None  # (m,): leaves that rows came to, if they are watched

    def add_leaves(self, keys: NDArray[np.int32], out: NDArray[np.float64]) -> None:
        """Add the leaf values of each row to ``out``, dimensions by rows."""
        n_rows, n_columns = keys.shape
        flat_keys = keys.ravel()
        row_start = np.arange(n_rows) * n_columns
        n_trees = max(1, _BLOCK_PAIRS // n_rows)
        for first in range(0, len(self.roots), n_trees):
            block = slice(first, first + n_trees)
            node = np.repeat(self.roots[block, None], n_rows, axis=1)
            depth = self.depths[block].max()
            for _ in range(min(depth, _EVEN_LEVELS)):
                node = self._below(node, flat_keys, row_start)
            if depth > _EVEN_LEVELS:
                every = node.reshape(-1)  # the same memory
                pair = np.flatnonzero(self.children.take(2 * every) != every)
                start = row_start.take(pair % n_rows)
                for _ in range(_EVEN_LEVELS, depth):
                    here = every.take(pair)
                    below = self._below(here, flat_keys, start)
                    every[pair] = below
                    moved = below != here
                    pair, start = pair[moved], start[moved]
            if self.reached is not None:
                self.reached[node] = True
            for dimension, values in zip(self.dimensions, self.values, strict=True):
                out[dimension] += values.take(node).sum(axis=0)

    def _below(
        self, node: NDArray[np.intp], flat_keys: NDArray[np.int32], row_start: NDArray[np.intp]
    ) -> NDArray[np.intp]:
        """Return the next node of rows, each of which has its keys from `row_start` on."""
        key = flat_keys.take(self.column.take(node) + row_start)
        return self.children.take(2 * node + (key < self.bound.take(node)))


@dataclass(frozen=True)
class Forest:
    """An ensemble: its base prediction and its trees."""

    base: NDArray[np.float64]  # (n_dimensions,)
    groups: tuple[TreeGroup, ...]

    def watched(self) -> Forest:
        """Return the same ensemble; its groups record the leaves that rows reach."""
        groups = (replace(g, reached=np.zeros(len(g.column), dtype=bool)) for g in self.groups)
        return replace(self, groups=tuple(groups))

    def sums(self, X: NDArray[np.float32]) -> NDArray[np.float64]:
        """Base prediction plus the leaves of all trees, of shape (n_rows, n_dimensions)."""
        out = np.repeat(self.base[:, None], len(X), axis=1)
        for start in range(0, len(X), _CHUNK_ROWS):
            rows = slice(start, start + _CHUNK_ROWS)
            keys = row_keys(X[rows])
            for group in self.groups:
                group.add_leaves(keys, out[:, rows])
        return out.T
