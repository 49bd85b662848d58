"""The records of a registry: what is written of each version and each promotion."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from novin_ml.documents import parse_json
from novin_ml.exceptions import RegistryError
from novin_ml.formats import FORMATS, newer
from novin_ml.lifecycle.registry.contents import are_files
from novin_ml.plain import shown

#: Version of the registry's format.
PROTOCOL = FORMATS["registry"]
_MAX_BYTES = 10_000_000
_SEAL = "record_sha256"


@dataclass(frozen=True)
class Version:
    """An immutable version of a model in a registry.

    Attributes
    ----------
    name : str
        Name of the model.
    number : int
        Number of the version, from 1.
    created : str
        Date and time, ISO 8601 in UTC.
    by : str
        User who added it.
    parent : int or None
        Version that was served when this one was added.
    facts : dict
        Facts about the model, as the caller passed them: metrics with their intervals, thresholds,
        fingerprint of the data, parameters, versions of libraries.
    files : dict of str to [int, str]
        Bytes and SHA-256 of each file, by its path.
    folder : Path
        Folder of the files.
    """

    name: str
    number: int
    created: str
    by: str
    parent: int | None
    facts: Mapping[str, Any]
    files: Mapping[str, list[Any]]
    folder: Path = field(default=Path(), compare=False)

    @property
    def sha256(self) -> str:
        """Hash of all files: of their paths, sizes and hashes."""
        return content_hash(self.files)

    def path(self, name: str) -> Path:
        """Return the path of a file or folder of the version.

        Parameters
        ----------
        name : str
            Path inside the version, such as ``"delivery.mlmodel"``.

        Returns
        -------
        path : Path
            Path of the file or folder.

        Raises
        ------
        RegistryError
            If the version has no such file or folder.
        """
        if name in self.files or any(file.startswith(f"{name}/") for file in self.files):
            return self.folder / name
        names = sorted({file.split("/")[0] for file in self.files})
        raise RegistryError(
            f"The 'name' parameter must be a file of version {self.number} of {self.name}: "
            f"{', '.join(names)}. Got {name!r}."
        )


@dataclass(frozen=True)
class Promotion:
    """A change of the served version of a model.

    Attributes
    ----------
    number : int
        Number of the change, from 1.
    version : int
        Version that is served from then on.
    previous : int or None
        Version that was served before.
    kind : {"promote", "rollback"}
    created : str
        Date and time, ISO 8601 in UTC.
    by : str
        User who made it.
    reason : str
    """

    number: int
    version: int
    previous: int | None
    kind: Literal["promote", "rollback"]
    created: str
    by: str
    reason: str = ""


def now() -> str:
    """Return the time, or the one that SOURCE_DATE_EPOCH sets, as ISO 8601 text in UTC."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user() -> str:
    """Return the name of the user, or "unknown"."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def content_hash(files: Mapping[str, list[Any]]) -> str:
    """Return the SHA-256 of paths, sizes and hashes of files."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()


def record_text(record: Version | Promotion) -> str:
    """Return a record as JSON with the hash of its entries."""
    document = {"protocol": PROTOCOL, **asdict(record)}
    document.pop("folder", None)
    return json.dumps(document | {_SEAL: _seal(document)}, indent=1, sort_keys=True) + "\n"


def read_version(file: Path, content: Path) -> Version:
    """Read the record of a version whose files are in a folder."""
    return Version(**_read(file, Version), folder=content)


def read_promotion(file: Path) -> Promotion:
    """Read the record of a promotion."""
    return Promotion(**_read(file, Promotion))


def require_protocol(document: Mapping[str, Any], file: Path) -> None:
    """Raise RegistryError unless this release can read a document of a registry."""
    protocol = document.get("protocol")
    if type(protocol) is not int or protocol < 1:
        raise damaged(file, "an entry 'protocol'", repr(protocol))
    if refusal := newer(file, "registry", protocol, "protocol"):
        raise RegistryError(refusal)


def read_json(file: Path) -> dict[str, Any]:
    """Read a JSON object of a registry, without trust in its size or content."""
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise damaged(file, "a file", "no such file") from None
    if len(content) > _MAX_BYTES:
        raise damaged(file, f"at most {_MAX_BYTES:,} bytes", "more")
    try:
        document = parse_json(content)
    except ValueError:
        raise damaged(file, "JSON", "other content") from None
    if not isinstance(document, dict):
        raise damaged(file, "a JSON object", type(document).__name__)
    return document


def damaged(file: Path, expected: str, got: str) -> RegistryError:
    """Return the error about a damaged file of a registry."""
    return RegistryError(
        f"{file} must have {expected}. Got {got}: the registry is damaged. "
        "Restore it from a copy; novin-ml registry verify names all faults."
    )


def _read(file: Path, record: type[Version | Promotion]) -> dict[str, Any]:
    document = read_json(file)
    require_protocol(document, file)
    seal = document.pop(_SEAL, None)
    if seal != _seal(document):
        raise damaged(file, "the entries that were written", "others")
    document.pop("protocol")
    expected = set(record.__dataclass_fields__) - {"folder"}
    if set(document) != expected:
        odd = sorted(set(document) ^ expected)
        raise damaged(file, f"the entries {', '.join(sorted(expected))}", f"a difference in {odd}")
    for name, value in document.items():
        if not _is_fine(name, value):
            raise damaged(file, f"a {name!r} as it is written", shown(value))
    return document


#: What an entry of a record is; of all others, a text.
_IS_FINE: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("number", "version"), lambda value: type(value) is int and value > 0),
    **dict.fromkeys(
        ("parent", "previous"), lambda value: value is None or (type(value) is int and value > 0)
    ),
    "facts": lambda value: isinstance(value, dict),
    "files": are_files,
    "kind": lambda value: value in ("promote", "rollback"),
}


def _is_fine(name: str, value: Any) -> bool:
    return _IS_FINE.get(name, lambda value: isinstance(value, str))(value)


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
