"""The mutator of a file, by its suffix."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import PurePath

from tests.fuzz.mutation import archives, databases, documents, raw, specs, texts

Change = Callable[[bytes, random.Random], bytes]


def _zip(content: bytes, rng: random.Random) -> bytes:
    return archives.changed(content, rng, mutated)


def _json(content: bytes, rng: random.Random) -> bytes:
    return (documents if rng.random() < 0.6 else texts).changed(content, rng)


def _gzip(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.4:
        return raw.changed(content, rng)
    return gzip.compress(texts.changed(gzip.decompress(content), rng), 1, mtime=0)


def _npy(content: bytes, rng: random.Random) -> bytes:
    """Change the header of an array more often than its numbers."""
    if rng.random() < 0.5:
        return texts.changed(content[:128], rng) + content[128:]
    return raw.changed(content, rng)


_BY_SUFFIX: dict[str, Change] = {
    **dict.fromkeys((".json", ".jsonl", ".sig"), _json),
    **dict.fromkeys((".toml", ".csv", ".txt", ".xml", ".pem", ".yaml", ".md"), texts.changed),
    **dict.fromkeys((".npz", ".zip", ".novin", ".skops"), _zip),
    ".db": databases.changed,
    ".gz": _gzip,
    ".mlmodel": specs.changed,
    ".npy": _npy,
}


def mutated(name: str, content: bytes, rng: random.Random) -> bytes:
    """Return a file with changes that its suffix is likely to suffer from."""
    if rng.random() < 0.03:
        return rng.choice(
            (b"", b"\0", content + content, content[: len(content) // 2], bytes(10**5))
        )
    return _BY_SUFFIX.get(PurePath(name).suffix, raw.changed)(content, rng)
