"""The manifest of an updatable model: what an app needs to send and load weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from novin_ml.estimators.learners import AutoencoderLearner, NetworkLearner
from novin_ml.estimators.model_hash import frozen_sha256, hash_of_both
from novin_ml.estimators.weights import layout_of, network_of, values_of, weights_sha256
from novin_ml.formats import FORMATS

FORMAT = FORMATS["weights"]
#: The training input of an autoencoder: the standardised row that it should return.
TARGET = "reconstruction_true"
_SUFFIX = ".weights.json"


def manifest_path(model: Path) -> Path:
    """Return the path of the manifest beside a model."""
    return model.with_suffix(_SUFFIX)


def manifest_of(learner: NetworkLearner | AutoencoderLearner) -> dict[str, Any]:
    """Return the manifest of a network.

    Returns
    -------
    manifest : dict
        ``format``; ``model_sha256``, the hash by which updates name the model, and the two that it
        is made of: ``weights_sha256``, and ``frozen_sha256`` of what a phone does not train, the
        imputer, the scaler and the activation; ``dtype`` and ``byte_order`` of a value;
        ``n_values`` and ``tensors``, as `WeightLayout.to_dict` has them, with offsets in values.
        Of an autoencoder also ``target``: the ``name`` of the training input, and the ``mean`` and
        ``scale`` of each feature. A row x has the target ``(x - mean) * scale``, in float32.
        Format 1 had ``weights_sha256`` alone, and updates named the model by it.
    """
    network = network_of(learner)
    layout = layout_of(network)
    weights, frozen = weights_sha256(layout, values_of(network)), frozen_sha256(network)
    target = {"mean": network.mean.tolist(), "scale": network.scale.tolist()}
    own = isinstance(learner, AutoencoderLearner)
    return {
        "format": FORMAT,
        "model_sha256": hash_of_both(weights, frozen),
        "weights_sha256": weights,
        "frozen_sha256": frozen,
        "dtype": "float32",
        "byte_order": "little",
        **layout.to_dict(),
    } | ({"target": {"name": TARGET, **target}} if own else {})


def manifest_text(learner: NetworkLearner | AutoencoderLearner) -> str:
    """Return the file of `manifest_of`, the same text for the same network."""
    return json.dumps(manifest_of(learner), indent=1) + "\n"


def is_manifest(path: Path) -> bool:
    """Tell whether a file is a manifest, of any format; nothing else of its name is replaced."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(document, dict) and {"format", "weights_sha256", "tensors"} <= set(document)
