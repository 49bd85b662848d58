"""Training of the autoencoder: scikit-learn's MLPRegressor, one epoch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

import numpy as np
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from novin_ml.estimators.learners.autoencoder import AutoencoderLearner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.network_fit import interruptible, standardised
from novin_ml.parameters import nearest
from novin_ml.plain import shown
from novin_ml.validation import Interval, StrOptions, validate_parameter_constraints

DEFAULTS: dict[str, Any] = {
    "hidden_layer_sizes": (12, 6, 12),
    "activation": "tanh",
    "learning_rate_init": 1e-3,
    "alpha": 1e-4,
    "epochs": 60,
    "patience": 5,
}
_OWN = ("epochs", "patience")
_CONSTRAINTS: dict[str, list[Any]] = {
    name: MLPRegressor._parameter_constraints[name] for name in DEFAULTS if name not in _OWN
} | {name: [Interval(Integral, 1, None, closed="left")] for name in _OWN}
# What Core ML can train.
_CONSTRAINTS["activation"] = [StrOptions({"tanh", "relu", "logistic"})]
#: Of fewer rows none is held back to choose the epoch.
_FEWEST_TO_HOLD_BACK = 50
_SHARE_HELD_BACK = 0.1


def fit_autoencoder(
    X: np.ndarray, params: Mapping[str, Any], random_state: np.random.RandomState
) -> AutoencoderLearner:
    """Train a network to return its own standardised input, by the mean squared error.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32
        Finite features.
    params : mapping of str to object
        ``hidden_layer_sizes``, ``activation``, ``learning_rate_init`` and ``alpha`` of
        MLPRegressor, ``epochs``, and ``patience``: training stops after so many epochs without
        improvement on a tenth of the rows, which are held back.
    random_state : RandomState
        Draws the first weights, the order of the rows and those that are held back.

    Returns
    -------
    learner : AutoencoderLearner
        The network of the best epoch.

    Raises
    ------
    ValueError
        If a parameter is not as described.
    """
    known = checked_params(params)
    epochs, patience = known.pop("epochs"), known.pop("patience")
    n_held_back = round(_SHARE_HELD_BACK * len(X)) if len(X) >= _FEWEST_TO_HOLD_BACK else 0
    order = random_state.permutation(len(X))
    with np.errstate(over="ignore", invalid="ignore"):
        medians, mean, scale, inputs = standardised(X[order[n_held_back:]])
    held_back = X[order[:n_held_back]]
    model = MLPRegressor(
        random_state=random_state,
        batch_size=min(int(np.clip(len(inputs) // 100, 32, 512)), len(inputs)),
        **known,
    )
    target = inputs if inputs.shape[1] > 1 else inputs.ravel()
    least, since = np.inf, 0
    # As in the training of classifiers: a second thread of BLAS costs more than it gives.
    with threadpool_limits(1):
        for epoch in range(epochs):
            interruptible(model.partial_fit, inputs, target)
            learner = _snapshot(model, medians, mean, scale)
            error = float(learner.shares(held_back).sum(axis=1).mean()) if n_held_back else 0.0
            if epoch == 0 or n_held_back == 0 or error < least:
                best, least, since = learner, error, 0
            else:
                since += 1
            if since >= patience:
                break
    return best


def _snapshot(
    model: MLPRegressor, medians: np.ndarray, mean: np.ndarray, scale: np.ndarray
) -> AutoencoderLearner:
    n_features = len(mean)
    return AutoencoderLearner(
        NetworkLearner(
            medians=medians,
            mean=mean,
            scale=scale,
            weights=[np.array(weight, dtype=np.float32) for weight in model.coefs_],
            biases=[np.array(bias, dtype=np.float32) for bias in model.intercepts_],
            activation=model.activation,
            n_features=n_features,
            n_classes=n_features,
        )
    )


def checked_params(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults, updated with the given parameters, or raise ValueError."""
    unknown = sorted(set(given) - set(_CONSTRAINTS), key=str)
    if unknown:
        raise ValueError(
            f"The {shown(unknown[0])} entry of learner_params must be one of "
            f"{sorted(_CONSTRAINTS)} for algorithm='autoencoder'. "
            f"Got {unknown[0]}={shown(given[unknown[0]])} instead."
            f"{nearest(unknown[0], _CONSTRAINTS)}"
        )
    params = DEFAULTS | dict(given)
    validate_parameter_constraints(_CONSTRAINTS, params, caller_name="learner_params")
    if np.any(np.asarray(params["hidden_layer_sizes"]) < 1):
        raise ValueError(
            "The 'hidden_layer_sizes' entry of learner_params must have positive widths. "
            f"Got {shown(params['hidden_layer_sizes'])} instead."
        )
    return params
