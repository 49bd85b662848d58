"""The feature row, the label and the background rows of an explanation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import get_tags
from sklearn.utils.validation import validate_data

from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.decisions import alarm_codes
from novin_ml.estimators.words import Factor
from novin_ml.evaluation.explanation._attribution import draw_background
from novin_ml.features.context import has_context
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import must_be_numbers, shown


def feature_row(estimator: Any, model: Any, row: Any) -> np.ndarray:
    """Return the feature row that the model sees, shape (1, n_features), float32."""
    if isinstance(row, pd.Series):
        row = row.to_frame().T
    if isinstance(estimator, Pipeline):
        features = estimator[0]
        # Without context, an event would seem to have no doorbell before it.
        if hasattr(features, "silence") and isinstance(row, pd.DataFrame) and not has_context(row):
            raise ValueError(
                "The 'row' parameter must be an event with its context. Got one without. Call "
                "attach_context on all events of the home, and pass one row of what it returns."
            )
        row = estimator[:-1].transform(row)
    elif np.ndim(row) == 1:
        row = np.asarray(row)[np.newaxis]
    finite = "allow-nan" if get_tags(model).input_tags.allow_nan else True
    with must_be_numbers("row"):
        X = validate_data(
            model, row, reset=False, dtype=np.float32, order="C", ensure_all_finite=finite
        )
    if len(X) != 1:
        raise ValueError(
            f"The 'row' parameter must be one row. Got {len(X)}. Explain them one by one."
        )
    return X


def specs_of(estimator: Any, model: Any) -> tuple[FeatureSpec, ...]:
    """Return the specs of the features, with the limits of the pipeline's own transformer."""
    specs = model.feature_specs_
    if isinstance(estimator, Pipeline) and hasattr(estimator[0], "feature_specs"):
        own = {spec.name: spec for spec in estimator[0].feature_specs}
        specs = tuple(own.get(spec.name, spec) for spec in specs)
    return specs


def label_code(model: FamilyClassifier, X: np.ndarray, label: Any) -> int:
    """Return the position of the label to explain: the given one, the alarm, or the likeliest."""
    labels = model.classes_.tolist()
    if label is None:
        probabilities = model.learner_.predict_proba(X)
        alarm = int(alarm_codes(probabilities, model.decisions_.threshold_row(labels))[0])
        return alarm if alarm >= 0 else int(probabilities[0].argmax())
    if label not in labels:
        raise ValueError(
            f"The 'label' parameter must be one of {labels}. Got {shown(label)} instead. "
            "Pass one of these, or None."
        )
    return labels.index(label)


def background_rows(
    model: FamilyClassifier,
    factors: tuple[Factor, ...],
    background: Any,
    n_samples: int,
    rng: np.random.RandomState,
) -> np.ndarray:
    """Return the background rows, drawn from the given rows or from the summary."""
    if background is None:
        circles = [
            (factor.columns[0], factor.columns[1])
            for factor in factors
            if factor.name in ("hour", "weekday") and len(factor.columns) == 2
        ]
        return draw_background(model.feature_summary_, circles, int(n_samples), rng)
    rows = validate_data(
        model, background, reset=False, dtype=np.float32, order="C", ensure_all_finite="allow-nan"
    )
    return rows[rng.randint(len(rows), size=int(n_samples))]
