"""The manifest of an updatable model: what an app needs to send and load weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from novin_ml.estimators.learners import NetworkLearner
from novin_ml.estimators.weights import layout_of, values_of, weights_sha256

FORMAT = 1
_SUFFIX = ".weights.json"


def manifest_path(model: Path) -> Path:
    """Return the path of the manifest beside a model."""
    return model.with_suffix(_SUFFIX)


def manifest_of(learner: NetworkLearner) -> dict[str, Any]:
    """Return the manifest of a network.

    Returns
    -------
    manifest : dict
        ``format``; ``weights_sha256``, the hash by which updates name the model; ``dtype`` and
        ``byte_order`` of a value; ``n_values`` and ``tensors``, as `WeightLayout.to_dict` has them,
        with offsets in values.
    """
    layout = layout_of(learner)
    return {
        "format": FORMAT,
        "weights_sha256": weights_sha256(layout, values_of(learner)),
        "dtype": "float32",
        "byte_order": "little",
        **layout.to_dict(),
    }


def manifest_text(learner: NetworkLearner) -> str:
    """Return the file of `manifest_of`, the same text for the same network."""
    return json.dumps(manifest_of(learner), indent=1) + "\n"


def is_manifest(path: Path) -> bool:
    """Tell whether a file is a manifest, of any format; nothing else of its name is replaced."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and {"format", "weights_sha256", "tensors"} <= set(document)
