"""The folder of a release: its files, their hash, and the record that says what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from novin_ml.exceptions import BuildError
from novin_ml.files import write_text
from novin_ml.formats import FORMATS, newer
from novin_ml.lifecycle.registry.contents import are_files, content_faults
from novin_ml.lifecycle.registry.records import content_hash

#: The record of a release; beside the files that it lists.
RECORD = "release.json"
#: Work of the build, and times: no part of the release.
WORK, LOG = ".build", "build.log.json"
#: What stands in a folder whose build is not done, or whose gates failed.
NOT_RELEASED = "NOT RELEASED"
KIND = "novin_ml release"
PROTOCOL = FORMATS["release"]


def write_release(folder: Path, files: Mapping[str, list[Any]], facts: Mapping[str, Any]) -> str:
    """Write the record of a release, and return the hash of its files.

    Parameters
    ----------
    folder : Path
        Folder of the release.
    files : dict of str to [int, str]
        Bytes and SHA-256 of each file of the release, by its path.
    facts : mapping
        What the registry is to know of it.

    Returns
    -------
    sha256 : str
        Hash of paths, sizes and hashes of all files.
    """
    files = dict(sorted(files.items()))
    sha256 = content_hash(files)
    document = {"kind": KIND, "protocol": PROTOCOL, "sha256": sha256, **facts, "files": files}
    write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", folder / RECORD)
    return sha256


def is_build(folder: Path) -> bool:
    """Tell whether a folder is one that a build writes into."""
    return (folder / WORK).is_dir() or (folder / RECORD).is_file()


def read_release(folder: Path) -> dict[str, Any]:
    """Read the record of a release, and hold its files against it.

    Parameters
    ----------
    folder : Path
        Folder that a build wrote.

    Returns
    -------
    document : dict
        The record: `sha256`, `files` and the facts.

    Raises
    ------
    BuildError
        If the build is not done, a gate failed, or a file is not as it was built.
    """
    mark = folder / NOT_RELEASED
    if mark.is_file() or not (folder / RECORD).is_file():
        why = mark.read_text(encoding="utf-8").strip() if mark.is_file() else "no record"
        raise BuildError(
            f"{folder} must be a release whose gates all passed. Got one that is marked as not "
            f"released: {' '.join(why.split())} Build it again."
        )
    place = folder / RECORD
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
        protocol = document["protocol"]
        known = document["kind"] == KIND and type(protocol) is int
        known = known and (protocol > PROTOCOL or are_files(document["files"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        known, protocol = False, 0
    if not known:
        raise BuildError(f"{place} must be the record of a release. Got something else. Build it.")
    if refusal := newer(place, "release", protocol, "protocol"):
        raise BuildError(refusal)
    for fault in content_faults(folder, document["files"], only_known=True):
        raise BuildError(f"{folder} must be as it was built. {fault} Build it again.")
    return dict(document)


def release_facts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a registry keeps of the record of a release: all but its files."""
    own = {"kind", "protocol", "files"}
    return {name: value for name, value in document.items() if name not in own}
