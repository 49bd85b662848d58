"""What is happening in a home: five patterns, or none, from the events of a minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sklearn.pipeline import Pipeline

from novin_ml.estimators.base import FamilyClassifier
from novin_ml.features.chains.features import CHAIN_FEATURES, ChainFeatures
from novin_ml.features.spec import FeatureSpec


class EventChainClassifier(FamilyClassifier):
    """Classifier of chains over the columns of `ChainFeatures`, or any numeric table.

    It has the parameters, attributes and methods of `DeliveryClassifier`, for any number of
    classes. Unless ``learner_params`` says otherwise, its trees have up to 48 leaves, grown where
    the loss falls most, at a learning rate of 0.12, and its perceptron has hidden layers of 256 and
    128 units and a weight decay ``alpha`` of 0.1.

    Parameters
    ----------
    algorithm : {"boosting", "mlp", "blend"}, default="boosting"
        "boosting" is xgboost's histogram method; "mlp" a multi-layer perceptron behind a median
        imputer and a standard scaler; "blend" mixes the probabilities of both.
    epochs : int, default=None
        At most this many boosting rounds, or passes over the data. None is 300 rounds, or 50
        passes.
    early_stopping : bool or "auto", default="auto"
        Hold back `validation_fraction` of the rows and stop when their log loss no longer falls.
        "auto" does so from 1,000 rows on.
    validation_fraction : float, default=0.1
        Share of the rows (of the groups, when `groups` is given to `fit`) that is held back.
    calibrate : bool, default=True
        Calibrate the probabilities on the held-back rows, if there are some: by Platt's two numbers
        for two classes, if there are ten rows of each, by one temperature for more. The exported
        model has it in its leaves, or its last layer; ``fit_report_.calibration`` says what it did.
    class_weight : dict, "balanced" or None, default=None
        Weights of the classes, as in scikit-learn.
    max_bytes : int or None, default=5_000_000
        Training stops before the exported model would be larger; ``size_report_`` says what that
        cost.
    learner_params : dict, default=None
        Further parameters of the learner, as for `DeliveryClassifier`.
    n_jobs : int, default=None
        Threads for training; None is one, so that the model does not depend on the machine: xgboost
        adds up several classes otherwise with other threads. -1 is all processors.
    random_state : int, RandomState or None, default=None
        Seeds the held-back split and the network's weights and batches.
    verbose : int or bool, default=0
        Show a progress bar on standard error.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    learner_ : BoostingLearner, NetworkLearner or BlendLearner
        The trained model.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, when `X` had string names.
    feature_specs_ : tuple of FeatureSpec
        Name, unit, range and meaning of each feature.
    n_iter_ : int
        Rounds or epochs that were run.
    fit_report_ : FitReport
        Epochs run and kept, and the held-back log loss after each.
    size_report_ : SizeReport
        The size budget, the bytes of the model and what the budget cost.

    See Also
    --------
    make_chain_pipeline : The same from chains.
    ChainStream : The answer after each event of a home.
    novin_ml.export_coreml : Write the fitted estimator as a certified Core ML model.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import EventChainClassifier
    >>> from novin_ml.features import CHAIN_FEATURES
    >>> rng = np.random.default_rng(0)
    >>> X = rng.integers(0, 5, (200, len(CHAIN_FEATURES))).astype(np.float32)
    >>> y = np.where(X[:, 4] > 2, "forced_entry", "no_pattern")
    >>> model = EventChainClassifier(epochs=5, random_state=0).fit(X, y)
    >>> model.predict_proba(X).shape
    (200, 2)
    """

    family_specs: ClassVar[tuple[FeatureSpec, ...]] = CHAIN_FEATURES
    family_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # Trees that grow where the loss falls most: more accuracy in each byte than full levels.
        "boosting": {
            "grow_policy": "lossguide",
            "learning_rate": 0.12,
            "max_depth": 12,
            "max_leaves": 48,
        },
        # Weight decay: most columns are missing most of the time, and medians stand in for them.
        "mlp": {"hidden_layer_sizes": (256, 128), "learning_rate_init": 5e-4, "alpha": 0.1},
    }


def make_chain_pipeline(**params: Any) -> Pipeline:
    """Return a pipeline from chains of events to patterns.

    Parameters
    ----------
    **params
        Parameters of `EventChainClassifier`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"classifier"``. It takes `novin_ml.events.Chains`. Train on what
        `novin_ml.events.training_events` returns: a chain without consent is refused.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.estimators import make_chain_pipeline
    >>> from novin_ml.events import chains_from_events
    >>> events = pd.DataFrame({
    ...     "home_id": "a",
    ...     "timestamp": [0.0, 5.0, 100.0, 103.0, 104.0],
    ...     "kind": ["doorbell", "motion", "door", "window", "door"],
    ...     "zone": ["front_door", "front_door", "garage", "kitchen", "back_door"],
    ...     "consent": True,
    ...     "label": ["package_delivery"] * 2 + ["forced_entry"] * 3,
    ... })
    >>> chains = chains_from_events(events)
    >>> model = make_chain_pipeline(epochs=2, random_state=0).fit(chains, chains["label"])
    >>> model.predict_proba(chains).shape
    (2, 2)
    """
    # Names travel with the features, so that the exported model's inputs have them.
    features = ChainFeatures().set_output(transform="pandas")
    return Pipeline([("features", features), ("classifier", EventChainClassifier(**params))])
