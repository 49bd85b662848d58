"""The files of a fleet: one of each home, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from novin_ml.exceptions import SavedModelError
from novin_ml.files import remove_leftovers
from novin_ml.lifecycle.saving.estimators import (
    ESTIMATOR_KIND,
    SUFFIX,
    estimator_from_files,
    estimator_to_files,
)
from novin_ml.store import parsing, read_file, write_file

_RECORD = "home.json"


class HomeRecord(NamedTuple):
    """What a home's file says of itself.

    Attributes
    ----------
    home_id : str
    fingerprint : str
        SHA-256 of all that the model was made from: version, parameters, seed and rows.
    state : str
        "learning" or "ready".
    """

    home_id: str
    fingerprint: str
    state: str


def home_path(folder: Path, name: str) -> Path:
    """Return the file of a home.

    Whatever the id, the name is plain ASCII of at most 71 characters in lower case: file systems
    disagree on all else. It begins with what of the id can be read, and has the id's hash.
    """
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return folder / f"{readable or 'home'}-{digest[:24]}{SUFFIX}"


def home_files(folder: Path) -> list[Path]:
    """Return the files of a fleet's homes, sorted by name; none where there is no folder."""
    return sorted(folder.glob(f"[!.]*{SUFFIX}"))


def write_home(path: Path, estimator: Any, record: HomeRecord) -> int:
    """Write a home's file in one step; return its bytes."""
    files = estimator_to_files(estimator)
    files[_RECORD] = json.dumps(record._asdict()).encode()
    write_file(files, path, ESTIMATOR_KIND)
    return path.stat().st_size


def read_record(path: Path) -> HomeRecord:
    """Return the record of a home's file once the whole file is as it was written.

    Raises
    ------
    SavedModelError
        If the file is damaged, or no home's.
    """
    return _record(path, read_file(path, ESTIMATOR_KIND))


def read_home(path: Path) -> Any:
    """Return the estimator of a home's file; raises as `read_record` does."""
    files = read_file(path, ESTIMATOR_KIND)
    _record(path, files)
    return estimator_from_files(files)


def _record(path: Path, files: dict[str, bytes]) -> HomeRecord:
    with parsing(f"{path} must be the file of a home", "Fit the fleet again."):
        record = HomeRecord(**json.loads(files[_RECORD]))
    if home_path(path.parent, record.home_id).name != path.name:
        raise SavedModelError(
            f"{path} must hold the home that it is named after. Got {record.home_id!r}. "
            "Fit the fleet again."
        )
    return record


def remove_half_written(folder: Path) -> None:
    """Remove what writers that were killed left half-written."""
    remove_leftovers(folder)
    for path in folder.glob(f".*{SUFFIX}-*"):  # of version 0.1.0
        path.unlink(missing_ok=True)
