"""A classifier of what moves: six activities from the signal of a motion sensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sklearn.pipeline import Pipeline

from novin_ml.docstrings import substitute
from novin_ml.estimators._classifier_docs import SECTIONS
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.features.motion.features import MOTION_FEATURES, MotionFeatures
from novin_ml.features.spec import FeatureSpec


@substitute(sections=SECTIONS)
class MotionClassifier(FamilyClassifier):
    """Activity classifier, on the columns of `MotionFeatures` or any numeric table.

    By default, its trees have up to 24 leaves, grown where the loss falls most, and a learning rate
    of 0.3. Its perceptron has three hidden layers of 256 units. ``learner_params`` changes these.

    {sections}

    See Also
    --------
    make_motion_pipeline : Pipeline from events or signals to activities.
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
        # Trees that grow where the loss falls most give more accuracy per byte than full levels.
        "boosting": {
            "grow_policy": "lossguide",
            "learning_rate": 0.3,
            "max_depth": 8,
            "max_leaves": 24,
        },
        "mlp": {"hidden_layer_sizes": (256, 256, 256)},
    }


def make_motion_pipeline(channels: Any = None, **params: Any) -> Pipeline:
    """Return a pipeline from motion events, or signals, to activities.

    Parameters
    ----------
    channels : sequence of str, or dict of str to sequence of str, default=None
        As of `MotionFeatures`: None for intensity signals, else the names of the channels.
    **params
        Parameters of `MotionClassifier`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"classifier"``. It takes the same input as `MotionFeatures`.
        Train on the result of `novin_ml.events.training_events`: an event without consent is
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
    return feature_pipeline(MotionFeatures(channels), classifier=MotionClassifier(**params))
