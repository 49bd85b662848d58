"""The learners that a home's baseline can be trained with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from novin_ml.estimators.learners.autoencoder import AutoencoderLearner
from novin_ml.estimators.learners.autoencoder_fit import fit_autoencoder
from novin_ml.estimators.learners.isolation import (
    IsolationLearner,
    columns_of_a_tree,
    grow_forest,
    rows_of_a_tree,
)
from novin_ml.plain import shown

#: Value of a detector's `algorithm` -> class of the trained learner.
DETECTORS: dict[str, type[IsolationLearner] | type[AutoencoderLearner]] = {
    IsolationLearner.kind: IsolationLearner,
    AutoencoderLearner.kind: AutoencoderLearner,
}


def fit_detector(
    X: np.ndarray, params: Mapping[str, Any], random_state: np.random.RandomState
) -> IsolationLearner | AutoencoderLearner:
    """Train the learner that a detector's parameters name.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features), float32
        Finite features, in C order.
    params : mapping of str to object
        Of a `BehaviorAnomalyDetector`.
    random_state : RandomState
        Seeds the training.

    Returns
    -------
    learner : IsolationLearner or AutoencoderLearner
        It scores rows.

    Raises
    ------
    ValueError
        If `learner_params` do not fit the algorithm.
    """
    of_learner = params["learner_params"] or {}
    if params["algorithm"] == AutoencoderLearner.kind:
        return fit_autoencoder(X, of_learner, random_state)
    if of_learner:
        raise ValueError(
            "The 'learner_params' parameter must be None for algorithm='isolation', whose "
            f"parameters are those of the detector. Got {shown(dict(of_learner))} instead."
        )
    return grow_forest(
        X,
        n_estimators=params["n_estimators"],
        max_samples=rows_of_a_tree(params["max_samples"], len(X)),
        max_features=columns_of_a_tree(params["max_features"], X.shape[1]),
        bootstrap=params["bootstrap"],
        random_state=random_state,
    )
