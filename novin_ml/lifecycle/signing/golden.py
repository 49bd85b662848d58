"""Rows of features with their answers, which a phone compares with those of a downloaded model."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml.swift import golden_rows

#: Rows of a model at most, and bytes that all of them take in the manifest.
MOST_ROWS, MOST_BYTES = 64, 20_000


def golden_entry(model: Path, reference: Path, n_models: int = 1) -> dict[str, Any]:
    """Return the golden rows of a model for a manifest.

    Parameters
    ----------
    model, reference : Path
        The ``.mlmodel`` file, and the Python model that it was certified against.
    n_models : int, default=1
        Models that share the manifest, and its bytes.

    Returns
    -------
    entry : dict
        ``n_rows``, ``tolerance``, the names of the ``outputs``, and the ``rows`` and ``answers``:
        little-endian float32, base64.
    """
    rows, answers, outputs, tolerance = golden_rows(model, reference)
    of_row = 4 * (rows.shape[1] + answers.shape[1]) * 4 / 3
    n = max(1, min(len(rows), MOST_ROWS, int(MOST_BYTES / n_models / of_row)))
    # Of all kinds of rows the same share.
    some = np.unique(np.linspace(0, len(rows) - 1, n).astype(int))
    return {
        "n_rows": len(some),
        "outputs": outputs,
        "tolerance": tolerance,
        "rows": _as_text(rows[some]),
        "answers": _as_text(answers[some]),
    }


def _as_text(numbers: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, dtype="<f4").tobytes()).decode("ascii")
