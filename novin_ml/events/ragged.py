"""Rows of any lengths in flat arrays: the base of the tables of signals and of chains."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from novin_ml.exceptions import InvalidEventError
from novin_ml.plain import plural


class _Masks:
    """The rows of a table by a mask: `RaggedRows.loc`."""

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
    """A table that is indexed like a list, and by position like a DataFrame.

    A subclass defines `__len__` and `take_rows`. The splitters and the cross-validation of
    scikit-learn take such a table.
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
            A table of the same class, in that order.
        """
        raise NotImplementedError

    @property
    def iloc(self) -> Self:
        """The table itself, which is indexed by position as `DataFrame.iloc` is."""
        return self

    @property
    def loc(self) -> _Masks:
        """The rows by a mask; scikit-learn indexes a DataFrame like this."""
        return _Masks(self)

    def take(self, indices: ArrayLike, axis: int = 0) -> Self:
        """Return some of the rows.

        Parameters
        ----------
        indices : array-like of int
            Positions in any order, with or without repetitions. Negative ones count from the end.
        axis : int, default=0
            As of `DataFrame.take`; only 0 is possible.

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
    return f"{plural(array.ndim, 'dimension')} of {array.dtype}"


def refuse_nothing(tables: Sequence[Any], name: str) -> None:
    """Raise InvalidEventError if there are no tables to concatenate."""
    if len(tables) == 0:
        raise InvalidEventError(
            f"There must be at least one table to concatenate. Got none. Give it a list of {name}."
        )


def offsets_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each row of these lengths begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


def positions_of(
    offsets: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the elements of some rows lie in the flat arrays, and their new offsets."""
    taken = offsets_of(np.diff(offsets)[rows])
    positions = np.repeat(offsets[:-1][rows] - taken[:-1], np.diff(taken))
    positions += np.arange(taken[-1])
    return positions, taken


def positions_by_code(codes: NDArray[np.integer], n_codes: int) -> list[NDArray[np.int64]]:
    """Return the positions of each code from 0 to `n_codes` - 1, in their order; others have none.

    One sort, however many codes there are.
    """
    order = np.argsort(codes, kind="stable")
    borders = np.searchsorted(codes[order], np.arange(n_codes + 1))
    return [order[begin:stop] for begin, stop in pairwise(borders.tolist())]


def rises(offsets: NDArray[np.int64], n_elements: int, n_rows: int) -> bool:
    """Tell whether offsets divide `n_elements` into `n_rows`."""
    return (
        len(offsets) == n_rows + 1
        and offsets[0] == 0
        and offsets[-1] == n_elements
        and np.diff(offsets).min(initial=0) >= 0
    )
