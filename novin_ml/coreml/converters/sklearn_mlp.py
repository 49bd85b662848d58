"""Parse the MLPClassifier of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from novin_ml.coreml.answers import ClassAnswers
from novin_ml.coreml.converters._registry import register_parser
from novin_ml.coreml.input_names import input_specs
from novin_ml.coreml.subject import (
    Subject,
    given_labels,
    own_answers,
    own_columns,
)
from novin_ml.estimators.learners import NetworkLearner
from novin_ml.exceptions import NotExportableError


@register_parser(
    "sklearn.MLPClassifier",
    form="network with a softmax; updatable",
    tolerance="1e-5",
    refused="several labels of one row: one model for each",
)
def parse_mlp_classifier(
    model: Any, feature_names: list[str] | None, class_labels: list[Any] | None
) -> Subject:
    """Parse a fitted MLPClassifier. It has no imputer, so missing values are refused."""
    check_is_fitted(model)
    n_classes = len(model.classes_)
    if n_classes < 2:
        raise NotExportableError(
            "An MLPClassifier must have two classes or more. Got one. Train with more classes."
        )
    if (model.out_activation_ == "logistic") != (n_classes == 2) or model.n_outputs_ != (
        1 if n_classes == 2 else n_classes
    ):
        raise NotExportableError(
            "An MLPClassifier must choose one of its classes. Got a multilabel model. "
            "Train one model for each label."
        )
    n_features = model.n_features_in_
    columns = own_columns(model)
    zeros, ones = np.zeros(n_features, np.float32), np.ones(n_features, np.float32)
    learner = NetworkLearner(
        medians=zeros,
        mean=zeros,
        scale=ones,
        weights=[np.asarray(weight, dtype=np.float32) for weight in model.coefs_],
        biases=[np.asarray(bias, dtype=np.float32) for bias in model.intercepts_],
        activation=model.activation,
        n_features=n_features,
        n_classes=n_classes,
    )
    return Subject(
        learner=learner,
        answers=ClassAnswers(given_labels(class_labels, model.classes_)),
        specs=input_specs(feature_names, columns),
        columns=columns,
        allows_missing=False,
        info={"estimator": "MLPClassifier", "algorithm": "mlp"},
        own_answer=own_answers(model, model.predict_proba, model.coefs_[0].dtype),
    )
