"""Labelled rows, scored by a classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.base import FamilyClassifier
from novin_ml.estimators.families import find_family
from novin_ml.estimators.steps import last_step
from novin_ml.evaluation._labels import check_lengths, label_texts
from novin_ml.evaluation._row_checks import check_columns, check_homes, check_known, times_of
from novin_ml.evaluation.training_data import warn_of_training_data
from novin_ml.events.consent import has_consent
from novin_ml.events.tables.check import checked_rows
from novin_ml.features.attached import context_for
from novin_ml.features.context import has_context
from novin_ml.plain import shown


@dataclass(frozen=True)
class ScoredRows:
    """Labelled rows of homes, with the probabilities of a classifier.

    Attributes
    ----------
    probabilities : ndarray of shape (n_rows, n_classes), float32
    classes, truth : ndarray of shape (n_classes,) and (n_rows,), str
        The classifier's labels, and the right one of each row.
    homes, times : ndarray of shape (n_rows,)
        Home and seconds since 1970 of each row.
    n_without_consent : int
        Labelled rows that were left out.
    """

    probabilities: np.ndarray
    classes: np.ndarray
    truth: np.ndarray
    homes: np.ndarray
    times: np.ndarray
    n_without_consent: int


def classifier_of(estimator: Any) -> FamilyClassifier:
    """Return the novin_ml classifier: the estimator itself, or the last step of a pipeline."""
    last = last_step(estimator)
    family = find_family(last)
    if family is None or family.is_detector:
        raise ValueError(
            "The 'estimator' parameter must be a fitted classifier of novin_ml, or a pipeline that "
            f"ends with one. Got a {type(last).__name__}. Use scikit-learn's threshold classifiers "
            "for others."
        )
    check_is_fitted(last)
    return last


def scored_rows(
    estimator: Any,
    rows: Any,
    truth: str,
    features: Any,
    only_consenting: bool,
    *,
    warns: bool = True,
) -> ScoredRows:
    """Score the labelled rows of a table.

    Parameters
    ----------
    estimator : Pipeline or FamilyClassifier
        Takes rows, or `features`.
    rows : DataFrame or Chains
        Events or chains. Context is attached to events that have none.
    truth : str
        The column of the right labels; rows without a label only serve as context.
    features : array-like of shape (n_rows, n_features) or None
        Features of all rows, if the estimator takes these.
    only_consenting : bool
        Leave out rows without consent, also from the context of others.
    warns : bool, default=True
        Warn of the caller's caller if rows or homes are of the estimator's training.
    """
    check_columns(rows, ("home_id", "timestamp") if isinstance(rows, pd.DataFrame) else ())
    if truth not in rows.columns:
        raise ValueError(
            f"The rows must have a column {shown(truth)} of labels. "
            f"Got {list(map(str, rows.columns))}. "
            "Add it, or name the column of the labels with 'truth'."
        )
    rows = checked_rows(rows, "The model", need=("home_id", "timestamp"))
    labelled = rows[truth].notna().to_numpy(dtype=bool)
    kept = has_consent(rows) if only_consenting else np.ones(len(labelled), dtype=bool)
    n_without_consent = int(np.count_nonzero(labelled & ~kept))
    if features is not None:
        features = features if isinstance(features, pd.DataFrame) else np.asarray(features)
        check_lengths(rows=labelled, features=features)
        features = features[labelled & kept]
    elif isinstance(rows, pd.DataFrame) and not has_context(rows):
        rows, labelled = context_for(rows[kept], estimator), labelled[kept]
        kept = np.ones(len(labelled), dtype=bool)
    rows = rows[labelled & kept]
    if not len(rows):
        raise ValueError(
            f"At least one row must have a label{' and consent' * only_consenting}. Got none"
            f"{f', and {n_without_consent} without consent' * bool(n_without_consent)}. "
            "Label some rows."
        )
    check_homes(rows["home_id"])
    classes, labels = label_texts(estimator.classes_), label_texts(rows[truth])
    check_known(labels, classes)
    if warns:
        warn_of_training_data(estimator, rows, features=features)
    return ScoredRows(
        probabilities=estimator.predict_proba(rows if features is None else features),
        classes=classes,
        truth=labels,
        homes=label_texts(rows["home_id"]),
        times=times_of(rows),
        n_without_consent=n_without_consent,
    )
