"""Which versions were trained with homes that withdrew their consent, or were forgotten."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from novin_ml.exceptions import RegistryConflictError
from novin_ml.files import create_whole
from novin_ml.lifecycle.registry.layout import Layout
from novin_ml.lifecycle.registry.records import (
    PROTOCOL,
    Version,
    damaged,
    now,
    read_json,
    require_protocol,
    user,
)
from novin_ml.lifecycle.registry.registry import Registry

_PART, _RECORD, _SEAL = "removals", "removal.json", "record_sha256"


@dataclass(frozen=True)
class Removal:
    """Homes that withdrew their consent or were forgotten, and what was trained with them.

    Attributes
    ----------
    number : int
        Number of the record, from 1.
    kind : {"withdrawn", "forgotten"}
    created : str
        Date and time, ISO 8601 in UTC.
    by : str
        User who recorded it.
    homes : dict of str to dict of str to list of str
        By version and model, the homes that it was trained with, as hashes and without names: those
        of its record of the training, or of the files of their baselines.
    """

    number: int
    kind: Literal["withdrawn", "forgotten"]
    created: str
    by: str
    homes: Mapping[str, Mapping[str, list[str]]]


def removals(registry: Registry, name: str) -> list[Removal]:
    """Return all records of removed homes, the oldest first.

    Parameters
    ----------
    registry : Registry
        The registry.
    name : str
        Name of the model.

    Returns
    -------
    removals : list of Removal
        The records.

    Raises
    ------
    RegistryError
        If the registry does not have the model, or a record is damaged.
    """
    layout = Layout(registry.folder)
    layout.model(name)
    found = []
    for number in layout.numbers(name, _PART):
        file = layout.place(name, _PART, number) / _RECORD
        found.append(_read(file, number))
    return found


def removed_homes(registry: Registry, name: str) -> dict[int, int]:
    """Return by version how many removed homes it was trained with; versions without are left out.

    Parameters
    ----------
    registry : Registry
        The registry.
    name : str
        Name of the model.

    Returns
    -------
    counts : dict of int to int
        The largest number of any model of the version.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path, PurePosixPath
    >>> from novin_ml.lifecycle import Registry, removed_homes, save_estimator, train
    >>> from novin_ml.lifecycle import record_removal
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(1000, random_state=0), epochs=2)
    >>> release = Path(tempfile.mkdtemp())
    >>> _ = save_estimator(result.pipeline, release / "delivery")
    >>> registry = Registry(tempfile.mkdtemp() + "/registry")
    >>> version = registry.add("novin", release)
    >>> _ = record_removal(registry, "novin", ["home_0001", "home_of_nobody"], "withdrawn")
    >>> removed_homes(registry, "novin")
    {1: 1}
    """
    by_version: dict[int, dict[str, set[str]]] = {}
    for removal in removals(registry, name):
        for of_version, models in removal.homes.items():
            for model, hashes in models.items():
                by_version.setdefault(int(of_version), {}).setdefault(model, set()).update(hashes)
    return {number: max(map(len, models.values())) for number, models in sorted(by_version.items())}


def record_removal(
    registry: Registry, name: str, homes: Iterable[str], kind: Literal["withdrawn", "forgotten"]
) -> Removal | None:
    """Record which versions were trained with homes that are in no training set from now on.

    Versions do not change: the homes are still in them, as keyed hashes of the record of the
    training. What is recorded here are these hashes.

    Parameters
    ----------
    registry : Registry
        The registry.
    name : str
        Name of the model.
    homes : iterable of str
        Names of the homes.
    kind : {"withdrawn", "forgotten"}
        Why they are removed.

    Returns
    -------
    removal : Removal or None
        The record; None if no version was trained with them, or all is recorded already.

    Raises
    ------
    RegistryConflictError
        If another writer records at the same time.
    RegistryError
        If the registry does not have the model, or a record is damaged.
    """
    names = sorted(set(homes))
    known: dict[tuple[str, str], set[str]] = {}
    for removal in removals(registry, name):
        for of_version, models in removal.homes.items():
            for model, hashes in models.items():
                known.setdefault((of_version, model), set()).update(hashes)
    found: dict[str, dict[str, list[str]]] = {}
    for version in registry.versions(name) if names else ():
        of_version = str(version.number)
        for model, trained in homes_in(version, names).items():
            unknown = set(trained) - known.get((of_version, model), set())
            if unknown:
                found.setdefault(of_version, {})[model] = sorted(unknown)
    if not found:
        return None
    layout = Layout(registry.folder)
    number = max(layout.numbers(name, _PART), default=0) + 1
    made = Removal(number, kind, now(), user(), found)
    try:
        with create_whole(layout.place(name, _PART, number)) as new:
            (new / _RECORD).write_text(_text(made), encoding="utf-8")
    except FileExistsError:
        raise RegistryConflictError(
            f"{name} must not be changed by another writer meanwhile. Got another record of "
            "removed homes. Run it again."
        ) from None
    return made


def homes_in(version: Version, homes: Iterable[str]) -> dict[str, list[str]]:
    """Return the hashes of those homes that the models of a version were trained with.

    Parameters
    ----------
    version : Version
        A version in a registry.
    homes : iterable of str
        Names of the homes.

    Returns
    -------
    found : dict of str to list of str
        By the names of the models; those that were trained with none of the homes are left out.
    """
    from novin_ml.estimators.steps import steps_of
    from novin_ml.lifecycle.fleet.places import home_file
    from novin_ml.lifecycle.saving.estimators import load_estimator

    names = [*homes]
    found: dict[str, list[str]] = {}
    paths = [PurePosixPath(file) for file in version.files]
    for folder in sorted(path.parent for path in paths if path.name == "estimator.json"):
        if len(folder.parts) != 1:
            continue  # a reference, or a part of a package
        for step in steps_of(load_estimator(version.folder / folder)):
            record = getattr(step, "training_record_", None)
            if record is not None and (hashes := record.seen_homes(names)):
                found[str(folder)] = hashes
    files = {home_file(name): name for name in names}
    for path in paths:
        if path.name in files and len(path.parts) == 2:
            found.setdefault(path.parts[0], []).append(path.stem.rpartition("-")[2])
    return found


def _text(removal: Removal) -> str:
    document: dict[str, Any] = {"protocol": PROTOCOL, **asdict(removal)}
    return json.dumps(document | {_SEAL: _seal(document)}, indent=1, sort_keys=True) + "\n"


def _read(file: Path, number: int) -> Removal:
    document = read_json(file)
    require_protocol(document, file)
    seal = document.pop(_SEAL, None)
    if seal != _seal(document):
        raise damaged(file, "the entries that were written", "others")
    document.pop("protocol")
    if set(document) != {*Removal.__dataclass_fields__} or document["number"] != number:
        raise damaged(file, f"removal {number}", "another record")
    return Removal(**document)


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
