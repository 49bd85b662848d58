"""The files of a version: copied, hashed and compared with their record."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novin_ml.exceptions import RegistryError
from novin_ml.plain import plural


def files_in(folder: Path) -> dict[str, list[Any]]:
    """Return bytes and SHA-256 of each file below a folder, by its path with slashes.

    Raises
    ------
    RegistryError
        If the folder does not exist, is empty, or has a link, a device or a pipe.
    """
    if not folder.is_dir():
        raise RegistryError(
            f"{folder} must be a folder with the files of a version. Got no such folder. "
            "Check the path."
        )
    files = {}
    for path in _below(folder):
        if path.is_symlink() or not path.is_file():
            raise RegistryError(
                f"A version must have files and folders only. Got {path}. "
                "Put a copy of the file in its place."
            )
        files[path.relative_to(folder).as_posix()] = [path.stat().st_size, hash_of(path)]
    if not files:
        raise RegistryError(
            f"{folder} must have the files of a version. Got an empty folder. Check the path."
        )
    return files


def copy_files(source: Path, files: Mapping[str, list[Any]], target: Path) -> None:
    """Copy files into an empty folder, and check that they did not change meanwhile."""
    for name, entry in files.items():
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, place)
        if [place.stat().st_size, hash_of(place)] != entry:
            raise RegistryError(
                f"{source / name} must not change while it is added. Got other content. "
                "Wait until the build is done, and add it again."
            )


def content_faults(
    folder: Path, files: Mapping[str, list[Any]], *, only_known: bool = False
) -> Iterator[str]:
    """Yield a sentence for each file that is missing, changed, or not in the record.

    With `only_known`, files that are not in the record are no fault.
    """
    for name, (n_bytes, digest) in sorted(files.items()):
        path = folder / name
        if not path.is_file() or path.is_symlink():
            yield f"{path} must be a file. Got none."
        elif path.stat().st_size != n_bytes:
            yield f"{path} must have {plural(n_bytes, 'byte')}. Got {path.stat().st_size}."
        elif hash_of(path) != digest:
            yield f"{path} must have the SHA-256 {digest[:12]}... of its record. Got another."
    if folder.is_dir() and not only_known:
        for path in _below(folder):
            if path.relative_to(folder).as_posix() not in files:
                yield f"{path} must be in the record of its version. Got a file of unknown origin."


def are_files(files: Any) -> bool:
    """Whether files are named with their bytes and hashes, and all are below their folder."""
    return isinstance(files, dict) and all(
        isinstance(entry, list)
        and [type(part) for part in entry] == [int, str]
        and not {"", ".", ".."} & {*name.split("/")}
        and not Path(name).is_absolute()
        and "\\" not in name
        for name, entry in files.items()
    )


def _below(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        linked = [name for name in folders if (Path(parent) / name).is_symlink()]
        folders.sort()
        for name in sorted([*names, *linked]):
            yield Path(parent) / name


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
