"""Lines of a file, none of which takes more memory than a line of events can have."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

#: Bytes of a line. The samples of the longest signal take a tenth.
MAX_LINE_BYTES = 16_000_000
#: Bytes of one JSON document, which is decoded as a whole.
MAX_DOCUMENT_BYTES = 100_000_000
#: What ends a line that was cut: no text in UTF-8, and so no event.
_CUT = b"\xff"
_SKIPPED_AT_ONCE = 1 << 20


def read_line(stream: BinaryIO) -> bytes:
    """Return the next line, empty at the end; one that is too long is cut, and refused later."""
    line = stream.readline(MAX_LINE_BYTES)
    return line if len(line) < MAX_LINE_BYTES or line.endswith(b"\n") else _cut(line, stream)


def read_lines(stream: BinaryIO, n_bytes: int) -> list[bytes]:
    """Return the lines that begin in so many bytes, none at the end of the file."""
    block = stream.read(n_bytes)
    if not block or block.endswith(b"\n"):
        return io.BytesIO(block).readlines()
    *lines, last = io.BytesIO(block).readlines()
    rest = stream.readline(MAX_LINE_BYTES)
    last += rest
    is_whole = len(rest) < MAX_LINE_BYTES or rest.endswith(b"\n")
    return [*lines, last if is_whole else _cut(last, stream)]


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield all lines from here on, as `read_line` returns them."""
    while line := read_line(stream):
        yield line


def was_cut(line: bytes) -> bool:
    """Tell whether a line was too long."""
    return len(line) >= MAX_LINE_BYTES


def _cut(line: bytes, stream: BinaryIO) -> bytes:
    """Pass over the rest of a line, and mark what was read of it."""
    while (rest := stream.readline(_SKIPPED_AT_ONCE)) and not rest.endswith(b"\n"):
        pass
    return line + _CUT
