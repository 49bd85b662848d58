"""Bytes: flipped, cut out, put in, doubled, and numbers that are lengths."""

from __future__ import annotations

import random
import struct

#: Numbers at which something ends.
NUMBERS = (0, 1, -1, 127, 128, 255, 256, 2**15, 2**16 - 1, 2**31 - 1, -(2**31), 2**32 - 1, 2**40)
NUMBERS += (2**62, 2**63 - 1, -(2**63))
_FORMS = ("<b", "<h", ">h", "<i", ">i", "<q", ">q", "<f", ">f", "<d", ">d")
#: Pieces that begin or end something in one of the formats.
PIECES = (
    *(b"\0", b"\0" * 64, b"\xff" * 8, b"{", b"}", b"[", b"]", b'"', b"\\", b"\n", b"\r\n", b"\r"),
    *(b"{}", b"[]", b"[#L", b"[$d#L", b"\xef\xbb\xbf", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3"),
    *(b"PK\x05\x06", b"PAR1", b"\x1f\x8b", b"SQLite format 3\0", b"\x80\x80\x80\x80\x10"),
)


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with one to four changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = _once(content, rng)
    return content


def _once(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content) + 1)
    how = rng.randrange(9)
    if how == 0 and content:  # a bit
        place %= len(content)
        return (
            content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
        )
    if how == 1:  # other bytes
        new = rng.randbytes(rng.randrange(1, 9))
        return content[:place] + new + content[place + len(new) :]
    if how == 2:  # a number
        new = _number(rng)
        return content[:place] + new + content[place + len(new) :]
    if how == 3:  # cut out
        return content[:place] + content[place + _length(rng) :]
    if how == 4:  # put in
        return content[:place] + rng.choice(PIECES) * rng.choice((1, 1, 3, 1000)) + content[place:]
    if how == 5:  # doubled
        piece = content[place : place + _length(rng)]
        return content[:place] + piece * rng.choice((2, 3, 50)) + content[place + len(piece) :]
    if how == 6:  # the end is missing
        return content[:place]
    if how == 7:  # from elsewhere
        start = rng.randrange(len(content) + 1)
        piece = content[start : start + _length(rng)]
        return content[:place] + piece + content[place + len(piece) * rng.randrange(2) :]
    return content + rng.choice(PIECES)


def _length(rng: random.Random) -> int:
    return rng.choice((1, 2, 4, 8, 16, 64, 256, 4096))


def _number(rng: random.Random) -> bytes:
    form = rng.choice(_FORMS)
    number = rng.choice(NUMBERS)
    if form[1] in "fd":
        return struct.pack(form, rng.choice((0.0, float("nan"), float("inf"), -1e30, 1e-40, 2.0)))
    size = struct.calcsize(form)
    return (number % (1 << 8 * size)).to_bytes(size, "little" if form[0] == "<" else "big")
