"""Remove a home everywhere below some folders."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from novin_ml.estimators.steps import steps_of
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.exceptions import ForgetError, SavedModelError
from novin_ml.files import write_text
from novin_ml.formats import FORMATS, newer
from novin_ml.lifecycle.fleet.places import home_file
from novin_ml.lifecycle.forgetting.places import (
    BASELINE,
    LOG,
    Found,
    files_that_name,
    homes_of_baseline,
    plan_of,
)
from novin_ml.lifecycle.registry import Registry, record_removal
from novin_ml.lifecycle.registry.records import now, user
from novin_ml.lifecycle.registry.removals import homes_in
from novin_ml.lifecycle.saving.estimators import load_estimator
from novin_ml.plain import plain, shown

KIND, PROTOCOL = "novin_ml forgotten homes", FORMATS["forgotten homes"]
#: The record of what was forgotten, if no other is named.
RECORD = "forgotten.json"


@dataclass(frozen=True)
class StillIn:
    """A model, a version or a release that still has something of the home, as it cannot change.

    Attributes
    ----------
    place : Path
        The registry, the saved estimator, or the folder of the release.
    name : str
        Name of the model in the registry; else empty.
    version : int or None
        Version in the registry.
    served : bool
        Whether it is served.
    trained : bool
        Whether it was trained with the home.
    named_in : tuple of str
        Files, such as a report, that name the home.
    """

    place: Path
    name: str = ""
    version: int | None = None
    served: bool = False
    trained: bool = False
    named_in: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was trained with the home or names it, and what to do."""
        what = str(self.place)
        if self.version is not None:
            what = f"Version {self.version} of {self.name} in {self.place}"
            what += ", which is served," if self.served else ""
        did = ["was trained with it"] if self.trained else []
        did += [f"names it in {', '.join(self.named_in)}"] if self.named_in else []
        remedy = "Make it again, or remove it."
        if self.version is not None:
            remedy = "Do not serve it again."
            if self.served:
                remedy = "Build and promote another one."
        return f"{what} {' and '.join(did)}. {remedy}"


@dataclass(frozen=True)
class Forgotten:
    """Result of `forget_home`.

    Attributes
    ----------
    removed : tuple of Found
        What was removed; in a dry run, what would be.
    still_in : tuple of StillIn
        Models that were trained with the home, and reports that name it.
    left : tuple of str
        What was not looked into, in sentences.
    record : Path or None
        The file with the record; None in a dry run, or if nothing was found.
    """

    removed: tuple[Found, ...]
    still_in: tuple[StillIn, ...]
    left: tuple[str, ...] = ()
    record: Path | None = field(default=None)

    @property
    def n_rows(self) -> int:
        """Rows of logs that were removed."""
        return sum(each.n_rows for each in self.removed)

    def __bool__(self) -> bool:
        """Whether anything was of the home."""
        return bool(self.removed or self.still_in)


