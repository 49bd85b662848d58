"""What is exported: a learner, its labels and inputs, whichever object they came in."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml._store import read_array, read_folder, write_folder
from novin_ml.estimators.learners import LEARNERS
from novin_ml.exceptions import NotExportableError, SavedModelError
from novin_ml.features.spec import FeatureSpec

REFERENCE_KIND = "export reference"


@dataclass(frozen=True)
class Subject:
    """A learner ready to be converted, and what the exported model says of itself.

    Attributes
    ----------
    learner : BoostingLearner, NetworkLearner or BlendLearner
    labels : list of str or list of int
        One of each class, in the order of the learner's classes.
    specs : tuple of FeatureSpec
        One of each input.
    training_rows : ndarray of shape (34, n_features), float32, or None
        Quantiles of the training rows and, last, the share of missing values.
    allows_missing : bool
        Whether the model has an answer when a feature is missing.
    info : dict of str to str
        Further entries of the model's metadata.
    predict_proba : callable
        The Python model's own answer to float32 rows; the learner's by default.
    """

    learner: Any
    labels: list[Any]
    specs: tuple[FeatureSpec, ...]
    training_rows: np.ndarray | None = None
    allows_missing: bool = True
    info: dict[str, str] = field(default_factory=dict)
    own_predict_proba: Callable[[np.ndarray], np.ndarray] | None = None

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the Python model's probabilities for float32 rows."""
        return (self.own_predict_proba or self.learner.predict_proba)(X)

    def save(self, folder: Path) -> Path:
        """Write the learner and its description, from which the certificate can be made again."""
        files = self.learner.to_files()
        document = {
            "learner": self.learner.kind,
            "labels": self.labels,
            "specs": [asdict(spec) for spec in self.specs],
            "allows_missing": self.allows_missing,
        }
        files["subject.json"] = json.dumps(document, indent=1).encode()
        if self.training_rows is not None:
            buffer = io.BytesIO()
            np.save(buffer, self.training_rows, allow_pickle=False)
            files["training_rows.npy"] = buffer.getvalue()
        return write_folder(files, folder, REFERENCE_KIND)

    @classmethod
    def load(cls, folder: Path) -> Subject:
        """Read what `save` wrote; executes nothing."""
        files = read_folder(folder, REFERENCE_KIND)
        try:
            document = json.loads(files["subject.json"])
            specs = tuple(FeatureSpec(**spec) for spec in document["specs"])
            labels = list(document["labels"])
            learner_class, _ = LEARNERS[document["learner"]]
            learner = learner_class.from_files(files, n_features=len(specs), n_classes=len(labels))
            rows = None
            if "training_rows.npy" in files:
                rows = read_array(files["training_rows.npy"])
            return cls(learner, labels, specs, rows, bool(document["allows_missing"]))
        except (
            AttributeError,
            KeyError,
            OverflowError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:
            if isinstance(error, SavedModelError):
                raise
            raise SavedModelError(
                f"{folder} must describe an exported model. Got {error!r}. Export the model again."
            ) from None


def exportable_labels(classes: Any) -> list[Any]:
    """Return class labels as Core ML can hold them: all text, or all integers.

    Booleans become the texts "False" and "True"; floats and mixtures are refused.
    """
    labels = [c.item() if isinstance(c, np.generic) else c for c in classes]
    if all(isinstance(label, bool) for label in labels):
        return [str(label) for label in labels]
    for kind in (str, int):
        if all(isinstance(label, kind) and not isinstance(label, bool) for label in labels):
            if len(set(labels)) != len(labels):
                raise NotExportableError(
                    f"Class labels must differ from each other. Got {labels}. Rename one."
                )
            if not all(map(_fits, labels)):
                raise NotExportableError(
                    "Class labels must be UTF-8 text or 64-bit integers for Core ML. "
                    f"Got {labels}. Pass class_labels."
                )
            return labels
    raise NotExportableError(
        f"Class labels must be all text or all integers for Core ML. Got {labels}. "
        "Train with such labels, or pass class_labels."
    )


def _fits(label: str | int) -> bool:
    if isinstance(label, int):
        return -(2**63) <= label < 2**63
    return not re.search("[\ud800-\udfff]", label)
