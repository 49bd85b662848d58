"""The files of a fleet, one per home, each written whole or not at all."""

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
    """Record in the file of a home.

    Attributes
    ----------
    home_id : str
    fingerprint : str
        SHA-256 of the version, parameters, seed and rows of the model.
    state : str
        "learning", "unproven" or "ready".
    """

    home_id: str
    fingerprint: str
    state: str


def home_path(folder: Path, name: str) -> Path:
    """Return the file of a home.

    The name is plain ASCII of at most 71 characters in lower case, because file systems disagree on
    everything else. It consists of the readable part of the id and the hash of the id.
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
    """Return the record of a home's file, after a check of the whole file.

    Raises
    ------
    SavedModelError
        If the file is damaged, or belongs to no home.
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
        if not isinstance(record.home_id, str):
            raise TypeError(f"home_id={record.home_id!r}")
    if home_path(path.parent, record.home_id).name != path.name:
        raise SavedModelError(
            f"{path} must hold the home that it is named after. Got {record.home_id!r}. "
            "Fit the fleet again."
        )
    return record


def remove_half_written(folder: Path) -> None:
    """Remove the half-written files of writers that were killed."""
    remove_leftovers(folder)
    for path in folder.glob(f".*{SUFFIX}-*"):  # of version 0.1.0
        path.unlink(missing_ok=True)