def forget_home(
    home: str,
    folders: Sequence[str | os.PathLike[str]],
    *,
    record: str | os.PathLike[str] = RECORD,
    dry_run: bool = False,
) -> Forgotten:
    r"""Remove a home from logs, fleets and baselines, and say which models were trained with it.

    All files are read first: if one cannot be, nothing is changed. Each file is then replaced whole
    or not at all; what is killed on the way goes on when it is called again.

    Parameters
    ----------
    home : str
        The `home_id`.
    folders : sequence of path
        Folders, looked into with all that is in them: logs of events, chains, signals, answers and
        other tables with a column ``home_id`` or ``user_id`` (CSV, JSON, JSON Lines, Parquet, npz;
        texts also by gzip), fleets, saved estimators, updates that are named after their home or
        lie in a folder of its name, releases and registries.
    record : path, default="forgotten.json"
        File of the record, which is added to. It has a keyed hash of the home and not its name.
    dry_run : bool, default=False
        Remove and write nothing.

    Returns
    -------
    forgotten : Forgotten
        What was removed, and which models were trained with the home.

    Raises
    ------
    ForgetError
        If the home has no name, a folder is not there, or a file cannot be read. Nothing is changed
        then.
    RegistryError
        If a registry is damaged.

    Notes
    -----
    Versions in a registry do not change: their training cannot be undone, and a report may show a
    few rows of homes that consented. The registry records which of them was trained with the home,
    by the keyed hash that the version's own record has.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import forget_home
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "events.jsonl").write_text(
    ...     '{"home_id": "a", "type": "motion", "timestamp": 1.0}\n'
    ...     '{"home_id": "b", "type": "motion", "timestamp": 2.0}\n')
    >>> forgotten = forget_home("a", [folder], record=folder / "forgotten.json")
    >>> forgotten.n_rows, (folder / "events.jsonl").read_text()
    (1, '{"home_id": "b", "type": "motion", "timestamp": 2.0}\n')
    """
    if not isinstance(home, str) or not home.strip() or home == UNKNOWN_HOME:
        raise ForgetError(
            f"The 'home' parameter must be the name of a home. Got {shown(home)}. Pass its home_id."
        )
    place = Path(record)
    plan = plan_of([Path(folder) for folder in folders], home)
    before = _read_record(place)
    removed, left = [*plan.found], [*plan.left]
    still = [
        StillIn(folder, named_in=named_in)
        for folder in plan.releases
        if (named_in := files_that_name(folder, home))
    ]
    for path in plan.models:
        try:
            model = load_estimator(path)
        except SavedModelError:
            left.append(f"{path} is no estimator that can be read, and was not looked into.")
            continue
        homes = homes_of_baseline(model)
        if homes == {home}:
            removed.append(Found(path, BASELINE, 0, partial(_remove, path)))
        elif home in homes or any(_was_trained(step, home) for step in steps_of(model)):
            still.append(StillIn(path, trained=True))
    for folder in plan.registries:
        still += _versions_with(Registry(folder), home)
    if dry_run or not (removed or still):
        return Forgotten(tuple(removed), tuple(still), tuple(left))
    for folder in plan.registries:
        registry = Registry(folder)
        for name in registry.names():
            record_removal(registry, name, [home], "forgotten")
    # The record first: what is killed below is on record, and goes on when it is called again.
    _write_record(before, place, home, removed, still)
    for each in removed:
        each.remove()
    return Forgotten(tuple(removed), tuple(still), tuple(left), place)


def _was_trained(step: Any, home: str) -> bool:
    record = getattr(step, "training_record_", None)
    return record is not None and bool(record.seen_homes([home]))


def _versions_with(registry: Registry, home: str) -> Iterator[StillIn]:
    for name in registry.names():
        served = registry.served(name)
        for version in registry.versions(name):
            trained = bool(homes_in(version, [home]))
            named_in = files_that_name(version.folder.parent, home)
            if trained or named_in:
                is_served = served is not None and served.number == version.number
                yield StillIn(registry.folder, name, version.number, is_served, trained, named_in)


def _remove(path: Path) -> None:
    if path.is_dir():
        # It is gone in one step; then its files are removed.
        aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}.writing")
        os.rename(path, aside)
        shutil.rmtree(aside, ignore_errors=True)
    else:
        path.unlink()


def _read_record(place: Path) -> list[Any]:
    if not place.exists():
        return []
    refusal = None
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
        known = document["kind"] == KIND
        if known:
            refusal = newer(place, "forgotten homes", document["protocol"], "protocol")
        known = known and document["protocol"] == PROTOCOL
        entries = document["homes"]
    except (ValueError, KeyError, TypeError, OSError):
        known, entries = False, None
    if not known or not isinstance(entries, list):
        raise ForgetError(
            refusal
            or f"{place} must be a record of forgotten homes, or a new file. Got something else. "
            "Name another one; nothing was changed."
        )
    return entries


def _write_record(
    before: list[Any], place: Path, home: str, removed: list[Found], still: list[StillIn]
) -> None:

    def unnamed(path: str) -> str:
        """Return a path without the home, after which a file may be named."""
        return path.replace(home_file(home), "(home)").replace(home, "(home)")

    salt = secrets.token_bytes(16)
    digest = hashlib.blake2b(home.encode("utf-8", "surrogatepass"), digest_size=16, key=salt)
    entry = {
        "salt": salt.hex(),
        "home": digest.hexdigest(),
        "created": now(),
        "by": user(),
        "removed": [
            {
                "path": unnamed(str(each.path)),
                "kind": each.kind,
                "rows": each.n_rows if each.kind == LOG else None,
            }
            for each in removed
        ],
        "still_in": [
            plain(replace(each, named_in=tuple(map(unnamed, each.named_in)))) for each in still
        ],
    }
    document = {"kind": KIND, "protocol": PROTOCOL, "homes": [*before, entry]}
    write_text(json.dumps(document, indent=1) + "\n", place)
