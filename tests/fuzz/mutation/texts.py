"""Texts: lines and words of them."""

from __future__ import annotations

import random
import re

from tests.fuzz.mutation import raw

_WORD = re.compile(
    rb'-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\n]|\\.)*"|[A-Za-z_][\w.-]*|[^\s\w]'
)
_SEVERAL = 50_000
#: What may stand in the place of a word.
WORDS = (
    *(
        b"0",
        b"-1",
        b"1e400",
        b"-0.0",
        b"1e-400",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"null",
        b"1_0",
    ),
    *(b"true", b"9223372036854775808", b"-9223372036854775809", b"1099511627776", b"0x10", b"01"),
    *(b"9" * 400, b"9" * 5000, b"1e999999999", b"0." + b"0" * 3000 + b"1", b'""', b'" "', b"''"),
    *(b'"\\ud800"', b'"\\u0000"', b'"' + b"x" * 3000 + b'"', b"[]", b"{}", b'[""]', b'{"":0}'),
    *(b"[" * _SEVERAL, b'{"a":' * _SEVERAL, b"[" * _SEVERAL + b"]" * _SEVERAL, b"a." * _SEVERAL),
    *(b"=", b",", b":", b";", b"\t", b"#", b"[[x]]", b"[x]", b"x = 1", b"=1", b"''' ", b'"""'),
    *(b"1979-05-27T07:32:00Z", b"0001-01-01", b"9999-12-31T23:59:60Z", b"2024-02-30", b"24:00:00"),
    *("ß\u202e\U0001f600".encode(), b"\xff\xfe", b"\x00", b"../../etc/passwd", b"/dev/zero", b"-"),
)


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return a text with one to four changes."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice((_word, _word, _word, _line, _line, _pair, raw.changed))(content, rng)
    return content


def _word(content: bytes, rng: random.Random) -> bytes:
    found = list(_WORD.finditer(content[:200_000]))
    if not found:
        return raw.changed(content, rng)
    one = rng.choice(found)
    new = rng.choice(WORDS) if rng.random() < 0.8 else rng.choice(found)[0]
    if rng.random() < 0.2:  # within quotes
        new = b'"' + new.strip(b'"') + b'"'
    return content[: one.start()] + new + content[one.end() :]


def _line(content: bytes, rng: random.Random) -> bytes:
    lines = content.split(b"\n")
    place = rng.randrange(len(lines))
    how = rng.randrange(6)
    if how == 0:
        del lines[place]
    elif how == 1:
        lines.insert(rng.randrange(len(lines) + 1), lines[place])
    elif how == 2:
        lines.insert(place, rng.choice((b"", b" ", b"{", b"}", b'"', b"\xff", b"null", b"[", b"#")))
    elif how == 3:
        lines[place] = raw.changed(lines[place], rng)
    elif how == 4:
        other = rng.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    else:
        lines[place] = _word(lines[place], rng)
    return b"\n".join(lines)


def _pair(content: bytes, rng: random.Random) -> bytes:
    """Exchange two words."""
    found = list(_WORD.finditer(content[:200_000]))
    if len(found) < 2:
        return raw.changed(content, rng)
    one, other = sorted(rng.sample(found, 2), key=lambda each: each.start())
    return (
        content[: one.start()] + other[0] + content[one.end() : other.start()] + one[0]
        + content[other.end() :]
    )  # fmt: skip
