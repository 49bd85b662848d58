"""The exported model in Core ML itself, which exists on macOS only."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.comparison import compare
from novin_ml.coreml.subject import Subject

# Core ML is called once a row through coremltools.
_ROWS_A_KIND = 500


class CoreMLDevice:
    """Core ML behind the interface of a comparison.

    Attributes
    ----------
    classes : ndarray or None
        The labels in the order of the probabilities that `predict_outputs` returns.
    """

    def __init__(self, spec: Any, subject: Subject) -> None:
        self._model = coremltools().models.MLModel(spec)
        self._answers = subject.answers
        labels = getattr(subject.answers, "labels", None)
        self.classes = None if labels is None else np.array(labels)

    def predict_outputs(self, X: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the outputs of each row, whose values are given by name."""
        rows = zip(*(column.tolist() for column in X.values()), strict=True)
        return self._answers.of_device(
            [self._model.predict(dict(zip(X, row, strict=True))) for row in rows]
        )


def not_run(platform: str) -> str:
    """Return why Core ML did not run on a platform, named as in `sys.platform`."""
    return f"Core ML runs on macOS only; this is {platform}"


def check_on_device(
    spec: Any, subject: Subject, rows: dict[str, np.ndarray], tolerance: float
) -> dict[str, Any]:
    """Compare with Core ML itself on up to 500 rows of each kind, or say why not."""
    if sys.platform != "darwin":
        return {"ran": False, "reason": not_run(sys.platform)}
    picked = []
    for part in filter(len, rows.values()):
        picked.append(part[:: max(1, len(part) // _ROWS_A_KIND)][:_ROWS_A_KIND])
    check = compare(subject, CoreMLDevice(spec, subject), np.concatenate(picked), tolerance)
    return {"ran": True} | asdict(check)
