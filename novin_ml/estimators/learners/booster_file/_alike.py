"""Objects of a list that differ in numbers only, as columns.

A model is a list of thousands of trees. Trees of as many nodes have the same bytes but for their
numbers, so that one of them, read with care, tells how the others are to be cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np


class Layout:
    """Where the numbers of an object stand, and what stands between them.

    Parameters
    ----------
    content : bytes
    start, end : int
        Where the object is in `content`.
    values : dict
        What was read of it.
    numbers : mapping of str to (dtype, start, end)
        Which bytes of it are numbers, by key, in their order.

    Attributes
    ----------
    constants : dict
        What is no number.
    counts : dict of str to int
        How many numbers each key has.
    """

    def __init__(
        self,
        content: bytes,
        start: int,
        end: int,
        values: Mapping[str, Any],
        numbers: Mapping[str, tuple[np.dtype, int, int]],
    ) -> None:
        self.constants = {key: value for key, value in values.items() if key not in numbers}
        self.dtypes = {key: dtype for key, (dtype, _, _) in numbers.items()}
        self.counts = {
            key: (stop - first) // dtype.itemsize for key, (dtype, first, stop) in numbers.items()
        }
        cuts = [start, *(place for _, *both in numbers.values() for place in both), end]
        lengths = [b - a for a, b in pairwise(cuts)]
        self._cut = Struct("".join(f"{length}s" for length in lengths))
        self.size = self._cut.size
        self._between = self._cut.unpack_from(content, start)[::2]
        #: The bytes before the first number, which tell layouts of different sizes apart.
        self.head = self._between[0]

    def take(self, content: bytes, start: int) -> tuple[bytes, ...] | None:
        """Return the numbers of an object as bytes; None if it is laid out in another way."""
        if start + self.size > len(content):
            return None
        pieces = self._cut.unpack_from(content, start)
        return pieces[1::2] if pieces[::2] == self._between else None


class Alike:
    """A list of objects with the same keys.

    Attributes
    ----------
    layouts : list of Layout
        All that occur.
    layout_of : list of int
        Of each object, which of them.
    """

    def __init__(self) -> None:
        self.layouts: list[Layout] = []
        self.layout_of: list[int] = []
        #: Where the object that was taken last ends.
        self.end = 0
        self._pieces: list[tuple[bytes, ...]] = []
        self._by_head: dict[bytes, int] = {}
        self._head_size = 0

    def __len__(self) -> int:
        return len(self.layout_of)

    def learn(self, layout: Layout) -> None:
        """Know a layout, instead of an earlier one that begins alike."""
        if self.layouts and list(self.layouts[0].dtypes) != list(layout.dtypes):
            raise ValueError("objects of a list with different keys")
        self._by_head[layout.head] = len(self.layouts)
        self._head_size = len(layout.head)
        self.layouts.append(layout)

    def take(self, content: bytes, start: int) -> bool:
        """Append the object at a place, if it has a layout that is known."""
        which = self._by_head.get(content[start : start + self._head_size])
        if which is None:
            return False
        layout = self.layouts[which]
        pieces = layout.take(content, start)
        if pieces is None:
            return False
        self.layout_of.append(which)
        self._pieces.append(pieces)
        self.end = start + layout.size
        return True

    def integers(self, key: str) -> list[int]:
        """Return an integer of each object."""
        place = list(self.layouts[0].dtypes).index(key)
        kinds = [layout.dtypes[key].kind for layout in self.layouts]
        if any(kind not in "iu" for kind in kinds) or any(
            layout.counts[key] != 1 for layout in self.layouts
        ):
            raise ValueError(f"{key!r} that is no integer")
        return [
            int.from_bytes(pieces[place], "big", signed=kinds[which] == "i")
            for which, pieces in zip(self.layout_of, self._pieces, strict=True)
        ]

    def columns(self, dtypes: Mapping[str, np.dtype]) -> dict[str, np.ndarray]:
        """Return the numbers of all objects, one after the other, by key.

        Parameters
        ----------
        dtypes : mapping of str to dtype
            Which keys, and as what they must be written; they come in the machine's byte order.

        Raises
        ------
        ValueError
            If a key is missing or of another type.
        """
        keys = list(self.layouts[0].dtypes)
        columns = dict(zip(keys, zip(*self._pieces, strict=True), strict=True))
        found = {}
        for key, dtype in dtypes.items():
            if key not in columns:
                raise ValueError(f"objects of a list without {key!r}")
            if any(layout.dtypes[key] != dtype for layout in self.layouts):
                raise ValueError(f"{key!r} of another type than {dtype.name}")
            values = np.frombuffer(b"".join(columns[key]), dtype)
            found[key] = values.astype(dtype.newbyteorder("="), copy=False)
        return found
