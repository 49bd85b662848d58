"""Where a home is: walk folders, and plan what is removed."""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from novin_ml.estimators.home_models import home_features
from novin_ml.exceptions import ForgetError
from novin_ml.lifecycle.fleet.places import home_file
from novin_ml.lifecycle.forgetting._binaries import (
    parquet_without,
    signals_without,
    write_parquet,
    write_signals,
)
from novin_ml.lifecycle.forgetting._texts import without_home, write_without
from novin_ml.lifecycle.registry.layout import MARKER
from novin_ml.lifecycle.registry.release import RECORD as RELEASE
from novin_ml.lifecycle.registry.release import WORK
from novin_ml.store import MANIFEST

_TEXTS = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson")
_REPORTS = (".csv", ".html", ".json", ".jsonl", ".md", ".toml")
LOG, FLEET, BASELINE, UPDATE = "log", "fleet", "baseline", "update"
#: Suffix of the folder of a Python model that a certificate refers to.
REFERENCE = ".reference"
#: Suffix of the files in which homes send their weights.
UPDATE_SUFFIX = ".novinupdate"


@dataclass(frozen=True)
class Found:
    """A file that has something of the home.

    Attributes
    ----------
    path : Path
        The file.
    kind : {"log", "fleet", "baseline", "update"}
        Rows of a log, the file of a home in a fleet, the saved baseline of the home alone, or
        weights that the home sent.
    n_rows : int
        Rows that are removed; 0 for a file that is removed as a whole.
    remove : callable
        Removes it, whole or not at all.
    """

    path: Path
    kind: str
    n_rows: int
    remove: Callable[[], None] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Plan:
    """What was found under some folders.

    Attributes
    ----------
    found : list of Found
    registries : list of Path
        Folders of registries.
    models : list of Path
        Saved estimators, which may have been trained with the home.
    releases : list of Path
        Folders of releases, whose reports may name the home.
    left : list of str
        What was not looked into, and why, in sentences.
    """

    found: list[Found] = field(default_factory=list)
    registries: list[Path] = field(default_factory=list)
    models: list[Path] = field(default_factory=list)
    releases: list[Path] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def plan_of(folders: list[Path], home: str) -> Plan:
    """Find all that is of a home; nothing is changed.

    Raises
    ------
    ForgetError
        If a folder is not there, or a file cannot be read.
    """
    plan = Plan()
    for folder in folders:
        if not folder.is_dir():
            raise ForgetError(
                f"{folder} must be a folder with logs, a fleet or a registry. Got none there. "
                "Check the path; nothing was changed."
            )
        _walk(folder, home, plan)
    return plan


def _walk(folder: Path, home: str, plan: Plan) -> None:
    for place, folders, files in os.walk(folder):
        here = Path(place)
        names = {*files}
        if MARKER in names:
            plan.registries.append(here)
            folders.clear()  # versions do not change
            continue
        if RELEASE in names or WORK in folders:
            # Of a release the estimators are looked at, and what names homes.
            plan.releases.append(here)
            folders[:] = [name for name in folders if (here / name / MANIFEST).is_file()]
            names = set()
        elif MANIFEST in names:
            # What a certificate refers to is the estimator beside it once more.
            if here.suffix != REFERENCE or not (here.with_suffix("") / MANIFEST).is_file():
                plan.models.append(here)
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            _look_at(here / name, home, plan)


def _look_at(path: Path, home: str, plan: Plan) -> None:
    name = path.name.lower().removesuffix(".gz")
    is_text, is_table = name.endswith(_TEXTS), path.name.lower().endswith((".parquet", ".npz"))
    if path.name.startswith("."):
        return
    if path.suffix == ".toml":
        if json.dumps(home, ensure_ascii=False) in path.read_text("utf-8", errors="replace"):
            plan.left.append(f"The home is named in {path}: take it out there.")
    elif path.suffix == UPDATE_SUFFIX:
        if home in (path.stem, path.parent.name):
            plan.found.append(Found(path, UPDATE, 0, path.unlink))
    elif path.suffix == ".novin":
        if path.name == home_file(home):
            plan.found.append(Found(path, FLEET, 0, path.unlink))
        else:
            plan.models.append(path)
    elif (is_text or is_table) and path.is_symlink():
        plan.left.append(f"{path} is a link, and was not followed.")
    elif is_text or is_table:
        plan.found.extend(_in_log(path, home))


def _in_log(path: Path, home: str) -> Iterator[Found]:
    if path.suffix.lower() == ".parquet":
        table, n_rows = parquet_without(path, home)
        remove = partial(write_parquet, path, table)
    elif path.suffix.lower() == ".npz":
        arrays, n_rows = signals_without(path, home)
        remove = partial(write_signals, path, arrays)
    else:
        left = without_home(path, home)
        n_rows, remove = left.n_removed, partial(write_without, path, left)
    if n_rows:
        yield Found(path, LOG, n_rows, remove)


def homes_of_baseline(model: object) -> set[str]:
    """Return the homes that a saved baseline remembers; none for other models."""
    return {str(each) for each in getattr(home_features(model), "homes_", ())}


def files_that_name(folder: Path, home: str) -> tuple[str, ...]:
    """Return the texts below a folder that name a home, and its baseline, by their paths in it."""
    spelt = {home, json.dumps(home)[1:-1], html.escape(home), html.escape(home, quote=False)}
    words = "|".join(re.escape(each) for each in sorted(spelt))
    pattern = re.compile(rf"(?<![\w-])(?:{words})(?![\w-])".encode())
    found = []
    for path in sorted(folder.rglob("*")):
        is_text = path.suffix in _REPORTS and path.is_file()
        if path.name == home_file(home) or (is_text and pattern.search(path.read_bytes())):
            found.append(path.relative_to(folder).as_posix())
    return tuple(found)
