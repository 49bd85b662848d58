"""The hash by which an update names the model that it began with."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from novin_ml.estimators.learners import NetworkLearner
from novin_ml.estimators.weights import (
    VALUE_DTYPE,
    layout_of,
    network_of,
    values_of,
    weights_sha256,
)

__all__ = ["frozen_sha256", "hash_of_both", "model_sha256"]


def model_sha256(model: Any) -> str:
    """Return the hash by which updates name the model that they began with.

    It covers all that decides the probabilities: the weights, and the imputer, the scaler and the
    activation before and between them. Models whose updates are averaged must have one hash. Names
    of labels and thresholds are not in it: they can be changed without training.

    Parameters
    ----------
    model : estimator, Pipeline or NetworkLearner
        As for `weight_layout`.

    Returns
    -------
    sha256 : str
        SHA-256 of two hashes, 32 bytes each, in hexadecimal: `weights_sha256`, and that of the
        rest. The latter is of the activation and the number of classes as canonical JSON (sorted
        keys, no spaces, ASCII), and of the medians, means and scales of the features as
        little-endian float32.

    Raises
    ------
    UnsupportedLearnerError
        If the model is no network.
    NotFittedError
        If it has not been fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.estimators import get_weights, model_sha256, set_weights
    >>> X = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> y = np.where(X[:, 0] > 0, "delivery", "no_delivery")
    >>> model = DeliveryClassifier("mlp", epochs=2, random_state=0).fit(X, y)
    >>> other = DeliveryClassifier("mlp", epochs=2, random_state=0).fit(2 * X, y)
    >>> same_weights = set_weights(other, get_weights(model))  # behind another scaler
    >>> model_sha256(same_weights) == model_sha256(model)
    False
    """
    learner = network_of(model)
    weights = weights_sha256(layout_of(learner), values_of(learner))
    return hash_of_both(weights, frozen_sha256(learner))


def frozen_sha256(learner: NetworkLearner) -> str:
    """Return the hash of what a phone does not train: imputer, scaler and activation."""
    said = {"activation": learner.activation, "n_classes": int(learner.n_classes)}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode("ascii"))
    for array in (learner.medians, learner.mean, learner.scale):
        digest.update(array.astype(VALUE_DTYPE).tobytes())
    return digest.hexdigest()


def hash_of_both(weights: str, frozen: str) -> str:
    """Return the hash of a model from the hashes of its weights and of the rest."""
    return hashlib.sha256(bytes.fromhex(weights) + bytes.fromhex(frozen)).hexdigest()
