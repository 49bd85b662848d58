"""A certified model on its way into a package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novin_ml.coreml.export import export_paths
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.coreml.verify import verify_coreml
from novin_ml.exceptions import NotExportableError
from novin_ml.features import BehaviorHistory


@dataclass(frozen=True)
class PackedModel:
    """A model whose certificate was made again.

    Attributes
    ----------
    name : str
        In the package.
    path : Path
        The ``.mlmodel`` file.
    facts : ModelFacts
    certificate : dict
        The certificate, as JSON has it.
    history : BehaviorHistory or None
        What the home of a detector reported.
    """

    name: str
    path: Path
    facts: ModelFacts
    certificate: dict[str, Any]
    history: BehaviorHistory | None = None

    @classmethod
    def of(cls, name: str, path: Path, history: BehaviorHistory | None = None) -> PackedModel:
        """Verify an exported model, and read what a package must know of it.

        Raises
        ------
        NotExportableError
            If it is no ``.mlmodel`` file, or of no family.
        SavedModelError, CertificateError, ParityError
            If it is not the model that was certified, with its certificate and reference beside it.
        """
        if path.suffix != ".mlmodel":
            raise NotExportableError(
                "A model in a Swift package must be one .mlmodel file, which Swift can read on "
                f"any system. Got {path}. Export it to a .mlmodel file."
            )
        verify_coreml(path)
        _, certificate, _ = export_paths(path)
        return cls(
            name=name,
            path=path,
            facts=ModelFacts.of(CoreMLRuntime(path)),
            certificate=json.loads(certificate.read_text(encoding="utf-8")),
            history=history,
        )

    @property
    def reference(self) -> Path:
        """The folder of the Python model."""
        return export_paths(self.path)[2]

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def is_learning(self) -> bool:
        """Whether a detector knew too little of its home to alarm."""
        return self.facts.state == "learning"

    @property
    def summary(self) -> str:
        """What it answers, in a few words."""
        if self.facts.offset is not None:
            return "how unusual an event is for its home"
        return " ".join(", ".join(self.facts.labels).split())

    def files(self) -> dict[str, bytes]:
        """Return what goes into the package's resources, by name."""
        _, certificate, _ = export_paths(self.path)
        files = {
            f"{self.name}.mlmodel": self.path.read_bytes(),
            f"{self.name}.certificate.json": certificate.read_bytes(),
        }
        card = self.path.with_suffix(".card.md")
        if card.is_file():
            files[f"{self.name}.card.md"] = card.read_bytes()
        if self.history is not None:
            files[f"{self.name}.history.json"] = json.dumps(self.history.to_dict()).encode()
        return files
