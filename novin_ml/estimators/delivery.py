"""A classifier of motion events: a package delivery or not."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.pipeline import Pipeline

from novin_ml.docstrings import substitute
from novin_ml.estimators._classifier_docs import SECTIONS
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.estimators.base import FamilyClassifier
from novin_ml.features.delivery.features import DELIVERY_FEATURES, DeliveryFeatures
from novin_ml.features.spec import FeatureSpec


@substitute(sections=SECTIONS)
class DeliveryClassifier(FamilyClassifier):
    """Package-delivery classifier, on the columns of `DeliveryFeatures` or any numeric table.

    {sections}

    See Also
    --------
    make_delivery_pipeline : Pipeline from events to delivery or not.
    novin_ml.export_coreml : Write the fitted estimator as a certified Core ML model.

    References
    ----------
    Chen and Guestrin, "XGBoost: A Scalable Tree Boosting System", KDD 2016.

    Examples
    --------
    >>> from novin_ml import DeliveryClassifier
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import DeliveryFeatures, training_rows
    >>> rows, n_without_consent = training_rows(simulate_deliveries(500, random_state=0))
    >>> X = DeliveryFeatures().set_output(transform="pandas").fit_transform(rows)
    >>> model = DeliveryClassifier(random_state=0).fit(X, rows["label"])
    >>> model.predict_proba(X).shape == (len(rows), 2)
    True
    """

    family_specs: ClassVar[tuple[FeatureSpec, ...]] = DELIVERY_FEATURES


def make_delivery_pipeline(**params: Any) -> Pipeline:
    """Return a pipeline from events to delivery or not.

    Parameters
    ----------
    **params
        Parameters of `DeliveryClassifier`.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Steps ``"features"`` and ``"classifier"``. It takes the event table of
        `novin_ml.events.read_events`. Train on the result of `novin_ml.features.training_rows`: an
        event without consent is refused, and its rows can be split freely.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, n_without_consent = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(random_state=0)
    >>> model = model.fit(rows, rows["label"], classifier__groups=rows["home_id"])
    >>> model.predict(rows[:3]).shape
    (3,)
    """
    return feature_pipeline(DeliveryFeatures(), classifier=DeliveryClassifier(**params))
