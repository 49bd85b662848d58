"""The manifest of an updatable model: what an app needs to send and load weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from novin_ml.estimators.learners import NetworkLearner
from novin_ml.estimators.model_hash import frozen_sha256, hash_of_both
from novin_ml.estimators.weights import layout_of, values_of, weights_sha256
from novin_ml.formats import FORMATS

FORMAT = FORMATS["weights"]
_SUFFIX = ".weights.json"


def manifest_path(model: Path) -> Path:
    """Return the path of the manifest beside a model."""
    return model.with_suffix(_SUFFIX)


def manifest_of(learner: NetworkLearner) -> dict[str, Any]:
    """Return the manifest of a network.

    Returns
    -------
    manifest : dict
        ``format``; ``model_sha256``, the hash by which updates name the model, and the two that it
        is made of: ``weights_sha256``, and ``frozen_sha256`` of what a phone does not train, the
        imputer, the scaler and the activation; ``dtype`` and ``byte_order`` of a value;
        ``n_values`` and ``tensors``, as `WeightLayout.to_dict` has them, with offsets in values.
        Format 1 had ``weights_sha256`` alone, and updates named the model by it.
    """
    layout = layout_of(learner)
    weights, frozen = weights_sha256(layout, values_of(learner)), frozen_sha256(learner)
    return {
        "format": FORMAT,
        "model_sha256": hash_of_both(weights, frozen),
        "weights_sha256": weights,
        "frozen_sha256": frozen,
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
