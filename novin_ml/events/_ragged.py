"""Rows of any lengths in flat arrays: what the tables of signals and of chains share."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray


class RaggedRows:
    """Indexing of a table of rows, as a list's and as a DataFrame's by position.

    A subclass has `__len__` and `take_rows`. scikit-learn's splitters and cross-validation take it.
    """

    def __len__(self) -> int:
        raise NotImplementedError

    def take_rows(self, rows: NDArray[np.int64]) -> Self:
        """Return these rows, positions from 0 on."""
        raise NotImplementedError

    @property
    def iloc(self) -> Self:
        """The table itself, by the name under which a DataFrame is indexed by position."""
        return self

    def take(self, indices: ArrayLike, axis: int = 0) -> Self:
        """Return some of the rows.

        Parameters
        ----------
        indices : array-like of int
            Positions, in any order, repeated or not; from the end where negative.
        axis : int, default=0
            As a DataFrame's; only 0 makes sense.

        Returns
        -------
        rows : object of the same class
            A copy.
        """
        return self.take_rows(np.arange(len(self))[np.asarray(indices, dtype=np.int64)])

    def __getitem__(self, key: Any) -> Any:
        return self.take_rows(np.arange(len(self))[key])


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each of the rows of these lengths begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def positions_of(
    offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the elements of some rows lie in the flat arrays, and their new offsets."""
    taken = offsets_of(np.diff(offsets)[rows])
    positions = np.repeat(offsets[:-1][rows] - taken[:-1], np.diff(taken))
    positions += np.arange(taken[-1])
    return positions, taken


def rises(offsets: NDArray[np.int64], n_elements: int, n_rows: int) -> bool:
    """Tell whether offsets divide so many elements into so many rows."""
    return (
        len(offsets) == n_rows + 1
        and offsets[0] == 0
        and offsets[-1] == n_elements
        and np.diff(offsets).min(initial=0) >= 0
    )
