"""Where a registry keeps its records, and how they are read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from novin_ml.exceptions import RegistryError
from novin_ml.files import write_text
from novin_ml.lifecycle.registry.records import (
    PROTOCOL,
    Promotion,
    Version,
    damaged,
    read_json,
    read_promotion,
    read_version,
    require_protocol,
)

KIND = "novin_ml registry"
RECORD = "version.json"
PROMOTION = "promotion.json"
CONTENT = "content"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MARKER = "registry.json"
_NUMBER = re.compile(r"[0-9]{6,}")


class Layout:
    """The folders and records of a registry.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of all models, sorted."""
        self._require()
        models = self.folder / "models"
        if not models.is_dir():
            return []
        return sorted(path.name for path in models.iterdir() if NAME.fullmatch(path.name))

    def place(self, name: str, part: str, number: int) -> Path:
        """Return the folder of a version or of a promotion."""
        return self.folder / "models" / name / part / f"{number:06d}"

    def numbers(self, name: str, part: str) -> list[int]:
        """Return the numbers of all versions or promotions of a model, sorted."""
        folder = self.folder / "models" / name / part
        if not folder.is_dir():
            return []
        return sorted(int(path.name) for path in folder.iterdir() if _NUMBER.fullmatch(path.name))

    def create(self) -> None:
        """Make the registry if it is new."""
        marker = self.folder / MARKER
        # Looked at first: another writer that makes the registry meanwhile begins with the marker.
        there = [each.name for each in self.folder.iterdir()] if self.folder.is_dir() else []
        if not marker.exists():
            if any(not name.startswith(f".{MARKER}.") for name in there):
                raise RegistryError(
                    f"{self.folder} must be a registry, or a new or empty folder. "
                    "Got a folder with other files. Choose another path."
                )
            text = json.dumps({"kind": KIND, "protocol": PROTOCOL}, indent=1) + "\n"
            write_text(text, marker)
        self._require()

    def _require(self) -> None:
        marker = self.folder / MARKER
        if not marker.is_file():
            raise RegistryError(
                f"{self.folder} must be a registry. Got no {MARKER} there. Check the path, or add "
                "a version to create it."
            )
        document = read_json(marker)
        if document.get("kind") != KIND:
            raise damaged(marker, f"the kind {KIND!r}", repr(document.get("kind")))
        require_protocol(document, marker)

    def model(self, name: str) -> Path:
        """Return the folder of a model."""
        names = self.names()
        if name not in names:
            raise RegistryError(
                f"The 'name' parameter must be a model in {self.folder}: {listed(names)}. "
                f"Got {name!r}."
            )
        return self.folder / "models" / name

    def last_promotion(self, name: str) -> Promotion | None:
        """Return the promotion that counts, or None if there was none."""
        numbers = self.numbers(name, "promotions")
        return self.read_promotion(name, numbers[-1]) if numbers else None

    def read_version(self, name: str, number: int) -> Version:
        """Read the record of a version."""
        folder = self.place(name, "versions", number)
        version = read_version(folder / RECORD, folder / CONTENT)
        if (version.name, version.number) != (name, number):
            found = f"version {version.number} of {version.name}"
            raise damaged(folder / RECORD, f"version {number} of {name}", found)
        return version

    def read_promotion(self, name: str, number: int) -> Promotion:
        """Read the record of a promotion."""
        file = self.place(name, "promotions", number) / PROMOTION
        promotion = read_promotion(file)
        if promotion.number != number:
            raise damaged(file, f"promotion {number}", str(promotion.number))
        return promotion


def listed(items: list[Any]) -> str:
    """Return items in a sentence."""
    return ", ".join(map(str, items)) or "there is none"
