"""Folders of files behind a manifest of sizes and SHA-256 hashes.

A folder is read in this order: sizes against caps, hashes against the manifest, and only then is
any file's content parsed. A damaged UBJ file can end the process in xgboost's own reader, so it
never gets there.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml._version import __version__
from novin_ml.exceptions import SavedModelError

PROTOCOL = 1
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 100_000
MAX_FILE_BYTES = 256_000_000


def write_folder(files: Mapping[str, bytes], folder: Path, kind: str) -> Path:
    """Write files and their manifest as a folder, whole or not at all.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by file name.
    folder : Path
        Created; replaced if it is such a folder already, refused if it holds anything else.
    kind : str
        What the folder is, which a reader must ask for.
    """
    require_free(folder, kind)
    place = folder.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    manifest = {
        "kind": kind,
        "protocol": PROTOCOL,
        "novin_ml": __version__,
        "files": {
            name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        },
    }
    # Written beside its place and then moved there, so that no reader sees half of it.
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}-") as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        for name, content in files.items():
            (new / name).write_bytes(content)
        (new / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        old = Path(scratch) / "old"
        if place.exists():
            os.replace(place, old)
        try:
            os.replace(new, place)
        except BaseException:
            if old.exists():
                os.replace(old, place)
            raise
    return folder


def read_folder(folder: Path, kind: str) -> dict[str, bytes]:
    """Return the files of a folder once all sizes and hashes are as its manifest says.

    Raises
    ------
    SavedModelError
        If a file is missing, too large, changed since it was written, or of another kind or
        protocol.
    """
    listed = _read_manifest(folder, kind)
    files = {}
    for name, (n_bytes, digest) in listed.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise _damaged(folder, f"hold the file {name!r}", "no such file")
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise _damaged(
                folder, f"have files of at most {MAX_FILE_BYTES} bytes", f"{size} in {name}"
            )
        if size != n_bytes:
            raise _damaged(folder, f"have {n_bytes} bytes in {name}", f"{size}")
        files[name] = path.read_bytes()
        if hashlib.sha256(files[name]).hexdigest() != digest:
            raise _damaged(folder, f"have {name} as it was written", "another SHA-256")
    return files


def folder_hash(folder: Path) -> str:
    """Return the SHA-256 of a folder: of its manifest, which holds all other hashes."""
    return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()


def read_arrays(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an uncompressed npz file by name.

    Raises
    ------
    ValueError
        If the file is damaged, holds objects, or claims to be larger than it is.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > len(content):
                raise ValueError("compressed arrays")
            return {
                name.removesuffix(".npy"): read_array(archive.read(name))
                for name in archive.namelist()
            }
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise ValueError(str(error)) from None


def read_array(content: bytes) -> np.ndarray:
    """Return the array of an npy file; raises ValueError as `read_arrays` does."""
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array of another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.hasobject:
        raise ValueError("an array of objects")
    if math.prod(shape) * dtype.itemsize != len(content) - stream.tell():
        raise ValueError(f"an array of shape {shape} in {len(content)} bytes")
    return np.load(io.BytesIO(content), allow_pickle=False)


@contextmanager
def parsing(expected: str, remedy: str) -> Iterator[None]:
    """Turn whatever content of another form makes parsing raise into a SavedModelError.

    Parameters
    ----------
    expected : str
        What the content must be, as a sentence without its full stop.
    remedy : str
        What to do about it, as a sentence.
    """
    try:
        yield
    except SavedModelError:
        raise
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise SavedModelError(f"{expected}. Got {error!r}. {remedy}") from None


def require_free(folder: Path, kind: str) -> None:
    """Raise SavedModelError unless a folder is free to be written."""
    if not is_free(folder, kind):
        raise SavedModelError(
            f"{folder} must be a new or empty folder, or a saved {kind} to replace. "
            "Got other files there. Choose another folder."
        )


def is_free(folder: Path, kind: str) -> bool:
    """Whether a folder is new, empty, or of that kind with nothing else in it."""
    if not folder.exists():
        return True
    if not folder.is_dir():
        return False
    names = {path.name for path in folder.iterdir()}
    try:
        return not names or names <= {MANIFEST, *_read_manifest(folder, kind)}
    except SavedModelError:
        return False


def _read_manifest(folder: Path, kind: str) -> dict[str, tuple[int, str]]:
    path = folder / MANIFEST
    if not path.is_file():
        raise SavedModelError(
            f"{folder} must be a saved {kind}, a folder with a {MANIFEST}. Got none there. "
            "Check the path."
        )
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        raise _damaged(folder, f"have a {MANIFEST} of at most {MAX_MANIFEST_BYTES} bytes", "more")
    with parsing(f"{folder} must have a readable {MANIFEST}", "Write it again from its source."):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        protocol, found = manifest["protocol"], manifest["kind"]
        listed = {
            str(name): (int(entry["bytes"]), str(entry["sha256"]))
            for name, entry in manifest["files"].items()
        }
    if protocol != PROTOCOL:
        raise SavedModelError(
            f"{folder} must be of protocol {PROTOCOL}. Got {protocol!r}. "
            "Read it with the version of novin_ml that wrote it, or update novin_ml."
        )
    if found != kind:
        raise SavedModelError(
            f"{folder} must be a saved {kind}. Got a saved {found}. Check the path."
        )
    return listed


def _damaged(folder: Path, expected: str, got: Any) -> SavedModelError:
    return SavedModelError(f"{folder} must {expected}. Got {got}. Write it again from its source.")
