"""Upkeep of a registry: find faults, compare versions, and remove what nobody needs."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from novin_ml.exceptions import RegistryError
from novin_ml.files import remove_leftovers
from novin_ml.lifecycle.registry.records import Version
from novin_ml.lifecycle.registry.registry import Registry
from novin_ml.lifecycle.registry.removals import removals
from novin_ml.plain import shown


@dataclass(frozen=True)
class VersionDifference:
    """A difference between two versions of a model.

    Attributes
    ----------
    what : str
        Path of a fact, such as ``"metrics.accuracy.value"``, or ``"files.NAME"``.
    a, b : object
        Both values; None where a version does not have it.
    """

    what: str
    a: Any
    b: Any


def verify_registry(registry: Registry) -> list[str]:
    """Look for damage in all models of a registry.

    Parameters
    ----------
    registry : Registry
        Registry to check.

    Returns
    -------
    faults : list of str
        A sentence for each fault; empty if all is well. Missing, changed and unknown files are
        named, and so are records that cannot be read, and served versions that are missing.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import Registry, verify_registry
    >>> release = Path(tempfile.mkdtemp())
    >>> _ = (release / "card.md").write_text("A model.")
    >>> registry = Registry(tempfile.mkdtemp() + "/registry")
    >>> version = registry.add("delivery", release)
    >>> verify_registry(registry)
    []
    >>> _ = version.path("card.md").write_text("B model.")
    >>> verify_registry(registry)
    ['...card.md must have the SHA-256 ... of its record. Got another.']
    """
    faults: list[str] = []
    for name in registry.names():
        faults += _faults_of(registry, name)
    return faults


def _faults_of(registry: Registry, name: str) -> Iterator[str]:
    folder = registry.folder / "models" / name
    known: dict[int, Version] = {}
    for place in sorted((folder / "versions").glob("[0-9]*")):
        try:
            version = registry.version(name, int(place.name))
            known[version.number] = version
            yield from registry.faults(name, version.number)
        except (RegistryError, ValueError) as error:
            yield str(error)
    try:
        for expected, removal in enumerate(removals(registry, name), 1):
            if removal.number != expected:
                yield f"{folder / 'removals'} must have removal {expected}. Got none."
                break
    except RegistryError as error:
        yield str(error)
    try:
        promotions = registry.promotions(name)
    except RegistryError as error:
        yield str(error)
        return
    for expected, promotion in enumerate(promotions, 1):
        if promotion.number != expected:
            yield f"{folder / 'promotions'} must have promotion {expected}. Got none."
            return
    if promotions:
        number: int | None = promotions[-1].version
        while number is not None:
            if number not in known:
                yield (
                    f"{folder / 'versions'} must have version {number}, which is served or a "
                    "parent of the served one. Got none that is whole."
                )
                return
            parent = known[number].parent
            if parent is not None and parent >= number:
                yield f"{folder / 'versions'} must have parents of lower numbers. Got {parent}."
                return
            number = parent


def diff_versions(a: Version, b: Version) -> list[VersionDifference]:
    """Compare the facts and files of two versions.

    Parameters
    ----------
    a, b : Version
        Versions of one model, or of two.

    Returns
    -------
    differences : list of VersionDifference
        In the order of their names; files by their SHA-256.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import Registry, diff_versions
    >>> registry = Registry(tempfile.mkdtemp() + "/registry")
    >>> versions = []
    >>> for accuracy in (0.95, 0.96):
    ...     release = Path(tempfile.mkdtemp())
    ...     _ = (release / "card.md").write_text(f"Accuracy {accuracy}")
    ...     versions.append(registry.add("delivery", release, facts={"accuracy": accuracy}))
    >>> [difference.what for difference in diff_versions(*versions)]
    ['accuracy', 'files.card.md']
    """
    of_a, of_b = dict(_flat(a.facts, "")), dict(_flat(b.facts, ""))
    of_a |= {f"files.{name}": digest for name, (_, digest) in a.files.items()}
    of_b |= {f"files.{name}": digest for name, (_, digest) in b.files.items()}
    return [
        VersionDifference(what, of_a.get(what), of_b.get(what))
        for what in sorted(of_a.keys() | of_b.keys())
        if of_a.get(what) != of_b.get(what)
    ]


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def collect_garbage(registry: Registry, *, keep: int = 5, dry_run: bool = False) -> list[Version]:
    """Remove old versions of all models that were never served.

    The served version, its parents, every version that a rollback can go to, and the newest
    versions stay. What killed writers left behind is removed, too.

    Parameters
    ----------
    registry : Registry
        Registry to clean up.
    keep : int, default=5
        Number of the newest versions of each model to keep, at least 1: the newest version stays,
        so that its number is not given again.
    dry_run : bool, default=False
        Whether to remove nothing, and only return what would be removed.

    Returns
    -------
    removed : list of Version
        Records of the removed versions.

    Raises
    ------
    RegistryError
        If `keep` is not valid, or a record is damaged: nothing of its model is removed then.
    """
    if isinstance(keep, bool) or not isinstance(keep, int) or keep < 1:
        raise RegistryError(
            f"The 'keep' parameter must be a whole number, at least 1. Got {shown(keep)}."
        )
    removed = []
    for name in registry.names():
        folder = registry.folder / "models" / name
        with registry.writing(name):
            versions = registry.versions(name)
            kept = _needed(registry, name, {version.number: version for version in versions})
            kept |= {version.number for version in versions[max(0, len(versions) - keep) :]}
            for version in versions:
                if version.number in kept:
                    continue
                removed.append(version)
                if not dry_run:
                    # It is gone in one step; then its files are removed.
                    place = version.folder.parent
                    aside = f".{place.name}-{secrets.token_hex(4)}.writing"
                    os.rename(place, place.with_name(aside))
                    shutil.rmtree(place.with_name(aside), ignore_errors=True)
            if not dry_run:
                for part in ("versions", "promotions", "removals"):
                    remove_leftovers(folder / part)
    return removed


def _needed(registry: Registry, name: str, versions: Mapping[int, Version]) -> set[int]:
    # A rollback can go to any version that was served.
    needed = {promotion.version for promotion in registry.promotions(name)}
    todo = list(needed)
    while todo:
        version = versions.get(todo.pop())
        if version is not None and version.parent is not None and version.parent not in needed:
            needed.add(version.parent)
            todo.append(version.parent)
    return needed
