"""The global model before the first round, made of what homes say of their features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

from novin_ml.estimators.learners import BoostingLearner, NetworkLearner
from novin_ml.estimators.record import QUANTILES
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.plain import shown


def untrained_model(
    estimator: Any,
    statistics: FeatureStatistics,
    classes: np.ndarray,
    feature_names: list[str] | None = None,
) -> Any:
    """Return a network with the imputer and the scaler of a federation, and random weights.

    Parameters
    ----------
    estimator : classifier of novin_ml
        With ``algorithm="mlp"``; its parameters decide the layers. It stays unfitted.
    statistics : FeatureStatistics
        Of all homes.
    classes : ndarray of shape (n_classes,)
        Labels, sorted.
    feature_names : list of str, default=None
        Names of the features.

    Returns
    -------
    model : classifier
        Fitted as far as it can be: it can be saved, exported and given weights. Its random weights
        come from its `random_state`.

    Raises
    ------
    InvalidParametersError
        If the estimator is no network, or there are fewer than two classes.
    """
    algorithm = getattr(estimator, "algorithm", type(estimator).__name__)
    if algorithm != NetworkLearner.kind:
        raise InvalidParametersError(
            "The 'estimator' parameter must be a classifier of novin_ml with algorithm='mlp'. "
            f"Got {shown(algorithm)}. Trees are not averaged."
        )
    model = _fitted(estimator, statistics, classes, feature_names, epochs=1)
    fitted = model.learner_
    rng = np.random.default_rng(_seed_of(estimator.random_state))
    model.learner_ = NetworkLearner(
        medians=statistics.medians,
        mean=statistics.mean.astype(np.float32),
        scale=(1 / statistics.deviation).astype(np.float32),
        weights=[_glorot(weight.shape, rng, fitted.activation) for weight in fitted.weights],
        biases=[np.zeros_like(bias) for bias in fitted.biases],
        activation=fitted.activation,
        n_features=fitted.n_features,
        n_classes=fitted.n_classes,
    ).with_two_outputs()
    return model


def untrained_trees(
    estimator: Any,
    statistics: FeatureStatistics,
    classes: np.ndarray,
    feature_names: list[str] | None = None,
) -> Any:
    """Return a boosting that knows the features of a federation, with trees of no use.

    Parameters
    ----------
    estimator : classifier of novin_ml
        With ``algorithm="boosting"``. It stays unfitted.
    statistics, classes, feature_names
        As for `untrained_model`.

    Returns
    -------
    model : classifier
        Fitted as far as it can be.

    Raises
    ------
    InvalidParametersError
        If the estimator is no boosting, or there are fewer than two classes.
    """
    algorithm = getattr(estimator, "algorithm", type(estimator).__name__)
    if algorithm != BoostingLearner.kind:
        raise InvalidParametersError(
            "The 'estimator' parameter must be a classifier of novin_ml with "
            f"algorithm='boosting'. Got {shown(algorithm)}. Networks are for train_federated."
        )
    return _fitted(estimator, statistics, classes, feature_names, epochs=1)


def _fitted(
    estimator: Any,
    statistics: FeatureStatistics,
    classes: np.ndarray,
    feature_names: list[str] | None,
    **params: Any,
) -> Any:
    """Return a model of rows that no home has: each feature at its quantiles.

    So the certificate of an export draws rows as homes have them.
    """
    if len(classes) < 2:
        raise InvalidParametersError(
            f"The homes must have two labels or more together. Got {shown(classes.tolist())}."
        )
    rows = statistics.quantiles(np.linspace(0, 1, QUANTILES))
    rows = np.tile(rows, (-(-2 * len(classes) // QUANTILES), 1))
    table = rows if feature_names is None else pd.DataFrame(rows, columns=feature_names)
    labels = classes[np.arange(len(rows)) % len(classes)]
    model = clone(estimator).set_params(early_stopping=False, calibrate=False, **params)
    model.fit(table, labels)
    model.set_params(**estimator.get_params(deep=False))
    model.training_data_ |= {
        "n_samples": int(statistics.n_rows),
        "class_counts": statistics.class_counts.tolist(),
    }
    model.training_record_ = None  # the rows stayed at home
    return model


def _seed_of(random_state: Any) -> Any:
    if random_state is None or isinstance(random_state, int):
        return random_state
    return int(np.random.RandomState(random_state.get_state()[1]).randint(2**31 - 1))


def _glorot(shape: tuple[int, ...], rng: np.random.Generator, activation: str) -> np.ndarray:
    """Draw the weights of a layer (Glorot and Bengio 2010), as scikit-learn's perceptron does."""
    factor = 2.0 if activation == "logistic" else 6.0
    bound = np.sqrt(factor / sum(shape))
    return rng.uniform(-bound, bound, shape).astype(np.float32)
