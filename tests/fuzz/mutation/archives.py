"""Zip files: one file in one is another, and bombs."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable

from tests.fuzz.mutation import raw

MANIFEST = "manifest.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def with_hashes(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return files with a manifest that says what they are, if it had said so of others."""
    try:
        manifest = json.loads(files[MANIFEST])
        listed = manifest["files"]
        for name, content in files.items():
            if name != MANIFEST and name in listed:
                listed[name] = {
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
        return {**files, MANIFEST: json.dumps(manifest).encode()}
    except (ValueError, KeyError, TypeError, RecursionError):
        return files


def changed(
    content: bytes, rng: random.Random, inner: Callable[[str, bytes, random.Random], bytes]
) -> bytes:
    """Return a zip file in which a file was changed, its hashes made anew."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
            packed = any(entry.compress_type for entry in archive.infolist())
    except Exception:
        return raw.changed(content, rng)
    if not files or rng.random() < 0.1:
        return raw.changed(content, rng)
    name = rng.choice(sorted(files))
    how = rng.random()
    if how < 0.03:
        files[name] = bytes(rng.choice((10**6, 30 * 10**6)))  # zeros, packed a thousand times
        packed = True
    elif how < 0.06:
        del files[name]
    elif how < 0.09:
        files[rng.choice(("x", "../x", "", name + "x"))] = files[name]
    else:
        files[name] = inner(name, files[name], rng)
    if rng.random() < 0.85:
        files = with_hashes(files)
    kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    if rng.random() < 0.03:
        kind = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w") as archive:
        for each, held in files.items():
            archive.writestr(zipfile.ZipInfo(each, _EPOCH), held, kind)
    return new.getvalue()
