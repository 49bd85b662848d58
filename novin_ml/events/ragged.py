"""Rows of any lengths in flat arrays: what the tables of signals and of chains share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from novin_ml.exceptions import InvalidEventError


class _Masks:
    """What `RaggedRows.loc` is: rows by a mask."""

    def __init__(self, rows: RaggedRows) -> None:
        self._rows = rows

    def __getitem__(self, mask: Any) -> Any:
        mask = np.asarray(mask)
        if mask.dtype != bool:
            raise IndexError(
                "A table is indexed by loc with a mask of booleans. Got "
                f"{_words(mask)}. Use iloc for positions."
            )
        return self._rows[mask]


class RaggedRows:
    """Indexing of a table of rows, as a list's and as a DataFrame's by position.

    A subclass has `__len__` and `take_rows`. scikit-learn's splitters and cross-validation take it.
    """

    def __len__(self) -> int:
        raise NotImplementedError

    def take_rows(self, rows: NDArray[np.int64]) -> Self:
        """Return some of the rows.

        Parameters
        ----------
        rows : ndarray of shape (n_taken,), int64
            Positions, from 0 on.

        Returns
        -------
        table : object
            Of the same class, in that order.
        """
        raise NotImplementedError

    @property
    def iloc(self) -> Self:
        """The table itself, by the name under which a DataFrame is indexed by position."""
        return self

    @property
    def loc(self) -> _Masks:
        """The table by masks, the name under which scikit-learn indexes a DataFrame by them."""
        return _Masks(self)

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
        positions = np.asarray(indices)
        if positions.size and (positions.dtype.kind not in "iu" or positions.ndim != 1):
            raise IndexError(
                "The rows to take must be a 1-d array of positions. Got "
                f"{_words(positions)}. Use rows[mask] for a mask."
            )
        return self.take_rows(np.arange(len(self))[positions.astype(np.int64).ravel()])

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            array = np.asarray(key)
            if array.ndim != 1 or (array.size and array.dtype.kind not in "iub"):
                raise IndexError(
                    "A table is indexed by a position, a slice, or a 1-d array of positions or of "
                    f"booleans. Got {_words(array)}. Use one of these."
                )
            key = array if array.size or array.dtype == bool else array.astype(np.int64)
        return self.take_rows(np.arange(len(self))[key])


def _words(array: NDArray[Any]) -> str:
    return f"{array.ndim} dimensions of {array.dtype}"


def refuse_nothing(tables: Sequence[Any], name: str) -> None:
    """Raise InvalidEventError if there are no tables to put one after the other."""
    if len(tables) == 0:
        raise InvalidEventError(
            f"The tables to concatenate must be one at least. Got none. Give it a list of {name}."
        )


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
