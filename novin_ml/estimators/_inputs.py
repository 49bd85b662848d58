"""Checks of the rows to answer, and of the arguments of `fit` other than the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from novin_ml.events.fields import EVENT_FIELDS


def rows_to_answer(
    estimator: Any, X: Any, *, allow_nan: bool, warn_without_names: bool = True
) -> np.ndarray:
    """Return checked rows for a fitted estimator, float32 in C order.

    scikit-learn's validation takes longer than the answer to one row. Rows that it would return
    unchanged are recognised by cheaper tests; all others go through it, and it words the errors.

    Parameters
    ----------
    estimator : object
        Has `__sklearn_is_fitted__` and, once fitted, `n_features_in_`.
    X : array-like of shape (n_samples, n_features)
    allow_nan : bool
        Whether NaN is a missing value. If False, NaN is refused, as infinity always is.
    warn_without_names : bool, default=True
        Whether to warn about an array if the estimator was fitted with feature names.
    """
    if not estimator.__sklearn_is_fitted__():
        check_is_fitted(estimator)
    names = getattr(estimator, "feature_names_in_", None)
    rows = X
    if type(X) is pd.DataFrame and names is not None:
        float32 = all(dtype == np.float32 for dtype in X.dtypes)
        if float32 and X.columns.tolist() == names.tolist():
            rows, names = np.ascontiguousarray(X.to_numpy()), None
    if (
        type(rows) is np.ndarray
        and (names is None or not warn_without_names)
        and rows.dtype == np.float32
        and rows.flags.c_contiguous
        and rows.ndim == 2
        and rows.shape[1] == estimator.n_features_in_
        and len(rows) > 0
        and not (np.isinf(rows).any() if allow_nan else not np.isfinite(rows).all())
    ):
        return rows
    require_distinct_columns(X)
    return validate_data(
        estimator,
        X,
        reset=False,
        dtype=np.float32,
        order="C",
        ensure_all_finite="allow-nan" if allow_nan else True,
    )


def require_rows(X: Any) -> None:
    """Raise ValueError if there is no row to train on, which says where they usually went."""
    if getattr(X, "shape", (1,))[:1] == (0,) or (isinstance(X, list) and not X):
        raise ValueError(
            "The rows to train on must be some. Got none. If they are of events, see whether any "
            "has a label and consent: novin_ml.lifecycle.train says which is missing."
        )


def require_distinct_columns(X: Any) -> None:
    """Raise ValueError if a table has two columns of one name: nobody can tell them apart."""
    columns = list(getattr(X, "columns", ()))
    if len(set(columns)) < len(columns):
        twice = next(column for column in columns if columns.count(column) > 1)
        raise ValueError(
            "The 'X' parameter must have columns whose names differ from each other. "
            f"Got {columns.count(twice)} columns {twice!r}. Rename or drop one."
        )


def classes_and_codes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes and the class of each row, counted from 0."""
    absent = int(pd.isna(y).sum())
    if absent:
        raise ValueError(
            f"Every row must have a label. Got {absent} missing of {len(y)}. Drop these rows."
        )
    check_classification_targets(y)
    classes, codes = np.unique(column_or_1d(y), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(
            f"The labels must have at least two classes. Got one class, {classes.tolist()[0]!r}. "
            "Add rows of another class."
        )
    return classes, codes


def checked_groups(X: np.ndarray, groups: Any) -> np.ndarray | None:
    """Return the group of each row, counted from 0."""
    if groups is None:
        return None
    groups = column_or_1d(groups)
    check_consistent_length(X, groups)
    codes, _ = pd.factorize(groups)
    absent = int((codes < 0).sum())
    if absent:
        raise ValueError(
            "The 'groups' parameter must have a group for every row. "
            f"Got {absent} missing. Fill them in or drop these rows."
        )
    return codes


def row_weights(
    X: np.ndarray,
    classes: np.ndarray,
    codes: np.ndarray,
    sample_weight: Any,
    class_weight: Any,
) -> np.ndarray | None:
    """Return the weight of each row, float32, or None if all rows weigh the same."""
    if sample_weight is None and class_weight is None:
        return None
    weight = _check_sample_weight(sample_weight, X, dtype=np.float32, ensure_non_negative=True)
    if class_weight is not None:
        weight = weight * _class_weights(classes, codes, class_weight)[codes]
    if not weight.any():
        raise ValueError(
            "A row at least must have a positive weight, sample_weight times class_weight. "
            "Got only zeros."
        )
    return weight


def _class_weights(classes: np.ndarray, codes: np.ndarray, class_weight: Any) -> np.ndarray:
    # Look up by code: scikit-learn confuses the text "0" in a dict with the number.
    if isinstance(class_weight, dict):
        labels = classes.tolist()
        unknown = [label for label in class_weight if label not in labels]
        if unknown:
            raise ValueError(
                f"The 'class_weight' parameter must have labels that occur, {labels}, as keys. "
                f"Got {unknown[0]!r}. Correct or remove it."
            )
        class_weight = {
            code: class_weight[label] for code, label in enumerate(labels) if label in class_weight
        }
    weights = compute_class_weight(class_weight, classes=np.arange(len(classes)), y=codes)
    return weights.astype(np.float32)


_TIME = next(field for field in EVENT_FIELDS if field.name == "timestamp")


def checked_timestamps(X: np.ndarray, timestamps: Any) -> np.ndarray:
    given = column_or_1d(timestamps)
    check_consistent_length(X, given)
    if given.dtype.kind not in "fiu":
        raise ValueError(
            f"The 'timestamps' parameter must be numbers, seconds since 1970. Got {given.dtype}. "
            "Read events with novin_ml.events.read_events, or convert them."
        )
    times = np.ascontiguousarray(given, dtype=np.float64)
    wrong = ~((times >= _TIME.low) & (times <= _TIME.high))
    if wrong.any():
        raise ValueError(
            "The 'timestamps' parameter must be seconds since 1970, up to the year 2200. "
            f"Got {times[wrong][0]!r}. Convert milliseconds, or drop these rows."
        )
    return times
