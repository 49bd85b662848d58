"""What is moving: six activities from the intensity signal of a motion sensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sklearn.pipeline import Pipeline

from novin_ml.estimators.base import FamilyClassifier
from novin_ml.features.motion.features import MOTION_FEATURES, MotionFeatures
from novin_ml.features.spec import FeatureSpec


class MotionClassifier(FamilyClassifier):
    """Activity classifier over the columns of `MotionFeatures`, or any numeric table.

    It has the parameters, attributes and methods of `DeliveryClassifier`, for any number of
    classes. Unless ``learner_params`` says otherwise, its trees have up to 24 leaves, grown where
    the loss falls most, at a learning rate of 0.3, and its perceptron has three hidden layers of
    256 units.

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
    make_motion_pipeline : The same from events or signals.
    novin_ml.export_coreml : Write the fitted estimator as a certified Core ML model.

    Examples
    --------
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.events import training_events
    >>> from novin_ml.simulation import simulate_motions
    >>> from novin_ml.features import MotionFeatures
    >>> events, n_without_consent = training_events(simulate_motions(500, random_state=0))
    >>> X = MotionFeatures().set_output(transform="pandas").fit_transform(events)
    >>> model = MotionClassifier(epochs=10, random_state=0).fit(X, events["label"])
    >>> model.predict_proba(X).shape == (len(events), 6)
    True
    """

    family_specs: ClassVar[tuple[FeatureSpec, ...]] = MOTION_FEATURES
    family_defaults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        # Trees that grow where the loss falls most: more accuracy in each byte than full levels.
        "boosting": {
            "grow_policy": "lossguide",
            "learning_rate": 0.3,
            "max_depth": 8,
            "max_leaves": 24,
        },
        "mlp": {"hidden_layer_sizes": (256, 256, 256)},
    }


def make_motion_pipeline(**params: Any) -> Pipeline:
    """Return a pipeline from motion events, or signals, to activities.

    Parameters
    ----------
    **params
        Parameters of `MotionClassifier`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"classifier"``. It takes all that `MotionFeatures` takes.
        Train on what `novin_ml.events.training_events` returns: an event without consent is
        refused.

    Examples
    --------
    >>> from novin_ml.estimators import make_motion_pipeline
    >>> from novin_ml.events import training_events
    >>> from novin_ml.simulation import simulate_motions
    >>> events, n_without_consent = training_events(simulate_motions(500, random_state=0))
    >>> model = make_motion_pipeline(epochs=10, random_state=0)
    >>> model = model.fit(events, events["label"], classifier__groups=events["home_id"])
    >>> model.predict(events[:3]).shape
    (3,)
    """
    # Names travel with the features, so that the exported model's inputs have them.
    features = MotionFeatures().set_output(transform="pandas")
    return Pipeline([("features", features), ("classifier", MotionClassifier(**params))])
