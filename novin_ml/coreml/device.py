"""The exported model on Core ML itself, which exists on macOS only."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

import numpy as np

from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.comparison import compare
from novin_ml.coreml.subject import Subject

# Core ML is called once a row through coremltools.
_ROWS_A_KIND = 500


class CoreMLDevice:
    """Core ML behind the one method that a comparison needs."""

    def __init__(self, spec: Any, subject: Subject) -> None:
        self._model = coremltools().models.MLModel(spec)
        self._names = [feature.name for feature in subject.specs]
        self._answers = subject.answers

    def predict_outputs(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Return the outputs of each row."""
        return self._answers.of_device(
            [self._model.predict(dict(zip(self._names, map(float, row), strict=True))) for row in X]
        )


def check_on_device(
    spec: Any, subject: Subject, rows: dict[str, np.ndarray], tolerance: float
) -> dict[str, Any]:
    """Compare with Core ML itself on up to 500 rows of each kind, or say why not."""
    if sys.platform != "darwin":
        return {"ran": False, "reason": f"Core ML runs on macOS only; this is {sys.platform}"}
    picked = []
    for part in rows.values():
        picked.append(part[:: max(1, len(part) // _ROWS_A_KIND)][:_ROWS_A_KIND])
    check = compare(subject, CoreMLDevice(spec, subject), np.concatenate(picked), tolerance)
    return {"ran": True} | asdict(check)
