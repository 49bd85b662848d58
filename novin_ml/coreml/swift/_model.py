"""A certified model on its way into a package."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novin_ml.coreml.export import export_paths
from novin_ml.coreml.exported_features import MONITOR
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.swift._families import ModelFacts
from novin_ml.coreml.verify import verify_coreml
from novin_ml.coreml.weights_manifest import manifest_path
from novin_ml.exceptions import NotExportableError
from novin_ml.features import ActivityHistory, BehaviorHistory


@dataclass(frozen=True)
class PackedModel:
    """A model whose certificate was made again.

    Attributes
    ----------
    name : str
        Name in the package.
    path : Path
        The ``.mlmodel`` file.
    facts : ModelFacts
    certificate : dict
        The certificate, as in the JSON file.
    history : BehaviorHistory or None
        The history of a detector's home.
    activity : ActivityHistory or None
        The activity of a monitor's home.
    is_updatable : bool
        Whether a phone can train it.
    """

    name: str
    path: Path
    facts: ModelFacts
    certificate: dict[str, Any]
    history: BehaviorHistory | None = None
    activity: ActivityHistory | None = None
    is_updatable: bool = False

    @classmethod
    def of(
        cls,
        name: str,
        path: Path,
        history: BehaviorHistory | None = None,
        activity: ActivityHistory | None = None,
    ) -> PackedModel:
        """Verify an exported model, and read the facts that a package needs.

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
        runtime = CoreMLRuntime(path)
        return cls(
            name=name,
            path=path,
            facts=ModelFacts.of(runtime),
            certificate=json.loads(certificate.read_text(encoding="utf-8")),
            history=history,
            activity=activity,
            is_updatable=runtime.spec.isUpdatable,
        )

    @property
    def reference(self) -> Path:
        """The folder of the Python model."""
        return export_paths(self.path)[2]

    @property
    def sha256(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def is_learning(self) -> bool:
        """Whether a detector knows too little about its home to alarm."""
        return self.facts.state == "learning"

    @property
    def never_alarms(self) -> bool:
        """Whether a classifier has no threshold, so that nothing is an alarm until the app says."""
        return bool(self.facts.labels) and not self.facts.thresholds

    @property
    def summary(self) -> str:
        """The answers of the model, in a few words."""
        if self.facts.family == MONITOR:
            return "unusual events, silences, and what stays on unusually long in its home"
        if self.facts.offset is not None:
            return "how unusual an event is for its home"
        return " ".join(", ".join(self.facts.labels).split())

    def files(self) -> dict[str, bytes]:
        """Return the files for the package's resources, by name."""
        _, certificate, _ = export_paths(self.path)
        files = {
            f"{self.name}.mlmodel": self.path.read_bytes(),
            f"{self.name}.certificate.json": certificate.read_bytes(),
        }
        if self.is_updatable:
            files[f"{self.name}.weights.json"] = manifest_path(self.path).read_bytes()
        card = self.path.with_suffix(".card.md")
        if card.is_file():
            files[f"{self.name}.card.md"] = card.read_bytes()
        if self.history is not None:
            files[f"{self.name}.history.json"] = json.dumps(self.history.to_dict()).encode()
        if self.activity is not None:
            files[f"{self.name}.activity.json"] = json.dumps(self.activity.to_dict()).encode()
        return files
