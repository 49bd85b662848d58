"""UBJSON as xgboost writes it, read strictly.

A document is one object. Keys are texts without a marker, lists say their length, numbers of one
type are a block. What xgboost does not write (booleans, null, characters, lists without a length)
is refused, and so is whatever does not end where the file ends.

Nothing is read beyond the end, nothing nests deeper than a model does, and what is made of a file
is at most a small multiple of it.
"""

from __future__ import annotations

from struct import Struct
from typing import Any

import numpy as np

from novin_ml.estimators.learners.booster_file._alike import Alike, Layout
from novin_ml.plain import plural

_MAX_DEPTH = 16
# A value that is no number takes ten bytes or more; a few do not, and a small file has a few.
_BYTES_A_VALUE = 10
_FREE_VALUES = 100
# A tree takes 500 bytes or more.
_BYTES_A_LAYOUT = 200

_NUMBERS = {
    ord("i"): Struct(">b"),
    ord("U"): Struct(">B"),
    ord("I"): Struct(">h"),
    ord("l"): Struct(">i"),
    ord("L"): Struct(">q"),
    ord("d"): Struct(">f"),
    ord("D"): Struct(">d"),
}
_BLOCKS: dict[int, np.dtype] = {
    ord("i"): np.dtype(">i1"),
    ord("U"): np.dtype(">u1"),
    ord("I"): np.dtype(">i2"),
    ord("l"): np.dtype(">i4"),
    ord("L"): np.dtype(">i8"),
    ord("d"): np.dtype(">f4"),
    ord("D"): np.dtype(">f8"),
}
_TEXT, _OBJECT, _OBJECT_END, _LIST = b"S{}["
_BLOCK_START, _COUNT, _LENGTH = b"$#L"
_EIGHT_BYTES = Struct(">q")


def read_ubj(content: bytes) -> dict[str, Any]:
    """Return the object that a file is.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    document : dict
        Of str, int, float, dict, list, ndarray for blocks of numbers (big endian), and `Alike` for
        lists of objects.

    Raises
    ------
    ValueError
        If the file is anything else than one such object, to its last byte.
    """
    reader = _Reader(content)
    if content[:1] != b"{":
        raise ValueError("a file that is no object")
    reader.step(1)
    try:
        document = reader.object(0)
    except IndexError:
        raise ValueError("the end where a marker should be") from None
    if reader.at != len(content):
        raise ValueError(f"{plural(len(content) - reader.at, 'byte')} after the end")
    return document


#: Where the numbers of an object stand, by key: their type, first and last byte.
_Numbers = dict[str, tuple[np.dtype, int, int]]


class _Reader:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0
        self.values_left = len(content) // _BYTES_A_VALUE + _FREE_VALUES
        self.layouts_left = len(content) // _BYTES_A_LAYOUT + _FREE_VALUES

    def object(self, depth: int, numbers: _Numbers | None = None) -> dict[str, Any]:
        """Read an object from behind its marker, and note where its own numbers stand."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"more than {_MAX_DEPTH} levels")
        found: dict[str, Any] = {}
        while self.content[self.at] != _OBJECT_END:
            key = self.text()
            if key in found:
                raise ValueError(f"{key!r} twice")
            found[key] = self.value(depth + 1, key, numbers)
        self.at += 1
        return found

    def value(self, depth: int, key: str = "", numbers: _Numbers | None = None) -> Any:
        marker = self.content[self.at]
        self.at += 1
        if marker in _NUMBERS:
            place = self.span(_BLOCKS[marker], 1, key, numbers)
            return _NUMBERS[marker].unpack_from(self.content, place)[0]
        self.values_left -= 1
        if self.values_left < 0:
            raise ValueError("more values than a model has in as many bytes")
        if marker == _TEXT:
            return self.text()
        if marker == _OBJECT:
            return self.object(depth)
        if marker != _LIST:
            raise ValueError(f"the marker {bytes([marker])!r} at byte {self.at - 1}")
        if self.content[self.at] == _BLOCK_START:
            return self.block(key, numbers)
        return self.list(depth)

    def block(self, key: str, numbers: _Numbers | None) -> np.ndarray:
        """Read numbers of one type."""
        marker = self.content[self.at + 1]
        if marker not in _BLOCKS:
            raise ValueError(f"a block of {bytes([marker])!r} at byte {self.at}")
        self.at += 2
        n_values = self.count()
        place = self.span(_BLOCKS[marker], n_values, key, numbers)
        return np.frombuffer(self.content, _BLOCKS[marker], n_values, place)

    def span(self, dtype: np.dtype, n_values: int, key: str, numbers: _Numbers | None) -> int:
        """Step over numbers, and return where they start."""
        start = self.step(n_values * dtype.itemsize)
        if numbers is not None:
            numbers[key] = (dtype, start, self.at)
        return start

    def list(self, depth: int) -> list[Any] | Alike:
        n_values = self.count()
        if n_values > len(self.content) - self.at:
            raise ValueError(
                f"{plural(n_values, 'value')} in the last "
                f"{plural(len(self.content) - self.at, 'byte')}"
            )
        if n_values and self.content[self.at] == _OBJECT:
            return self.alike(n_values, depth + 1)
        if depth >= _MAX_DEPTH:
            raise ValueError(f"more than {_MAX_DEPTH} levels")
        return [self.value(depth + 1) for _ in range(n_values)]

    def alike(self, n_values: int, depth: int) -> Alike:
        """Read objects: at once, if they are laid out as an earlier one."""
        found = Alike()
        for _ in range(n_values):
            if found.take(self.content, self.at):
                self.at = found.end
                continue
            self.layouts_left -= 1
            if self.layouts_left < 0:
                raise ValueError("more kinds of objects than a model has in as many bytes")
            if self.content[self.at] != _OBJECT:
                raise ValueError(f"no object at byte {self.at}")
            numbers: _Numbers = {}
            start = self.step(1)
            values = self.object(depth, numbers)
            found.learn(Layout(self.content, start, self.at, values, numbers))
            found.take(self.content, start)
        return found

    def count(self) -> int:
        if self.content[self.at] != _COUNT:
            raise ValueError(f"a list without a length at byte {self.at}")
        self.at += 1
        return self.length()

    def length(self) -> int:
        """Read a length, which xgboost writes as eight bytes."""
        if self.content[self.at] != _LENGTH:
            raise ValueError(f"no length at byte {self.at}")
        length = _EIGHT_BYTES.unpack_from(self.content, self.step(9) + 1)[0]
        if not 0 <= length <= len(self.content):
            raise ValueError(
                f"a length of {length} in a file of {plural(len(self.content), 'byte')}"
            )
        return length

    def text(self) -> str:
        start = self.step(self.length())
        return self.content[start : self.at].decode()

    def step(self, n_bytes: int) -> int:
        """Step over bytes, which the file must have, and return where they start."""
        start, self.at = self.at, self.at + n_bytes
        if self.at > len(self.content):
            raise ValueError(
                f"the end where {plural(self.at - len(self.content), 'more byte')} should be"
            )
        return start
