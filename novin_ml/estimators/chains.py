"""A classifier of the events of a minute: one of five patterns, or none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.docstrings import substitute
from novin_ml.estimators._classifier_docs import SECTIONS
from novin_ml.estimators._method_docs import THE_SAME
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.smoothing import MarkovSmoothing
from novin_ml.features.chains.features import CHAIN_FEATURES, ChainFeatures
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import shown


@substitute(sections=SECTIONS)
class EventChainClassifier(FamilyClassifier):
    """Classifier of chains, on the columns of `ChainFeatures` or any numeric table.

    By default, its trees have up to 48 leaves, grown where the loss falls most, and a learning rate
    of 0.12. Its perceptron has hidden layers of 256 and 128 units and a weight decay ``alpha`` of
    0.1. ``learner_params`` changes these.

    {sections}

    See Also
    --------
    make_chain_pipeline : Pipeline from chains to patterns.
    ChainStream : Answers after each event of a home.
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
        # Trees that grow where the loss falls most give more accuracy per byte than full levels.
        "boosting": {
            "grow_policy": "lossguide",
            "learning_rate": 0.12,
            "max_depth": 12,
            "max_leaves": 48,
        },
        # Weight decay helps, because most columns are missing most of the time and become medians.
        "mlp": {"hidden_layer_sizes": (256, 128), "learning_rate_init": 5e-4, "alpha": 0.1},
    }

    @substitute(the_same=THE_SAME)
    def set_smoothing(self, smoothing: MarkovSmoothing | None) -> Self:
        """Set how a stream takes its earlier answers into account, without refitting.

        `ChainStream` smooths by it, and the Swift package does; `predict_proba` does not. It is
        saved and exported with the model; `fit` removes it.

        Parameters
        ----------
        smoothing : MarkovSmoothing or None
            Fitted on the model's labels; None removes it.

        Returns
        -------
        {the_same}

        Raises
        ------
        ValueError
            If it is of other labels.
        TypeError
            If it is no smoothing.
        """
        check_is_fitted(self)
        if smoothing is not None:
            if not isinstance(smoothing, MarkovSmoothing):
                raise TypeError(
                    "The 'smoothing' parameter must be a fitted MarkovSmoothing, or None. "
                    f"Got {shown(smoothing)}. Fit one on the labels of successive chains."
                )
            smoothing.refuse_others(self.classes_)
        self.decisions_ = replace(self.decisions_, smoothing=smoothing)
        return self


def make_chain_pipeline(**params: Any) -> Pipeline:
    """Return a pipeline from chains of events to patterns.

    Parameters
    ----------
    **params
        Parameters of `EventChainClassifier`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"classifier"``. It takes `novin_ml.events.Chains`. Train on the
        result of `novin_ml.events.training_events`: a chain without consent is refused.

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
    return feature_pipeline(ChainFeatures(), classifier=EventChainClassifier(**params))
