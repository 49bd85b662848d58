"""What `read_events` is given: paths of files and folders, and file objects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from novin_ml.events.files.sources import Readable, Source, file_refusal, format_suffix
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

__all__ = ["files_in"]

#: Suffixes of files that are read from a folder, also before those of gzip and zstd.
SUFFIXES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


def files_in(path: Readable | Source | Iterable[Readable]) -> list[Readable | Source]:
    """Return what to read one by one: of a folder its files, in the order of their paths.

    Hidden files and folders are left out, as programs leave them while they write, and so are
    files of another suffix.

    Raises
    ------
    InvalidEventError
        If a folder has no such file, or it is events in memory, which other functions read.
    """
    if isinstance(path, str | os.PathLike) or hasattr(path, "read"):
        return _files_of(path)
    if isinstance(path, Iterable) and not _is_events(path):
        given = [*path]
        if not any(map(_is_events, given)):
            return [file for each in given for file in _files_of(each)]
        path = given
    raise InvalidEventError(
        "The 'path' parameter must be a path, a file object, or several of them. "
        f"Got a {kind_of(path)} instead. Read events in memory with {_door_of(path)}."
    )


def _files_of(path: Any) -> list[Readable | Source]:
    if isinstance(path, Source) or not isinstance(path, str | os.PathLike):
        return [path]
    folder = Path(path)
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError):  # not a path at all: opening it says so
        is_folder = False
    if not is_folder:
        return [path]
    found = sorted(
        file
        for file in folder.rglob("*")
        if format_suffix(file.name) in SUFFIXES
        and not any(part.startswith((".", "_")) for part in file.relative_to(folder).parts)
        and file.is_file()
    )
    if not found:
        raise file_refusal(
            os.fspath(path),
            f"a file, or a folder with files of events ({', '.join(SUFFIXES)})",
            "a folder without one",
            "Name another folder",
        )
    return [*found]


def _is_events(value: Any) -> bool:
    """Tell whether a value is events themselves, or nothing that a file is read from."""
    if isinstance(value, bytes | bytearray | memoryview | Mapping):
        return True
    is_path = isinstance(value, str | os.PathLike) or hasattr(value, "read")
    return not is_path and (hasattr(value, "columns") or not isinstance(value, Iterable))


def _door_of(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return "novin_ml.events.events_from_json"
    if hasattr(value, "columns"):
        return "novin_ml.events.events_from_frame"
    return "novin_ml.events.events_from_records"
